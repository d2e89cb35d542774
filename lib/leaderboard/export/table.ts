/**
 * A view of a board as a plain table: the columns that it shows, in their
 * order, as values for programs and as words for papers.
 */
import type { BoardEntry } from "../board-entry";
import type { BoardColumn, BoardView } from "../board-view";
import { columnsOf } from "../board-view";
import type { MetricName } from "../metrics";

export type Cell = string | number | null;

export interface ExportColumn {
  name: string;
  type: "text" | "number" | "integer";
  value: (row: BoardEntry) => Cell;
}

/** Columns of values: fractions as they were computed, an estimate with its deviation and interval. */
export function exportColumns(view: BoardView): ExportColumn[] {
  const seed = view.seeds === "each" ? [text("seed", (row) => row.seed)] : [];
  return [
    text("name", ({ policy }) => policy.name),
    text("method", ({ method }) => method),
    ...seed,
    ...columnsOf(view).flatMap((column) => columns[column]),
  ];
}

const text = (name: string, value: ExportColumn["value"]): ExportColumn => ({ name, type: "text", value });
/** −0 is 0: not every format can tell them apart. */
const number = (name: string, value: (row: BoardEntry) => number | null): ExportColumn => ({
  name,
  type: "number",
  value: (row) => value(row) || (value(row) === null ? null : 0),
});
const integer = (name: string, value: ExportColumn["value"]): ExportColumn => ({ name, type: "integer", value });

const estimate = (metric: MetricName, name: string): ExportColumn[] => [
  number(name, (row) => row[metric].mean),
  number(`${name}_deviation`, (row) => row[metric].deviation),
  number(`${name}_low`, (row) => row[metric].low),
  number(`${name}_high`, (row) => row[metric].high),
];

const columns: Record<BoardColumn, ExportColumn[]> = {
  rank: [
    integer("rank_first", ({ band }) => band?.first ?? null),
    integer("rank_last", ({ band }) => band?.last ?? null),
  ],
  accuracy: estimate("accuracy", "accuracy"),
  interval: [], // the accuracy again, drawn
  sensitivity: estimate("sensitivity", "sensitivity"),
  specificity: estimate("specificity", "specificity"),
  fScore: estimate("fScore", "f_score"),
  esm: estimate("esm", "estimation_shift"),
  variant: [text("variant", ({ variant }) => variant)],
  momentum: [text("momentum", ({ policy }) => policy.rule)],
  kind: [text("kind", ({ policy }) => policy.kind)],
  author: [text("author", ({ policy }) => policy.author)],
  device: [text("devices", ({ devices }) => devices.join(" "))],
  gap: [
    number("behind", ({ gap }) => gap?.mean ?? null),
    number("behind_low", ({ gap }) => gap?.low ?? null),
    number("behind_high", ({ gap }) => gap?.high ?? null),
  ],
  n: [integer("seeds", ({ n }) => n), integer("runs", ({ runs }) => runs)],
  tier: [integer("tier", ({ tier }) => tier)],
  first: [text("first_scored", ({ firstAt }) => firstAt.toISOString())],
};

export interface PrintedColumn {
  head: string;
  /** A number, perhaps with ±: set to the right. */
  numeric: boolean;
  /** Plain text; `±` between a mean and half its interval. */
  print: (row: BoardEntry) => string;
}

/** Columns as a paper prints them: percent, ± half the 95 % interval. */
export function printedColumns(view: BoardView): PrintedColumn[] {
  const seed = view.seeds === "each" ? [words("Seed", ({ seed }) => seed ?? "")] : [];
  return [
    words("Method", ({ policy }) => policy.name),
    ...seed,
    ...columnsOf(view).flatMap((column) => printed[column] ?? []),
  ];
}

const words = (head: string, print: PrintedColumn["print"]): PrintedColumn => ({ head, numeric: false, print });
const figures = (head: string, print: PrintedColumn["print"]): PrintedColumn => ({ head, numeric: true, print });

const printed: Record<BoardColumn, PrintedColumn | null> = {
  rank: figures("Rank", ({ band }) =>
    band ? (band.first === band.last ? String(band.first) : `${band.first}–${band.last}`) : "–",
  ),
  accuracy: figures("Accuracy, %", ({ accuracy }) => percent(accuracy)),
  interval: null,
  sensitivity: figures("Sensitivity, %", ({ sensitivity }) => percent(sensitivity)),
  specificity: figures("Specificity, %", ({ specificity }) => percent(specificity)),
  fScore: figures("F-score, %", ({ fScore }) => percent(fScore)),
  esm: figures("Estimation shift", ({ esm }) => withMargin(esm, 1, 3)),
  variant: words("Variant", ({ variant }) => variant),
  momentum: words("Momentum", ({ policy }) => policy.rule),
  kind: words("Kind", ({ policy }) => policy.kind),
  author: words("Author", ({ policy }) => policy.author ?? (policy.builtIn ? "built in" : "–")),
  device: words("Trained on", ({ devices }) => devices.join(", ") || "the server"),
  gap: figures("Behind, points", ({ gap }) => (gap ? percent(gap) : "–")),
  n: figures("Seeds", ({ n }) => String(n)),
  tier: figures("Tier", ({ tier }) => String(tier)),
  first: words("First scored", ({ firstAt }) => firstAt.toISOString().slice(0, 10)),
};

type Interval = { mean: number; low: number | null; high: number | null };

const percent = (estimate: Interval): string => withMargin(estimate, 100, 2);

/** "93.42 ± 0.12"; the mean alone for a single seed. */
function withMargin({ mean, low, high }: Interval, factor: number, decimals: number): string {
  const value = (factor * mean).toFixed(decimals).replace(/^-/, "−");
  return low === null || high === null ? value : `${value} ± ${((factor * (high - low)) / 2).toFixed(decimals)}`;
}
