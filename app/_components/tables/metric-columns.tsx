/** The five metrics as columns of a table: means with intervals where rows have them, single figures where not. */
import type { Estimate } from "@/lib/leaderboard";
import { MetricTip } from "../controls/tip";
import { significant } from "../text/format";
import type { MetricName } from "../text/metric-guide";
import { metricGuide } from "../text/metric-guide";
import type { Column } from "./data-table";
import type { IntervalScale } from "./interval";
import { IntervalMark, intervalScale, MeanAndMargin, scaleWords } from "./interval";

const scores = "score, %: more is better";

export type MeasuredRow = Record<MetricName, Estimate>;

/** A single run's figure as an estimate without an interval. */
export const exactly = (mean: number): Estimate => ({ mean, deviation: null, low: null, high: null });

/**
 * Accuracy with its drawn interval, sensitivity, specificity, F-score and
 * estimation shift; values sort by the mean.
 * @param memory the ramp's class of a row's momentum, for the drawn mark
 */
export function metricColumns<Row extends MeasuredRow>(
  rows: readonly Row[],
  memory: (row: Row) => string,
): Column<Row>[] {
  const scale = intervalScale(rows.map(({ accuracy }) => accuracy));
  return [
    rate("accuracy", scores),
    ...(scale ? [drawn<Row>(scale, memory)] : []),
    rate("sensitivity", scores),
    rate("specificity", scores),
    rate("fScore", scores),
    shift(),
  ];
}

function rate<Row extends MeasuredRow>(metric: Exclude<MetricName, "esm">, group: string): Column<Row> {
  return {
    key: metric,
    head: metricGuide[metric].head,
    group,
    align: "end",
    value: (row) => row[metric].mean,
    cell: (row) => <MeanAndMargin {...row[metric]} />,
    tip: <MetricTip metric={metric} />,
  };
}

function drawn<Row extends MeasuredRow>(scale: IntervalScale, memory: (row: Row) => string): Column<Row> {
  return {
    key: "interval",
    head: scaleWords(scale),
    group: scores,
    cell: (row) => <IntervalMark {...row.accuracy} scale={scale} memory={memory(row)} />,
  };
}

function shift<Row extends MeasuredRow>(): Column<Row> {
  return {
    key: "esm",
    head: "all layers",
    group: "shift: less is better",
    align: "end",
    first: "ascending",
    value: (row) => row.esm.mean,
    cell: ({ esm: { mean, low, high } }) => (
      <>
        {significant(mean)}
        {low !== null && high !== null && <span className="margin"> ± {significant((high - low) / 2, 2)}</span>}
      </>
    ),
    tip: <MetricTip metric="esm" />,
  };
}
