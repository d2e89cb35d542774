/** The metric columns: one per metric in tables of scores, four per metric in board rows. */
import type { Estimate } from "@/lib/leaderboard";
import type { ByMetric, MetricName } from "@/lib/records";
import { byMetric, metricNames } from "@/lib/records";
import type { BoardRow } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";

/** The columns of a board row for each metric, by their Prisma names. */
export type EstimateColumns = Pick<BoardRow, `${MetricName}${"Mean" | "Deviation" | "Low" | "High"}`>;

/** A row's columns from its estimates. */
export const estimateColumns = (estimates: ByMetric<Estimate>): EstimateColumns =>
  Object.fromEntries(
    metricNames.flatMap((metric) => {
      const estimate = estimates[metric];
      return [
        [`${metric}Mean`, estimate?.mean ?? null],
        [`${metric}Deviation`, estimate?.deviation ?? null],
        [`${metric}Low`, estimate?.low ?? null],
        [`${metric}High`, estimate?.high ?? null],
      ];
    }),
  ) as EstimateColumns;

/** The estimates in a row's columns; null if its mean is null. */
export const estimates = (row: EstimateColumns): ByMetric<Estimate> =>
  byMetric(metricNames, (metric) => {
    const mean: number | null = row[`${metric}Mean`];
    if (mean === null) return null;
    return {
      mean,
      deviation: row[`${metric}Deviation`],
      low: row[`${metric}Low`],
      high: row[`${metric}High`],
    };
  });

/** A metric's column in the database: `fScore` is `f_score`. */
export const columnOf = (metric: MetricName): string =>
  metric.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Selects the metrics of a table `score`, named as in TypeScript. */
export const scoreColumns = Prisma.raw(
  metricNames.map((metric) => `score.${columnOf(metric)} AS "${metric}"`).join(", "),
);

/** Selects the averages of the metrics over a group of rows of `score`. */
export const averageScoreColumns = Prisma.raw(
  metricNames.map((metric) => `avg(score.${columnOf(metric)}) AS "${metric}"`).join(", "),
);
