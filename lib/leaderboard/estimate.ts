/**
 * A method's row on a board: each metric over seeds. The seed is the unit of replication, so runs of one seed count
 * once, by their mean: publishing a run twice doesn't narrow the interval.
 */
import { meanInterval } from "@/lib/evaluation";
import type { ByMetric } from "@/lib/records";
import { byMetric, metricNames } from "@/lib/records";

/** A mean over seeds with its 95 % t-interval; deviation (n − 1) and interval are null for one seed. */
export interface Estimate {
  mean: number;
  deviation: number | null;
  low: number | null;
  high: number | null;
}

/** The mean scores of the runs of one seed. */
export type SeedMeans = ByMetric<number>;

/**
 * Each metric's mean over the seeds that have it, with its 95 % t-interval; null if none has.
 * @param seeds one entry per distinct seed, at least one
 */
export function estimateOverSeeds(seeds: readonly SeedMeans[]): ByMetric<Estimate> {
  return byMetric(metricNames, (metric) => {
    const values = seeds.map((seed) => seed[metric]).filter((value) => value !== null);
    if (values.length === 0) return null;
    const { mean, deviation, interval } = meanInterval(values);
    return { mean, deviation, low: interval?.low ?? null, high: interval?.high ?? null };
  });
}
