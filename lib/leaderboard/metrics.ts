/**
 * The figures by which methods are compared, and an estimate of one over seeds.
 */

/** Macro means over classes, and the run's own estimation shift. */
export const metricNames = ["accuracy", "sensitivity", "specificity", "fScore", "esm"] as const;

export type MetricName = (typeof metricNames)[number];

/** Which direction is better. */
export const betterDirection: Record<MetricName, "higher" | "lower"> = {
  accuracy: "higher",
  sensitivity: "higher",
  specificity: "higher",
  fScore: "higher",
  esm: "lower",
};

/** A mean over seeds with its 95 % t-interval; deviation (n − 1) and interval are null for one seed. */
export interface Estimate {
  mean: number;
  deviation: number | null;
  low: number | null;
  high: number | null;
}
