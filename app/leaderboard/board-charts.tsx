/** The charts above a board, of the methods that pass its filters. */
import { ScatterChart } from "@/app/_components/charts/scatter-chart";
import { date, percent, plural, significant } from "@/app/_components/text/format";
import { rankCorrelation } from "@/lib/evaluation";
import type { BoardChart as Kind } from "@/lib/leaderboard";
import type { BoardRow } from "./board-columns";
import type { ChartProps } from "./chart-points";
import { drawn, nameOf, point, range, rate } from "./chart-points";
import { MomentumChart } from "./momentum-chart";

export function BoardChart({ chart, ...props }: ChartProps & { chart: Kind }) {
  if (props.rows.length === 0) return null;
  const Chart = charts[chart];
  return <Chart {...props} />;
}

const charts: Record<Kind, (props: ChartProps) => React.ReactNode> = {
  shift: ShiftChart,
  rates: RatesChart,
  time: TimeChart,
  momentum: MomentumChart,
};

function ShiftChart({ rows, cut, file }: ChartProps) {
  const rho = rankCorrelation(
    rows.map(({ esm }) => esm.mean),
    rows.map(({ accuracy }) => accuracy.mean),
  );
  const best = rows.reduce((most, row) => (row.accuracy.mean > most.accuracy.mean ? row : most));
  const least = rows.reduce((most, row) => (row.esm.mean < most.esm.mean ? row : most));
  const positive = rows.some(({ esm }) => esm.mean > 0);
  const title =
    rho === null
      ? "Too few methods to say whether less shift means more accuracy"
      : rho < -0.3
        ? "Less estimation shift goes with more accuracy"
        : rho > 0.3
          ? "Here, more estimation shift goes with more accuracy"
          : "Estimation shift says little about accuracy here";
  return (
    <ScatterChart
      title={title}
      note={
        "Accuracy against estimation shift summed over layers, on a log axis with no shift at its left edge; rank " +
        `correlation ${rho === null ? "unknown" : significant(rho, 2)}. ${drawn({ rows, cut, file })}`
      }
      words={
        `${title}. The highest accuracy, ${percent(best.accuracy.mean)} percent, has ${nameOf(best)} with a shift ` +
        `of ${significant(best.esm.mean)}; the least shift, ${significant(least.esm.mean)}, has ${nameOf(least)} ` +
        `with ${percent(least.accuracy.mean)} percent.`
      }
      x={{ label: "estimation shift", scale: positive ? "log" : "linear", format: (value) => significant(value) }}
      y={rate("accuracy")}
      points={rows.map((row) =>
        point(
          row,
          range(row, "esm"),
          range(row, "accuracy"),
          row === best || row === least ? row.policy.name : undefined,
        ),
      )}
      file={file}
    />
  );
}

/** Running records: rows whose figure is higher than that of every row before. */
function risingBy(rows: readonly BoardRow[], figure: (row: BoardRow) => number): BoardRow[] {
  let highest = -1;
  return rows.filter((row) => {
    if (figure(row) <= highest) return false;
    highest = figure(row);
    return true;
  });
}

/** The Pareto front of sensitivity and specificity, from the highest specificity down. */
function paretoFront(rows: readonly BoardRow[]): BoardRow[] {
  const ordered = [...rows].sort(
    (a, b) => b.specificity.mean - a.specificity.mean || b.sensitivity.mean - a.sensitivity.mean,
  );
  return risingBy(ordered, ({ sensitivity }) => sensitivity.mean);
}

function RatesChart({ rows, cut, file }: ChartProps) {
  const front = paretoFront(rows);
  const names = [...new Set(front.map(nameOf))];
  const title =
    front.length === 1
      ? `${front[0]!.policy.name} has both the highest sensitivity and the highest specificity`
      : `${plural(front.length, "method")} trade sensitivity for specificity; all others are beaten in both`;
  return (
    <ScatterChart
      title={title}
      note={
        "Macro means over classes. The line joins the Pareto front: " +
        `${names.slice(0, 4).join("; ")}${names.length > 4 ? " …" : ""}. ${drawn({ rows, cut, file })}`
      }
      words={`${title}: ${names.join("; ")}.`}
      x={rate("specificity")}
      y={rate("sensitivity")}
      points={rows.map((row) =>
        point(
          row,
          range(row, "specificity"),
          range(row, "sensitivity"),
          front.includes(row) ? row.policy.name : undefined,
        ),
      )}
      line={front.flatMap((row, index) => [
        ...(index > 0 ? [{ x: row.specificity.mean, y: front[index - 1]!.sensitivity.mean }] : []),
        { x: row.specificity.mean, y: row.sensitivity.mean },
      ])}
      file={file}
    />
  );
}

function TimeChart({ rows, cut, file }: ChartProps) {
  const ordered = [...rows].sort(
    (a, b) => a.firstAt.getTime() - b.firstAt.getTime() || b.accuracy.mean - a.accuracy.mean,
  );
  const records = risingBy(ordered, ({ accuracy }) => accuracy.mean);
  const holder = records.at(-1)!;
  const last = ordered.at(-1)!.firstAt.getTime();
  const hours = last - ordered[0]!.firstAt.getTime() < 3 * 24 * 3600_000;
  const stairs = records.flatMap((row, index) => [
    ...(index > 0 ? [{ x: row.firstAt.getTime(), y: records[index - 1]!.accuracy.mean }] : []),
    { x: row.firstAt.getTime(), y: row.accuracy.mean },
  ]);
  const title = `${nameOf(holder)} holds the record since ${date(holder.firstAt)}: ${percent(holder.accuracy.mean)} %`;
  return (
    <ScatterChart
      title={title}
      note={
        "When each method was first scored here, and its accuracy as it stands now; the line is the highest so " +
        `far. ${drawn({ rows, cut, file })}`
      }
      words={
        `${title}. ${plural(records.length, "method")} held the highest accuracy in turn: ` +
        `${records.map((row) => `${nameOf(row)} with ${percent(row.accuracy.mean)} percent`).join("; ")}.`
      }
      x={{
        label: hours ? "first scored, UTC" : "first scored",
        ticks: timeTicks(ordered[0]!.firstAt.getTime(), last),
        format: (value) => (hours ? clock.format(value) : date(new Date(value))),
      }}
      y={rate("accuracy")}
      points={ordered.map((row) =>
        point(
          row,
          { at: row.firstAt.getTime() },
          range(row, "accuracy"),
          records.includes(row) ? row.policy.name : undefined,
        ),
      )}
      line={[...stairs, { x: last, y: holder.accuracy.mean }]}
      file={file}
    />
  );
}

const clock = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});

/** Three ticks, so that dates don't overlap on narrow screens. */
const timeTicks = (first: number, last: number): number[] =>
  first === last ? [first] : [first, (first + last) / 2, last];
