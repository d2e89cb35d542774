/** The axes of the overview: one per board, with the range that the URL selects. */

import { extent } from "@/lib/charts/extent";
import { variantLabels } from "@/lib/leaderboard";
import type { Overview } from "@/lib/server/boards/overview";

type Query = Record<string, string | string[] | undefined>;

export interface Axis {
  key: string;
  title: string;
  variant: string;
  x: number;
  /** Accuracy at its lower and upper end. */
  low: number;
  high: number;
  /** The selected range of accuracy; null: no bound. */
  min: number | null;
  max: number | null;
}

export function axesOf({ axes, policies }: Overview, query: Query): Axis[] {
  return axes.map(({ benchmark, variant }, index) => {
    const values = policies.flatMap(({ accuracy }) => accuracy[index] ?? []);
    const key = `${benchmark.slug}.${variant}`;
    const { low, high } = extent(values) ?? { low: 0, high: 1 };
    const bound = (name: string) =>
      typeof query[name] === "string" && /^\d{1,3}(\.\d{1,6})?$/.test(query[name]) ? Number(query[name]) / 100 : null;
    return {
      key,
      title: benchmark.title,
      variant: variantLabels[variant],
      x: axes.length === 1 ? 0.5 : index / (axes.length - 1),
      low,
      high: high === low ? low + 0.01 : high,
      min: bound(`min.${key}`),
      max: bound(`max.${key}`),
    };
  });
}

export const within = (value: number | null, min: number | null, max: number | null): boolean =>
  (min === null && max === null) || (value !== null && value >= (min ?? 0) - 1e-9 && value <= (max ?? 1) + 1e-9);
