/**
 * A method's row on a board: each metric over seeds. The seed is the unit of replication, so runs of one seed count
 * once, by their mean: publishing a run twice doesn't narrow the interval.
 */
import { crossedMean, meanInterval } from "@/lib/evaluation";
import type { ByMetric } from "@/lib/records";
import { byMetric, metricNames } from "@/lib/records";

/**
 * A mean over seeds with its 95 % interval; deviation (n − 1) and interval are null for one seed. The interval of the
 * accuracy is for other seeds and other test images, if it is known which images were answered right; that of another
 * metric is for other seeds only.
 */
export interface Estimate {
  mean: number;
  deviation: number | null;
  low: number | null;
  high: number | null;
}

/** The mean scores of the runs of one seed. */
export type SeedMeans = ByMetric<number>;

/**
 * Each metric's mean over the seeds that have it, with its 95 % interval; null if none has.
 * @param seeds one entry per distinct seed, at least one
 * @param images share of the runs on which each test image is answered right; null if that isn't known
 */
export function estimateOverSeeds(seeds: readonly SeedMeans[], images: Float64Array | null = null): ByMetric<Estimate> {
  return byMetric(metricNames, (metric) => {
    const values = seeds.map((seed) => seed[metric]).filter((value) => value !== null);
    if (values.length === 0) return null;
    const { mean, deviation, interval } =
      metric === "accuracy" ? crossedMean({ seeds: Float64Array.from(values), images }) : meanInterval(values);
    return { mean, deviation, low: interval?.low ?? null, high: interval?.high ?? null };
  });
}
