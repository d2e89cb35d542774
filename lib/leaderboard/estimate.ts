/**
 * A method's row on a board: each metric over seeds. The seed is the unit of
 * replication, so runs of one seed count once, by their mean: publishing a run
 * twice narrows no interval.
 */
import { meanInterval } from "@/lib/evaluation";
import type { Estimate, MetricName } from "./metrics";
import { metricNames } from "./metrics";

/** What the runs of one seed scored, on average. */
export type SeedMeans = Record<MetricName, number>;

/**
 * Each metric's mean over seeds with its 95 % t-interval.
 * @param seeds one entry for each different seed, at least one
 */
export function estimateOverSeeds(seeds: readonly SeedMeans[]): Record<MetricName, Estimate> {
  const estimate = (metric: MetricName): Estimate => {
    const { mean, deviation, interval } = meanInterval(seeds.map((seed) => seed[metric]));
    return { mean, deviation, low: interval?.low ?? null, high: interval?.high ?? null };
  };
  return Object.fromEntries(metricNames.map((metric) => [metric, estimate(metric)])) as Record<MetricName, Estimate>;
}
