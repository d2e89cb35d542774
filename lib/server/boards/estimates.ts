/** Board rows as the database keeps them, told as estimates. */
import type { Estimate, MetricName } from "@/lib/leaderboard";
import { metricNames } from "@/lib/leaderboard";
import type { BoardRow } from "@/prisma/generated/client";

type Columns = Pick<BoardRow, `${MetricName}${"Mean" | "Deviation" | "Low" | "High"}`>;

/** The columns of every metric, for a `select`. */
export const estimateColumns = Object.fromEntries(
  metricNames.flatMap((metric) =>
    [`${metric}Mean`, `${metric}Deviation`, `${metric}Low`, `${metric}High`].map((column) => [column, true]),
  ),
) as Record<keyof Columns, true>;

/** Each metric's estimate. */
export function estimates(row: Columns): Record<MetricName, Estimate> {
  const of = (metric: MetricName): Estimate => ({
    mean: row[`${metric}Mean`],
    deviation: row[`${metric}Deviation`],
    low: row[`${metric}Low`],
    high: row[`${metric}High`],
  });
  return {
    accuracy: of("accuracy"),
    sensitivity: of("sensitivity"),
    specificity: of("specificity"),
    fScore: of("fScore"),
    esm: of("esm"),
  };
}
