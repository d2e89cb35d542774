/** Reads a board: the rows of a view, paginated, for the site's pages, the API and exports. */
import "server-only";
import type { BoardEntry, BoardView, Division, PolicyName, Resolution } from "@/lib/leaderboard";
import { boardViewSchema, standings } from "@/lib/leaderboard";
import type { BoardRow } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { database } from "../database/client";
import type { BenchmarkInfo, FoundBoard } from "./benchmarks";
import { findBoard } from "./benchmarks";
import { cached } from "./cache";
import type { EstimateColumns } from "./metric-columns";
import { estimates } from "./metric-columns";
import { resolutions } from "./resolution";
import { seedFigures } from "./seeds";
import type { BoardSource, Cursor } from "./view-sql";
import {
  allOf,
  boardTables,
  cursorColumns,
  filters,
  isBeyond,
  isOnBoard,
  isPinned,
  metricColumns,
  orderBy,
  seedColumn,
} from "./view-sql";

/** A row with the policy's document. */
export type EntryWithDocument = BoardEntry & { document: unknown };

export interface BoardPage {
  benchmark: BenchmarkInfo;
  rows: EntryWithDocument[];
  /** Shown on top regardless of the filters; not repeated among the rows. */
  pinned: EntryWithDocument[];
  /** Number of rows in the view over all pages, not counting pinned ones. */
  found: number;
  /** Number of rows in the whole division. */
  of: number;
  /** Null until the board is first ranked. */
  resolution: Resolution | null;
  /** Cursors for `after` and `before`; null if there is no such page. */
  next: string | null;
  previous: string | null;
}

/** The part of a view that decides which rows a page has. Omitted fields take the defaults of the view. */
export type BoardQuery = Partial<Omit<BoardView, "columns" | "density" | "chart">>;

interface PageOptions {
  /** Rows per page. Default: 50. */
  take?: number;
  /** Whether rows come with each seed's figures. Default: false. */
  points?: boolean;
}

/**
 * The page of a board that a query asks for; null if there is no such benchmark. If the row of `after` or `before` is
 * gone, it is the first page. Cached: don't mutate it.
 */
export async function boardPage(
  slug: string,
  query: BoardQuery,
  options: PageOptions = {},
  db: Database = database(),
): Promise<BoardPage | null> {
  const view = wholeView(query);
  const board = await findBoard(slug, view, db);
  return board && cachedPage(board, view, options, db);
}

/** As `boardPage`, for a board from `findBoard`. */
export const pageOf = (
  board: FoundBoard,
  query: BoardQuery,
  options: PageOptions = {},
  db: Database = database(),
): Promise<BoardPage> => cachedPage(board, wholeView(query), options, db);

const { columns: _columns, density, chart: _chart, ...freshView } = boardViewSchema.parse({});

/** The view with its defaults. Fields that only affect presentation are reset, so that they don't split the cache. */
function wholeView(query: BoardQuery & Partial<BoardView>): BoardView {
  const { columns: _columns, density: _density, chart: _chart, ...rest } = query;
  return { ...freshView, ...rest, density };
}

function cachedPage(
  board: FoundBoard,
  view: BoardView,
  { take = 50, points = false }: PageOptions,
  db: Database,
): Promise<BoardPage> {
  const key = `page ${take} ${points} ${JSON.stringify(view)}`;
  return cached(board.revision, key, () => readPage(board, view, { take, points }, db));
}

async function readPage(
  { id, revision: _revision, ...benchmark }: FoundBoard,
  view: BoardView,
  { take, points }: Required<PageOptions>,
  db: Database,
): Promise<BoardPage> {
  const board = { benchmarkId: id, division: view.division, seeds: view.seeds };
  const cursorKey = view.after ?? view.before;
  const cursor = cursorKey ? await findCursor(db, board, view, cursorKey) : null;
  const backwards = cursor !== null && view.after === undefined;

  const onBoard = isOnBoard(board);
  const matching = [...filters(view), ...(view.pin.length > 0 ? [Prisma.sql`NOT ${isPinned(view)}`] : [])];
  const [rows, pinned, counts, ranked] = await Promise.all([
    selectRows(db, board, {
      where: [onBoard, ...matching, ...(cursor ? [isBeyond(view, cursor, backwards)] : [])],
      order: orderBy(view, backwards),
      take: take + 1, // one extra row shows whether another page follows
    }),
    view.pin.length > 0
      ? selectRows(db, board, { where: [onBoard, isPinned(view)], order: orderBy(view), take: 200 })
      : [],
    db.$queryRaw<[{ found: number; of: number }]>`
      SELECT count(*) FILTER (WHERE ${allOf(matching)})::int AS found, count(*)::int AS of
      FROM ${boardTables(board)} WHERE ${onBoard}`,
    resolutions(db, { benchmarkId: id, division: view.division }),
  ]);
  const more = rows.length > take;
  const shown = rows.slice(0, take);
  if (backwards) shown.reverse();
  const withPoints = points ? await addPoints(db, board, [...shown, ...pinned]) : [...shown, ...pinned];
  const entries = withPoints.map(({ entry, document }) => ({ ...entry, document }));
  const [first, last] = [shown.at(0), shown.at(-1)];
  return {
    benchmark,
    rows: entries.slice(0, shown.length),
    pinned: entries.slice(shown.length),
    ...counts[0],
    resolution: ranked.get(id) ?? null,
    next: last && (backwards || more) ? rowKey(last.entry) : null,
    previous: first && (backwards ? more : cursor !== null) ? rowKey(first.entry) : null,
  };
}

