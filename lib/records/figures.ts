/**
 * The metrics by which methods are compared. Records, boards, tables, files and the command all derive from
 * this one list; its order is the order of columns and fields everywhere.
 *
 * To add a metric:
 * 1. Add it to the list here. The compiler then names the other places.
 * 2. `lib/evaluation/evaluate.ts` computes it from the predictions. A metric that needs more is `optional` in the
 *    list, and null there if its input is missing.
 * 3. `app/_components/text/metric-guide.ts` says what it is, what it rewards and how it misleads.
 * 4. `prisma/schema.prisma`, with a migration: a column of `Score` and `RunScore` and four of `BoardRow`, as for the
 *    others; all of them nullable if the metric is optional.
 *
 * Then `npm run generate` and `npm test`.
 */
import { z } from "zod";

interface Figure {
  /** As a title: "F-score". */
  label: string;
  /** As a column header. */
  head: string;
  /** As a column of CSV and Parquet files. */
  column: string;
  /** The group of columns that it shares a header with. */
  group: string;
  better: "higher" | "lower";
  /** Fractions are printed in percent. */
  unit: "fraction" | "number";
  /** Least and, if there is one, greatest value. */
  range: { least: number; most?: number };
  /** A run record has it per layer; the figure is the sum over layers. */
  perLayer?: true;
  /** It takes more than predictions, so a score may lack it: null there, and no column if all rows lack it. */
  optional?: true;
}

const probabilities = { group: "probabilities", better: "lower", unit: "number", optional: true } as const;
const fraction = { group: "score, %", better: "higher", unit: "fraction", range: { least: 0, most: 1 } } as const;

/** Sensitivity, specificity and F-score are macro means over all declared classes. */
const list = {
  accuracy: { ...fraction, label: "Accuracy", head: "accuracy", column: "accuracy" },
  sensitivity: { ...fraction, label: "Sensitivity", head: "sensitivity", column: "sensitivity" },
  specificity: { ...fraction, label: "Specificity", head: "specificity", column: "specificity" },
  fScore: { ...fraction, label: "F-score", head: "F-score", column: "f_score" },
  nll: {
    ...probabilities,
    label: "Negative log-likelihood",
    head: "NLL",
    column: "nll",
    range: { least: 0 },
  },
  ece: {
    ...probabilities,
    label: "Calibration error",
    head: "ECE",
    column: "ece",
    range: { least: 0, most: 1 },
  },
  esm: {
    label: "Estimation shift",
    head: "all layers",
    column: "estimation_shift",
    group: "shift",
    better: "lower",
    unit: "number",
    range: { least: 0 },
    perLayer: true,
  },
} as const satisfies Record<string, Figure>;

export type MetricName = keyof typeof list;

type Marked<Mark extends keyof Figure> = {
  [Name in MetricName]: (typeof list)[Name] extends Record<Mark, true> ? Name : never;
}[MetricName];

/** The metrics that every score has. */
export type RequiredMetric = Exclude<MetricName, Marked<"optional">>;
/** The metrics that a score record holds as one number. */
export type RecordedMetric = Exclude<MetricName, Marked<"perLayer">>;

export const figures: Readonly<Record<MetricName, Figure>> = list;
export const metricNames = Object.keys(list) as readonly MetricName[];
export const isMetric = (name: string): name is MetricName => Object.hasOwn(list, name);

export const recordedMetrics = metricNames.filter((name): name is RecordedMetric => !figures[name].perLayer);

/** A value for each metric; null for an optional metric that is absent. */
export type ByMetric<Value, Name extends MetricName = MetricName> = {
  [One in Name]: One extends Marked<"optional"> ? Value | null : Value;
};

/**
 * The result of `value` for each of `names`.
 * @param value may return null for optional metrics only
 */
export const byMetric = <Value, Name extends MetricName>(names: readonly Name[], value: (metric: Name) => Value) =>
  Object.fromEntries(names.map((name) => [name, value(name)])) as {
    [One in Name]: One extends Marked<"optional"> ? Value : NonNullable<Value>;
  };

/** Those of `names` that at least one of the rows has. */
export const metricsIn = <Name extends MetricName>(
  rows: readonly { readonly [One in Name]: unknown }[],
  names: readonly Name[],
): Name[] => names.filter((name) => !figures[name].optional || rows.some((row) => row[name] !== null));

/** A figure's value within its range. */
export const figureSchema = ({ range: { least, most } }: Pick<Figure, "range">): z.ZodNumber =>
  most === undefined ? z.number().min(least) : z.number().min(least).max(most);

/** Allows null, the default, for an optional figure. */
export const orAbsent = <Schema extends z.ZodType>({ optional }: Pick<Figure, "optional">, schema: Schema) =>
  optional ? schema.nullable().default(null) : schema;

type Fields<Schema extends z.ZodType, Name extends MetricName> = {
  [One in Name]: One extends Marked<"optional"> ? z.ZodDefault<z.ZodNullable<Schema>> : Schema;
};

/** The fields of an object that holds a value for each of `names`. */
export const metricFields = <Schema extends z.ZodType, Name extends MetricName>(
  names: readonly Name[],
  schema: (figure: Figure) => Schema,
): Fields<Schema, Name> =>
  Object.fromEntries(names.map((name) => [name, orAbsent(figures[name], schema(figures[name]))])) as Fields<
    Schema,
    Name
  >;
