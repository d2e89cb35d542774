/**
 * Batch norm for people who study its running statistics: the norm itself, the
 * trace and bank of running statistics, estimation shift, DMBN's selection,
 * batch-free norms, and the fit of momentum policies to a run. Runs on any
 * TensorFlow.js backend, in a page, a worker or Node.
 *
 * Imports only tfjs-core. Policies are passed in as data; their language is
 * ./policy, which imports zod, jsep and @noble/hashes, but no TensorFlow.js.
 *
 * β (momentum) weighs the old value everywhere; PyTorch's momentum is 1 − β.
 */

export * from "./batch-free-norm";
export * from "./batch-norm";
export * from "./drift";
export * from "./estimation-shift";
export * from "./fit";
export * from "./kernels";
export * from "./periodic";
export type { LayerMomentum } from "./policy/layer-momentum";
export * from "./running-statistics";
export * from "./selection";
export * from "./sequential-network";
export * from "./trace";