interface BoardRows {
  benchmark: BenchmarkInfo;
  rows: EntryWithDocument[];
  /** Whether the view has more rows than these. */
  cut: boolean;
}

/** All rows of a view in its order, pinned ones first, up to `take` of them: for charts and exports. */
export async function boardRows(
  slug: string,
  query: BoardQuery,
  { take }: { take: number },
  db: Database = database(),
): Promise<BoardRows | null> {
  const { after: _after, before: _before, ...whole } = query;
  const page = await boardPage(slug, whole, { take }, db);
  return page && { benchmark: page.benchmark, rows: [...page.pinned, ...page.rows], cut: page.next !== null };
}

/** The named methods of one board, in the order of their names; null for one that is not on it. */
export async function findMethods(
  db: Database,
  { benchmarkId, division, methods }: { benchmarkId: string; division: Division; methods: readonly string[] },
): Promise<(SelectedRow | null)[]> {
  if (methods.length === 0) return [];
  const board = { benchmarkId, division, seeds: "together" as const };
  const slugs = methods.map((method) => method.split("/")[1] ?? "");
  const isNamed = Prisma.sql`policy.slug IN (${Prisma.join(slugs)}) AND ${isPinned({ ...board, pin: [...methods] })}`;
  const rows = await selectRows(db, board, { where: [isOnBoard(board), isNamed] });
  return methods.map((method) => rows.find(({ entry }) => entry.method === method) ?? null);
}

/** Adds each seed's figures to rows of a board. */
async function addPoints(db: Database, board: BoardSource, rows: readonly SelectedRow[]): Promise<SelectedRow[]> {
  const policyIds = [...new Set(rows.map(({ policyId }) => policyId))];
  const figures = await seedFigures(db, { ...board, policyIds });
  return rows.map(({ entry, ...row }) => ({
    ...row,
    entry: {
      ...entry,
      points: figures
        .filter(({ policyId, variant }) => policyId === row.policyId && variant === entry.variant)
        .map(({ policyId: _, variant: __, seed, ...metrics }) => ({
          label: board.division === "closed" ? `run ${seed}` : seed,
          ...metrics,
        })),
    },
  }));
}

/** A row's key in `after`, `before` and `pin`. */
const rowKey = ({ method, seed }: Pick<BoardEntry, "method" | "seed">): string =>
  seed === null ? method : `${method}@${seed}`;

/** A row's cursor in the order of a view; null if the row is gone. */
async function findCursor(db: Database, board: BoardSource, view: BoardView, key: string): Promise<Cursor | null> {
  const [variant, slug, seed] = key.split(/[/@]/);
  const isSeed = board.seeds === "each" ? Prisma.sql`per_seed.seed = ${seed ?? ""}` : Prisma.sql`true`;
  const [cursor] = await db.$queryRaw<Cursor[]>`
    SELECT ${cursorColumns(view)} FROM ${boardTables(board)}
    WHERE ${isOnBoard(board)} AND entry.variant = ${variant} AND policy.slug = ${slug} AND ${isSeed} LIMIT 1`;
  return cursor ?? null;
}

interface SelectedRow {
  benchmarkId: string;
  policyId: string;
  document: unknown;
  entry: BoardEntry;
}

