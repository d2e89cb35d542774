/** What a policy chooses from, and whether it reads labels. Without the schema, for code that fits policies. */
import type { MomentumPolicy, SelectPolicy, VarianceEstimator } from "./policy";

/** The estimators whose averages a selection chooses from. */
export const estimatorsOf = ({ estimators, variance }: SelectPolicy): readonly VarianceEstimator[] =>
  estimators ?? [variance];

/** Whether a policy reads the labels of the calibration split. Those of the test split none reads. */
export const usesLabels = (policy: MomentumPolicy): boolean =>
  policy.kind === "select"
    ? policy.by === "loss" || policy.by === "accuracy"
    : policy.kind === "recalibrate" && policy.correction?.by === "loss";
