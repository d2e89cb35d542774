/** The metrics as columns of a table: means with intervals if the rows have them, else single figures. */
import type { Estimate } from "@/lib/leaderboard";
import { claimedMetrics } from "@/lib/leaderboard";
import type { ByMetric, MetricName } from "@/lib/records";
import { byMetric, figures, metricNames, metricsIn } from "@/lib/records";
import { MetricTip } from "../controls/tip";
import { significant } from "../text/format";
import type { Column } from "./data-table";
import { Missing } from "./data-table";
import type { IntervalScale } from "./interval";
import { IntervalMark, intervalScale, MeanAndMargin, scaleLabel } from "./interval";

export type MeasuredRow = ByMetric<Estimate>;

/** A single run's figures as estimates without an interval. */
export const measured = (run: ByMetric<number>): MeasuredRow =>
  byMetric(metricNames, (metric) => {
    const mean: number | null = run[metric];
    return mean === null ? null : { mean, deviation: null, low: null, high: null };
  });

/**
 * A column per metric that the rows have, and after accuracy one with its interval drawn; sorts by the mean.
 * @param memory the ramp's CSS class for a row's momentum, for the drawn mark
 * @param byUser whether a row is of users' runs, whose shift is a claim: the heading says so if all are, else the cell
 */
export function metricColumns<Row extends MeasuredRow>(
  rows: readonly Row[],
  memory: (row: Row) => string,
  byUser: (row: Row) => boolean = () => false,
): Column<Row>[] {
  const all = rows.length > 0 && rows.every(byUser);
  const scale = intervalScale(rows.map(({ accuracy }) => accuracy));
  return metricsIn(rows, metricNames).flatMap((metric) =>
    metric === "accuracy" && scale
      ? [metricColumn(metric, all, byUser), drawn<Row>(scale, memory)]
      : [metricColumn(metric, all, byUser)],
  );
}

/** "score, %: more is better": the heading above the columns of one kind. */
function groupOf(metric: MetricName): string {
  const { group, better } = figures[metric];
  return `${group}: ${better === "higher" ? "more" : "less"} is better`;
}

function metricColumn<Row extends MeasuredRow>(
  metric: MetricName,
  all: boolean,
  byUser: (row: Row) => boolean,
): Column<Row> {
  const { head, unit, better } = figures[metric];
  const isClaim = claimedMetrics.includes(metric);
  const estimateOf = (row: Row): Estimate | null => row[metric];
  const Figure = unit === "fraction" ? MeanAndMargin : PlainFigure;
  return {
    key: metric,
    head: isClaim && all ? `${head}, claimed` : head,
    group: groupOf(metric),
    align: "end",
    ...(better === "lower" && { first: "ascending" }),
    value: (row) => estimateOf(row)?.mean ?? null,
    cell: (row) => {
      const estimate = estimateOf(row);
      if (!estimate) return <Missing why="not measured" />;
      return (
        <>
          <Figure {...estimate} />
          {isClaim && !all && byUser(row) && <span className="margin"> claimed</span>}
        </>
      );
    },
    tip: <MetricTip metric={metric} />,
  };
}

function drawn<Row extends MeasuredRow>(scale: IntervalScale, memory: (row: Row) => string): Column<Row> {
  return {
    key: "interval",
    head: scaleLabel(scale),
    group: groupOf("accuracy"),
    cell: (row) => <IntervalMark {...row.accuracy} scale={scale} memory={memory(row)} />,
  };
}

function PlainFigure({ mean, low, high }: Estimate) {
  return (
    <>
      {significant(mean)}
      {low !== null && high !== null && <span className="margin"> ± {significant((high - low) / 2, 2)}</span>}
    </>
  );
}
