/**
 * A view of a board as a plain table: the columns that it shows, in their order, as values for programs and as text for
 * papers.
 */
import { builtInPolicies, expressionToLatex, PolicyError } from "@/lib/dmbn/policy";
import type { MetricName } from "@/lib/records";
import { byMetric, figures, metricNames } from "@/lib/records";
import { formatBand } from "../band";
import type { BoardEntry } from "../board-entry";
import type { BoardColumn, BoardView } from "../board-view";
import { columnsOf } from "../board-view";
import { policyRule } from "../policy-submission";
import { claimedMetrics } from "../tiers";
import { latexText } from "./latex-text";

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
/** −0 is 0: not every format distinguishes them. */
const number = (name: string, value: (row: BoardEntry) => number | null): ExportColumn => ({
  name,
  type: "number",
  value: (row) => value(row) || (value(row) === null ? null : 0),
});
const integer = (name: string, value: ExportColumn["value"]): ExportColumn => ({ name, type: "integer", value });

function estimate(metric: MetricName): ExportColumn[] {
  const { column } = figures[metric];
  return [
    number(column, (row) => row[metric]?.mean ?? null),
    number(`${column}_deviation`, (row) => row[metric]?.deviation ?? null),
    number(`${column}_low`, (row) => row[metric]?.low ?? null),
    number(`${column}_high`, (row) => row[metric]?.high ?? null),
  ];
}

const columns: Record<BoardColumn, ExportColumn[]> = {
  rank: [
    integer("rank_first", ({ band }) => band?.first ?? null),
    integer("rank_last", ({ band }) => band?.last ?? null),
  ],
  ...byMetric(metricNames, estimate),
  interval: [], // the accuracy again, drawn
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
  n: [
    integer("seeds", ({ n }) => n),
    integer("runs", ({ runs }) => runs),
    integer("reproduced", ({ reproduced }) => reproduced),
  ],
  tier: [integer("tier", ({ tier }) => tier)],
  first: [text("first_scored", ({ firstAt }) => firstAt.toISOString())],
};

export interface PrintedColumn {
  head: string;
  /** A number, possibly with ±: right-aligned. */
  numeric: boolean;
  /** Plain text; `±` between a mean and half its interval. */
  print: (row: BoardEntry) => string;
  /** The cell in LaTeX where that is more than its text: a formula. */
  latex?: (row: BoardEntry) => string;
}

/** Columns as a paper prints them: percent, ± half the 95 % interval. */
export function printedColumns(view: BoardView): PrintedColumn[] {
  const seed = view.seeds === "each" ? [words("Seed", ({ seed }) => seed ?? "")] : [];
  return [
    words("Method", ({ policy }) => policy.name),
    ...seed,
    ...columnsOf(view).flatMap((column) => {
      const of = printed[column];
      if (!of) return [];
      const isClaim = view.division === "open" && claimedMetrics.some((metric) => metric === column);
      return isClaim ? { ...of, head: `${of.head}, claimed` } : of;
    }),
  ];
}

const words = (head: string, print: PrintedColumn["print"]): PrintedColumn => ({ head, numeric: false, print });
const digits = (head: string, print: PrintedColumn["print"]): PrintedColumn => ({ head, numeric: true, print });

type Interval = { mean: number; low: number | null; high: number | null };

const percent = (estimate: Interval): string => withMargin(estimate, 100, 2);

function printedMetric(metric: MetricName): PrintedColumn {
  const { label, unit } = figures[metric];
  const [head, print] =
    unit === "fraction" ? [`${label}, %`, percent] : [label, (estimate: Interval) => withMargin(estimate, 1, 3)];
  return digits(head, ({ [metric]: estimate }) => (estimate ? print(estimate) : "–"));
}

const printed: Record<BoardColumn, PrintedColumn | null> = {
  rank: digits("Rank", ({ band }) => formatBand(band) ?? "–"),
  ...byMetric(metricNames, printedMetric),
  interval: null,
  variant: words("Variant", ({ variant }) => variant),
  momentum: { ...words("Momentum", ({ policy }) => policy.rule), latex: ({ policy }) => latexRule(policy) },
  kind: words("Kind", ({ policy }) => policy.kind),
  author: words("Author", ({ policy }) => policy.author ?? (policy.builtIn ? "built in" : "–")),
  device: words("Trained on", ({ devices }) => devices.join(", ") || "the server"),
  gap: digits("Behind, points", ({ gap }) => (gap ? percent(gap) : "–")),
  n: digits("Seeds", ({ n }) => String(n)),
  tier: digits("Tier", ({ tier }) => String(tier)),
  first: words("First scored", ({ firstAt }) => firstAt.toISOString().slice(0, 10)),
};

/** A policy's rule: a schedule as the formula of its expressions, any other as it is written. */
function latexRule({ rule, kind, builtIn, slug }: BoardEntry["policy"]): string {
  if (kind !== "schedule") return latexText(rule);
  const document = builtIn && builtInPolicies.find((policy) => policy.slug === slug)?.document;
  const text = document && document.kind === "schedule" ? policyRule(document) : rule;
  const [, mean, variance] = /^mean (.*); variance (.*)$/.exec(text) ?? [];
  try {
    return mean !== undefined && variance !== undefined
      ? `mean $${expressionToLatex(mean)}$; variance $${expressionToLatex(variance)}$`
      : `$${expressionToLatex(text)}$`;
  } catch (error) {
    if (error instanceof PolicyError) return latexText(rule);
    throw error;
  }
}

/** "93.42 ± 0.12"; the mean alone for a single seed. */
function withMargin({ mean, low, high }: Interval, factor: number, decimals: number): string {
  const value = (factor * mean).toFixed(decimals).replace(/^-/, "−");
  return low === null || high === null ? value : `${value} ± ${((factor * (high - low)) / 2).toFixed(decimals)}`;
}
