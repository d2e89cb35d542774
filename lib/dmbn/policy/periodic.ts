import type { MomentumPolicy, PeriodicPolicy } from "./policy";

/** Whether a policy chooses during training: it reads the weights of that time, so no trace can replay it. */
export const isPeriodic = (policy: MomentumPolicy): policy is PeriodicPolicy =>
  policy.kind === "select" && policy.every !== null;
