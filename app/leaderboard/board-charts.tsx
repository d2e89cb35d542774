/** What can be drawn above a board: the methods that its filters leave. */
import type { ChartAxis } from "@/app/_components/charts/axes";
import type { ScatterPoint } from "@/app/_components/charts/scatter-chart";
import { ScatterChart } from "@/app/_components/charts/scatter-chart";
import { memoryClass, window } from "@/app/_components/momentum/memory";
import { date, percent, plural, significant } from "@/app/_components/text/format";
import { variantLabels } from "@/app/_components/text/variant";
import { parsePolicy, variablesOf } from "@/lib/dmbn/policy";
import { rankCorrelation } from "@/lib/evaluation";
import type { BoardChart as Kind, MetricName } from "@/lib/leaderboard";
import type { BoardRow } from "./board-columns";
import { rowKey } from "./board-columns";

interface ChartProps {
  rows: readonly BoardRow[];
  /** Whether the view holds more than are drawn. */
  cut: boolean;
  /** The view as CSV. */
  file: string;
}

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

const rate = (label: string): ChartAxis => ({ label: `${label}, %`, format: (value) => percent(value, 1) });

const drawn = ({ rows, cut }: ChartProps) =>
  `${plural(rows.length, "method")}${cut ? ", those with the highest accuracy" : ""}; bars are 95 % intervals over seeds, rings are variants other than all BN.`;

const range = (row: BoardRow, metric: MetricName) => ({
  at: row[metric].mean,
  low: row[metric].low,
  high: row[metric].high,
});

const nameOf = ({ policy, variant, seed }: BoardRow) =>
  `${policy.name}, ${variantLabels[variant]}${seed === null ? "" : `, ${seed}`}`;

function point(row: BoardRow, x: ScatterPoint["x"], y: ScatterPoint["y"], label?: string): ScatterPoint {
  return {
    key: rowKey(row),
    name: nameOf(row),
    x,
    y,
    memory: memoryClass(row.mark.memory),
    label,
    ring: row.variant !== "bn",
  };
}

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
      note={`Accuracy against estimation shift summed over layers, on a log axis with no shift at its left edge; rank correlation ${rho === null ? "unknown" : significant(rho, 2)}. ${drawn({ rows, cut, file })}`}
      words={`${title}. The highest accuracy, ${percent(best.accuracy.mean)} percent, has ${nameOf(best)} with a shift of ${significant(best.esm.mean)}; the least shift, ${significant(least.esm.mean)}, has ${nameOf(least)} with ${percent(least.accuracy.mean)} percent.`}
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

/** Those that no other beats in one figure without losing in the other, from the highest specificity on. */
function paretoFront(rows: readonly BoardRow[]): BoardRow[] {
  const ordered = [...rows].sort(
    (a, b) => b.specificity.mean - a.specificity.mean || b.sensitivity.mean - a.sensitivity.mean,
  );
  let highest = -1;
  return ordered.filter(({ sensitivity }) => sensitivity.mean > highest && ((highest = sensitivity.mean), true));
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
      note={`Macro means over classes. The line joins the Pareto front: ${names.slice(0, 4).join("; ")}${names.length > 4 ? " …" : ""}. ${drawn({ rows, cut, file })}`}
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
  let record = -1;
  const records = ordered.filter(({ accuracy }) => accuracy.mean > record && ((record = accuracy.mean), true));
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
      note={`When each method was first scored here, and its accuracy as it stands now; the line is the highest so far. ${drawn({ rows, cut, file })}`}
      words={`${title}. ${plural(records.length, "method")} held the highest accuracy in turn: ${records.map((row) => `${nameOf(row)} with ${percent(row.accuracy.mean)} percent`).join("; ")}.`}
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

/** Three, so that dates stand clear of each other on a narrow screen. */
const timeTicks = (first: number, last: number): number[] =>
  first === last ? [first] : [first, (first + last) / 2, last];

/** β of a policy that keeps the same at every step; null for others, and for those that forget nothing. */
function constantMomentum({ document, mark }: BoardRow): number | null {
  const policy = parsePolicy(document);
  if (
    policy.kind !== "schedule" ||
    variablesOf(policy.momentum).size > 0 ||
    typeof mark.memory !== "number" ||
    mark.memory >= 1
  )
    return null;
  return mark.memory;
}

/** What stands as a line: it has no β to be drawn at. */
const references: Record<string, string | undefined> = { dmbn: undefined, "precise-bn": "6 4" };

function MomentumChart({ rows, cut, file }: ChartProps) {
  const constant = rows.flatMap((row) => {
    const momentum = constantMomentum(row);
    return momentum === null ? [] : [{ row, momentum }];
  });
  const levels = rows
    .filter(({ policy, seed }) => policy.slug in references && seed === null)
    .map((row) => ({
      name: `${row.policy.name}, ${variantLabels[row.variant]}`,
      y: row.accuracy.mean,
      dash: references[row.policy.slug] ?? "",
    }));
  if (constant.length === 0)
    return (
      <p className="note">No constant momentum is among these methods: take a filter away to draw accuracy by β.</p>
    );
  const best = constant.reduce((most, one) => (one.row.accuracy.mean > most.row.accuracy.mean ? one : most));
  const title = `Of the constants, ${best.momentum} is the most accurate here: ${percent(best.row.accuracy.mean)} %`;
  return (
    <ScatterChart
      title={title}
      note={`Constant policies by their window 1/(1 − β) in batches, on a log axis. Lines: DMBN, and PreciseBN dashed. ${plural(constant.length, "constant")}; bars are 95 % intervals over seeds, rings are variants other than all BN${cut ? "; those with the highest accuracy" : ""}.`}
      words={`${title}. ${levels.map(({ name, y }) => `${name}: ${percent(y)} percent`).join("; ")}.`}
      x={{
        label: "window in batches, 1/(1 − β)",
        scale: "log",
        format: (value) => value.toLocaleString("en-GB", { maximumSignificantDigits: 3 }),
      }}
      y={rate("accuracy")}
      points={constant.map(({ row, momentum }) =>
        point(row, { at: window(momentum) }, range(row, "accuracy"), row === best.row ? row.policy.name : undefined),
      )}
      levels={levels}
      file={file}
    />
  );
}
