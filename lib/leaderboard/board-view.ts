/**
 * The view of a board, as its URL describes it: rows, order, columns, density and chart. Page, export and API parse the
 * same parameters with the one schema here, and one function here writes the URLs.
 */
import { z } from "zod";
import { figures, isMetric, metricNames, textSchema, variantNames, wholeNumberSchema } from "@/lib/records";
import { baselines } from "./baselines";
import type { SearchParams } from "./url-state";
import { sameValues, several, urlState } from "./url-state";

/** Closed: recomputed by the server on runs of its own; Open: runs that users published. The first is the default. */
export const divisions = ["closed", "open"] as const;
export const policyKinds = ["schedule", "select", "recalibrate"] as const;
/** Device classes: the backends that a run can be trained on. */
export const deviceClasses = ["webgpu", "wasm", "cpu"] as const;

/** The metrics; after the accuracy comes its interval, drawn. */
const metricColumns = metricNames.flatMap((metric) =>
  metric === "accuracy" ? [metric, "interval" as const] : [metric],
);

/** Columns besides the name, in display order. */
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

/** The default columns. In the Closed division every row has the same tier, so it has no column. */
export const usualColumns: Record<(typeof divisions)[number], readonly BoardColumn[]> = {
  closed: ["rank", ...usualMetrics, "variant", "momentum", "gap", "n"],
  open: ["rank", ...usualMetrics, "variant", "momentum", "n", "tier"],
};

export const sortKeys = ["rank", "method", ...metricNames, "variant", "gap", "n", "tier", "first"] as const;
export type SortKey = (typeof sortKeys)[number];

export const boardCharts = ["shift", "rates", "time", "momentum"] as const;
export type BoardChart = (typeof boardCharts)[number];

/** `variant/policy slug`, and `@seed` if each seed is a row. */
const rowSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,16}\/[a-z0-9._-]{1,64}(@\d{1,16})?$/, "variant/policy slug, such as bn/dmbn");

export const boardViewSchema = z.strictObject({
  /** Default: the newest. */
  version: wholeNumberSchema(1, 999_999).optional(),
  division: z.enum(divisions).default(divisions[0]),
  /** Search words; each must occur in the name, slug, rule or author. */
  q: textSchema({ min: 0, max: 200 }).default(""),
  variant: several(z.enum(variantNames)).default([]),
  tier: several(wholeNumberSchema(0, 6)).default([]),
  kind: several(z.enum(policyKinds)).default([]),
  /** Whether another account has trained one of its runs again. */
  reproduced: several(z.enum(["yes", "no"])).default([]),
  /** Methods with at least one run trained on such a device. */
  device: several(z.enum(deviceClasses)).default([]),
  /** Names of accounts; `built-in` for the policies that come with the site. */
  author: several(textSchema({ max: 64 })).default([]),
  /** Default: rank, which is by standing and then by mean accuracy; of single seeds accuracy. */
  sort: z.enum(sortKeys).optional(),
  direction: z.enum(["ascending", "descending"]).optional(),
  /** `none` for the name alone. Default: the usual ones. */
  columns: several(z.enum([...boardColumns, "none"]))
    .transform((columns) => boardColumns.filter((column) => columns.includes(column)))
    .optional(),
  density: z.enum(["comfortable", "compact"]).default("comfortable"),
  /** `each`: a row for every seed of every method. */
  seeds: z.enum(["together", "each"]).default("together"),
  /**
   * `first`: of methods with equal predictions one row, and of an author's the best three. Every row is shown in a
   * search and in a view of one author.
   */
  rows: z.enum(["first", "all"]).default("first"),
  /** Methods shown on top regardless of the filters. `none` for none, where a page pins the baselines by default. */
  pin: several(z.union([rowSchema, z.literal("none")]))
    .transform((pins) => pins.filter((pin) => pin !== "none"))
    .default([]),
  chart: z.enum(boardCharts).optional(),
  /** The page that begins after this row, or ends before it. */
  after: rowSchema.optional(),
  before: rowSchema.optional(),
});

export type BoardView = z.infer<typeof boardViewSchema>;
export type Division = BoardView["division"];

/** An author's rows on a board where `rows` is `first`. */
export const rowsPerAuthor = 3;

export const builtInAuthor = "built-in";

/** What a page pins by default. Not where each seed is a row: a baseline would be as many rows as it has seeds. */
const usualPins = ({ seeds }: Pick<BoardView, "seeds">): readonly string[] => (seeds === "each" ? [] : baselines);

/** The parameters of a page: as the API's, which pins nothing by default. */
const address = urlState(boardViewSchema.extend({ pin: boardViewSchema.shape.pin.unwrap().optional() }));
const apiAddress = urlState(boardViewSchema);

/**
 * The view that a page's URL describes. Invalid parameters, and repeated ones that take a single value, are ignored.
 * Without pins, the baselines are pinned.
 */
export function readBoardView(params: SearchParams): BoardView {
  const { pin, ...view } = address.read(params);
  return tidy({ ...view, pin: pin ?? [...usualPins(view)] });
}

/** Drops parts that have no effect on their own. */
function tidy({ direction, sort, before, after, columns, ...view }: BoardView): BoardView {
  const areUsual = columns && sameValues(columns, usualColumns[view.division]);
  return {
    ...view,
    ...(sort && { sort, direction: direction ?? firstDirection(sort) }),
    ...(columns && !areUsual && { columns }),
    ...(after ? { after } : before && { before }),
  };
}

/** The direction of a first click on a column header. */
export function firstDirection(sort: SortKey): "ascending" | "descending" {
  if (isMetric(sort)) return figures[sort].better === "lower" ? "ascending" : "descending";
  return sort === "rank" || sort === "method" || sort === "variant" ? "ascending" : "descending";
}

/** The query of a page's URL: only what differs from the defaults, in schema order. */
export const writeBoardView = ({ pin, ...view }: BoardView): URLSearchParams =>
  new URLSearchParams(
    address.href("", {
      ...withNone(view),
      pin: arePins(pin, usualPins(view)) ? null : pin.length === 0 ? ["none"] : pin,
    }),
  );

/** The query of the API's address of the same rows: it names every pin. */
export const writeBoardQuery = (view: BoardView): URLSearchParams =>
  new URLSearchParams(apiAddress.href("", withNone(view)));

const withNone = <View extends Pick<BoardView, "columns">>(view: View) =>
  view.columns?.length === 0 ? { ...view, columns: ["none"] } : view;

const arePins = (a: readonly string[], b: readonly string[]): boolean => a.join() === b.join();

/** The view with something changed. It goes back to the first page. */
export function changeView(
  view: BoardView,
  change: Partial<{ [Key in keyof BoardView]: BoardView[Key] | undefined }>,
): BoardView {
  const { after: _after, before: _before, ...rest } = view;
  const seeds = change.seeds ?? view.seeds;
  const pin = arePins(view.pin, usualPins(view)) ? [...usualPins({ seeds })] : view.pin;
  const changed = { ...rest, pin, ...change } as BoardView;
  return tidy(Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined)) as BoardView);
}

/** The columns that a view shows. */
export const columnsOf = ({ columns, division }: Pick<BoardView, "columns" | "division">): readonly BoardColumn[] =>
  columns ?? usualColumns[division];
