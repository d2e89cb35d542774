/** Shared by the board's charts: methods as points, with their names, intervals and axes. */
import type { ScatterPoint } from "@/app/_components/charts/scatter-chart";
import { memoryClass } from "@/app/_components/momentum/memory";
import { percent, plural } from "@/app/_components/text/format";
import type { ChartAxis } from "@/lib/charts/frame";
import { variantLabels } from "@/lib/leaderboard";
import type { RequiredMetric } from "@/lib/records";
import { figures } from "@/lib/records";
import type { BoardRow } from "./board-columns";
import { rowKey } from "./board-columns";

export interface ChartProps {
  rows: readonly BoardRow[];
  /** Whether the view has more methods than are drawn. */
  cut: boolean;
  /** URL of the view as CSV. */
  file: string;
}

export const rate = (label: string): ChartAxis => ({ label: `${label}, %`, format: (value) => percent(value, 1) });

export const drawn = ({ rows, cut }: ChartProps) =>
  `${plural(rows.length, "method")}${cut ? ", those with the highest accuracy" : ""}; bars are 95 % intervals ` +
  "over seeds, rings are variants other than all BN.";

/** A metric's mean and interval. A symmetric interval may reach beyond what the metric can be; it is drawn up to there. */
export function range(row: BoardRow, metric: RequiredMetric) {
  const { mean, low, high } = row[metric];
  const { least, most = Number.POSITIVE_INFINITY } = figures[metric].range;
  return { at: mean, low: low && Math.max(low, least), high: high && Math.min(high, most) };
}

export const nameOf = ({ policy, variant, seed }: BoardRow) =>
  `${policy.name}, ${variantLabels[variant]}${seed === null ? "" : `, ${seed}`}`;

export function point(row: BoardRow, x: ScatterPoint["x"], y: ScatterPoint["y"], label?: string): ScatterPoint {
  return {
    key: rowKey(row),
    name: nameOf(row),
    x,
    y,
    memory: memoryClass(row.badge.memory),
    label,
    ring: row.variant !== "bn",
  };
}
