import type { MomentumPolicy, PeriodicPolicy } from "./policy";

/** Whether a policy chooses during training: it reads the weights, so it can't be replayed from a trace. */
export const isPeriodic = (policy: MomentumPolicy): policy is PeriodicPolicy =>
  policy.kind === "select" && policy.every !== null;
