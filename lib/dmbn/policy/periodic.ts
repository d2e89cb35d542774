import type { MomentumPolicy, PeriodicPolicy } from "./policy";

/**
 * Whether a policy chooses during training, by the weights of that time: it has to be followed in training, for no
 * trace of a finished run can replay it.
 */
export const isPeriodic = (policy: MomentumPolicy): policy is PeriodicPolicy =>
  policy.kind === "select" && policy.every !== null;
