/** The leaderboard's rules, without I/O. */
export { benchmarks } from "./benchmarks";
export type { Benchmark } from "./benchmarks";
export { betterDirection, metricNames } from "./metrics";
export type { Estimate, MetricName } from "./metrics";
export { predictionsScored, tiers } from "./tiers";
export type { Tier } from "./tiers";
