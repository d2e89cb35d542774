/** The leaderboard's rules, without I/O. */
export { benchmarks } from "./benchmarks";
export type { Benchmark } from "./benchmarks";
export { estimateOverSeeds } from "./estimate";
export type { SeedMeans } from "./estimate";
export { judge, metricTolerance } from "./judge";
export type { Facts, JudgedScore, Judgement } from "./judge";
export { betterDirection, metricNames } from "./metrics";
export type { Estimate, MetricName } from "./metrics";
export { policyRule, policySlug, policySubmissionBytes, policySubmissionSchema } from "./policy-submission";
export type { PolicySubmission } from "./policy-submission";
export { heldOutRuns, referenceVariants, scoredAtOnce } from "./reference";
export { describe, invalid } from "./refusal";
export type { Refusal, RefusalReason } from "./refusal";
export { submissionBytes, submissionSchema } from "./submission";
export type { Submission } from "./submission";
export { predictionsScored, recomputed, tiers } from "./tiers";
export type { Tier } from "./tiers";
