/**
 * What a board shows, as its address says it: which rows, in which order, which
 * columns, how dense, what is drawn above. Page, export and API read the same
 * parameters with the one schema here, and addresses are written by the one
 * function here.
 */
import { z } from "zod";
import { figures, isMetric, metricNames, variantNames } from "@/lib/records";
import type { SearchParams } from "./url-state";
import { sameValues, urlState } from "./url-state";

export const divisions = ["open", "closed"] as const;
export const policyKinds = ["schedule", "select", "recalibrate"] as const;
/** Backends that a run can have been trained on: the class of its device. */
export const deviceClasses = ["webgpu", "wasm", "cpu"] as const;

/** The metrics, and after the accuracy its interval, drawn. */
const metricColumns = metricNames.flatMap((metric) =>
  metric === "accuracy" ? [metric, "interval" as const] : [metric],
);

/** Columns beside the name, in the order they stand. */
export const boardColumns = [
  "rank",
  ...metricColumns,
  "variant",
  "momentum",
  "kind",
  "author",
  "device",
  "gap",
  "n",
  "tier",
  "first",
] as const;
export type BoardColumn = (typeof boardColumns)[number];

/** Metrics that every row has. */
const usualMetrics = metricColumns.filter((column) => column === "interval" || !figures[column].optional);

/** Where nothing else is asked for. In the Closed division every row has one tier. */
export const usualColumns: Record<(typeof divisions)[number], readonly BoardColumn[]> = {
  open: ["rank", ...usualMetrics, "variant", "momentum", "n", "tier"],
  closed: ["rank", ...usualMetrics, "variant", "momentum", "gap", "n"],
};

export const sortKeys = ["rank", "method", ...metricNames, "variant", "gap", "n", "tier", "first"] as const;
export type SortKey = (typeof sortKeys)[number];

export const boardCharts = ["shift", "rates", "time", "momentum"] as const;
export type BoardChart = (typeof boardCharts)[number];

/** `variant/policy slug`, and `@seed` where seeds stand apart. */
const rowSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,16}\/[a-z0-9._-]{1,64}(@\d{1,10})?$/, "variant/policy slug, such as bn/dmbn");

/** One value or several, each once, in the order of the address. */
const several = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .union([z.array(schema).max(32), schema.transform((one) => [one])])
    .transform((values) => [...new Set(values as z.output<Schema>[])]);

export const boardViewSchema = z.strictObject({
  /** The newest where absent. */
  version: z.coerce.number().int().min(1).max(999_999).optional(),
  division: z.enum(divisions).default("open"),
  /** Words that name, rule or author must all hold. */
  q: z.string().trim().max(200).default(""),
  variant: several(z.enum(variantNames)).default([]),
  tier: several(z.coerce.number().int().min(0).max(4)).default([]),
  kind: several(z.enum(policyKinds)).default([]),
  /** Methods that at least one run was trained on such a device for. */
  device: several(z.enum(deviceClasses)).default([]),
  /** Names of accounts; `built-in` for the policies that come with the site. */
  author: several(z.string().min(1).max(64)).default([]),
  /** Highest mean accuracy first where absent. */
  sort: z.enum(sortKeys).optional(),
  direction: z.enum(["ascending", "descending"]).optional(),
  /** `none` for the name alone; the usual ones where absent. */
  columns: several(z.enum([...boardColumns, "none"]))
    .transform((columns) => boardColumns.filter((column) => columns.includes(column)))
    .optional(),
  density: z.enum(["comfortable", "compact"]).default("comfortable"),
  /** `each`: a row for every seed of every method. */
  seeds: z.enum(["together", "each"]).default("together"),
  /** Methods that stand on top, whatever the rest is narrowed to. */
  pin: several(rowSchema).default([]),
  chart: z.enum(boardCharts).optional(),
  /** The page that begins after this row, or ends before it. */
  after: rowSchema.optional(),
  before: rowSchema.optional(),
});

export type BoardView = z.infer<typeof boardViewSchema>;
export type Division = BoardView["division"];

export const builtInAuthor = "built-in";

const address = urlState(boardViewSchema);

/** The view that an address asks for. Whatever it says wrongly, or twice where once is meant, counts as not said. */
export const readBoardView = (params: SearchParams): BoardView => tidy(address.read(params));

/** Parts that mean nothing without others are left out. */
function tidy({ direction, sort, before, after, columns, ...view }: BoardView): BoardView {
  const usual = columns && sameValues(columns, usualColumns[view.division]);
  return {
    ...view,
    ...(sort && { sort, direction: direction ?? firstDirection(sort) }),
    ...(columns && !usual && { columns }),
    ...(after ? { after } : before && { before }),
  };
}

/** Where a first press on a head sorts to. */
export function firstDirection(sort: SortKey): "ascending" | "descending" {
  if (isMetric(sort)) return figures[sort].better === "lower" ? "ascending" : "descending";
  return sort === "rank" || sort === "method" || sort === "variant" ? "ascending" : "descending";
}

/** The address of a view: only what differs from the usual, in the order of the schema. */
export const writeBoardView = (view: BoardView): URLSearchParams =>
  new URLSearchParams(address.href("", { ...view, ...(view.columns?.length === 0 && { columns: ["none"] }) }));

/** The view with something changed. Whatever narrows or orders anew begins at the first page. */
export function changeView(
  view: BoardView,
  change: Partial<{ [Key in keyof BoardView]: BoardView[Key] | undefined }>,
): BoardView {
  const { after: _after, before: _before, ...rest } = view;
  const changed = { ...rest, ...change } as BoardView;
  return tidy(Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined)) as BoardView);
}

/** The columns that a view shows. */
export const columnsOf = ({ columns, division }: Pick<BoardView, "columns" | "division">): readonly BoardColumn[] =>
  columns ?? usualColumns[division];
