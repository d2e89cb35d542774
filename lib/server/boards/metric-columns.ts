/** The columns of the metrics: one for each in tables of scores, four for each on a board. */
import type { Estimate, MetricName } from "@/lib/leaderboard";
import { metricNames } from "@/lib/leaderboard";
import { Prisma } from "@/prisma/generated/client";

/** What a board row holds of each metric, as Prisma names its columns. */
export type EstimateColumns = Record<`${MetricName}Mean`, number> &
  Record<`${MetricName}${"Deviation" | "Low" | "High"}`, number | null>;

/** A row's columns from its estimates. */
export const estimateColumns = (estimates: Record<MetricName, Estimate>): EstimateColumns =>
  Object.fromEntries(
    metricNames.flatMap((metric) => {
      const { mean, deviation, low, high } = estimates[metric];
      return [
        [`${metric}Mean`, mean],
        [`${metric}Deviation`, deviation],
        [`${metric}Low`, low],
        [`${metric}High`, high],
      ];
    }),
  ) as EstimateColumns;

/** The estimates in a row's columns. */
export const estimates = (row: EstimateColumns): Record<MetricName, Estimate> =>
  Object.fromEntries(
    metricNames.map((metric): [MetricName, Estimate] => [
      metric,
      {
        mean: row[`${metric}Mean`],
        deviation: row[`${metric}Deviation`],
        low: row[`${metric}Low`],
        high: row[`${metric}High`],
      },
    ]),
  ) as Record<MetricName, Estimate>;

/** A metric's column in the database: `fScore` is `f_score`. */
export const columnOf = (metric: MetricName): string =>
  metric.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The metrics of one score for each row of `score`, named as in TypeScript. */
export const scoreColumns = Prisma.raw(
  metricNames.map((metric) => `score.${columnOf(metric)} AS "${metric}"`).join(", "),
);

/** Their averages over a group of rows of `score`. */
export const averageScoreColumns = Prisma.raw(
  metricNames.map((metric) => `avg(score.${columnOf(metric)}) AS "${metric}"`).join(", "),
);