/** Selects rows of boards and maps their columns to entries. */
export async function selectRows(
  db: Database,
  source: BoardSource | { seeds: "together" },
  {
    where,
    order = Prisma.sql`entry.division, entry.variant`,
    take = 1000,
  }: { where: readonly Prisma.Sql[]; order?: Prisma.Sql; take?: number },
): Promise<SelectedRow[]> {
  const rows = await db.$queryRaw<Columns[]>`
    SELECT entry.benchmark_id::text AS "benchmarkId", entry.policy_id::text AS "policyId",
           entry.variant, entry.division::text AS division, ${seedColumn(source)} AS seed,
           entry.tier, entry.runs, entry.n, entry.reproduced, entry.backends, ${metricColumns(source.seeds)},
           entry.band_first AS "bandFirst", entry.band_last AS "bandLast", entry.standing, ${sameAsColumns},
           entry.gap_mean AS "gapMean", entry.gap_low AS "gapLow", entry.gap_high AS "gapHigh",
           entry.first_at AS "firstAt", entry.updated_at AS "updatedAt",
           policy.slug, policy.name, policy.rule, policy.kind, policy.document,
           policy.built_in IS NOT NULL AS "builtIn", author.name AS author, ${triesColumn}
    FROM ${boardTables(source)} WHERE ${allOf(where)} ORDER BY ${order} LIMIT ${take}`;
  return rows.map(({ benchmarkId, policyId, document, ...columns }) => ({
    benchmarkId,
    policyId,
    document,
    entry: entryOf(columns),
  }));
}

const triesColumn = Prisma.sql`
  (SELECT nullif(count(DISTINCT own.id), 0)::int FROM policy AS own JOIN board_row AS own_row ON own_row.policy_id = own.id
   WHERE own.author_id = policy.author_id AND own_row.benchmark_id = entry.benchmark_id
     AND own_row.division = entry.division) AS tries`;

/** `sameAs`, `standsForCount` and `standsFor`. */
const sameAsColumns = Prisma.sql`
  (SELECT json_build_object('slug', slug, 'name', name) FROM policy AS same
   WHERE same.id::text = split_part(entry.same_as, '/', 2)) AS "sameAs",
  (SELECT count(*)::int FROM (${others()}) AS other) AS "standsForCount",
  (SELECT coalesce(json_agg(json_build_object('slug', slug, 'name', name)), '[]') FROM (${others()}
   ORDER BY other_policy.built_in NULLS LAST, other_policy.created_at, other_policy.id LIMIT 5) AS other) AS "standsFor"`;

/** The policies of the rows that a row stands for. */
function others(): Prisma.Sql {
  return Prisma.sql`
    SELECT other_policy.slug, other_policy.name
    FROM board_row AS other_row JOIN policy AS other_policy ON other_policy.id = other_row.policy_id
    WHERE other_row.benchmark_id = entry.benchmark_id AND other_row.division = entry.division
      AND other_row.same_as = entry.variant || '/' || entry.policy_id AND other_policy.hidden_at IS NULL`;
}

type Columns = EntryColumns & Omit<SelectedRow, "entry">;

type EntryColumns = EstimateColumns &
  Pick<BoardRow, "variant" | "division" | "tier" | "runs" | "n" | "reproduced" | "backends" | "firstAt" | "updatedAt"> &
  Pick<BoardRow, "bandFirst" | "bandLast" | "standing" | "gapMean" | "gapLow" | "gapHigh"> &
  BoardEntry["policy"] &
  Pick<BoardEntry, "sameAs" | "tries"> & { seed: string; standsForCount: number; standsFor: PolicyName[] };

function entryOf(row: EntryColumns): BoardEntry {
  const { slug, name, rule, kind, builtIn, author, seed, bandFirst, bandLast, gapMean, gapLow, gapHigh } = row;
  return {
    method: `${row.variant}/${slug}`,
    variant: row.variant as BoardEntry["variant"], // parsed when it was stored
    division: row.division,
    policy: { slug, name, rule, kind, builtIn, author },
    seed: seed === "" ? null : seed,
    tier: row.tier,
    runs: row.runs,
    reproduced: row.reproduced,
    n: seed === "" ? row.n : 1,
    ...estimates(row),
    standing: row.standing === null ? null : (standings[row.standing] ?? null),
    tries: row.tries,
    sameAs: row.sameAs,
    standsFor: { count: row.standsForCount, first: row.standsFor },
    band: bandFirst !== null && bandLast !== null ? { first: bandFirst, last: bandLast } : null,
    gap: gapMean !== null ? { mean: gapMean, low: gapLow, high: gapHigh } : null,
    devices: row.backends as BoardEntry["devices"],
    firstAt: row.firstAt,
    updatedAt: row.updatedAt,
  };
}
