/**
 * A view of a board: its rows filtered, ordered and cut into pages by the
 * database. A page begins after a row rather than at an offset, so a late one
 * costs as little as the first.
 */
import "server-only";
import type { BoardEntry, BoardView, Facets, SortKey } from "@/lib/leaderboard";
import { builtInAuthor, firstDirection, metricNames } from "@/lib/leaderboard";
import type { BoardRow } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { database } from "../database/client";
import type { BenchmarkInfo, FoundBoard } from "./benchmarks";
import { findBoard } from "./benchmarks";
import { kept } from "./cache";
import { estimates } from "./estimates";
import { seedFigures, seedsOfBoard } from "./seeds";

/** A row with the policy's document. */
export type ShownEntry = BoardEntry & { document: unknown };

export interface ShownBoard {
  benchmark: BenchmarkInfo;
  rows: ShownEntry[];
  /** On top, whatever the rest is narrowed to; not repeated among the rows. */
  pinned: ShownEntry[];
  /** Rows that the view holds over all pages, pinned ones aside. */
  found: number;
  /** Rows of the whole division. */
  of: number;
  /** For `after` and `before`; null where there is no such page. */
  next: string | null;
  previous: string | null;
}

interface PageOptions {
  /** Rows of a page. */
  take?: number;
  /** Whether rows come with each seed's figures. */
  points?: boolean;
}

/**
 * The page of a board that `view` asks for; null where there is no such benchmark.
 * A row that a page should begin at and that is gone begins it at the first.
 * While the board stays as it is the same question gives the same object: not to be changed.
 */
export async function boardPage(
  slug: string,
  view: BoardView,
  { take = 50, points = false }: PageOptions = {},
  db: Database = database(),
): Promise<ShownBoard | null> {
  const found = await findBoard(slug, view, db);
  if (!found) return null;
  // rows don't depend on how they are shown
  const { columns: _columns, density: _density, chart: _chart, ...asked } = view;
  const key = `page ${found.id} ${take} ${points} ${JSON.stringify(asked)}`;
  return kept(db, { key, revision: found.revision }, () => makePage(found, view, { take, points }, db));
}

async function makePage(
  { id, revision: _revision, ...benchmark }: FoundBoard,
  view: BoardView,
  { take, points }: Required<PageOptions>,
  db: Database,
): Promise<ShownBoard> {
  const board = { benchmarkId: id, division: view.division, seeds: view.seeds };
  const cursor = view.after ?? view.before;
  const edge = cursor ? await edgeOf(db, board, view, cursor) : null;
  const backwards = edge !== null && view.after === undefined;

  const matching = [...conditions(view), notAmong(view)];
  const [rows, pinned, counts] = await Promise.all([
    select(db, board, {
      where: [...matching, ...(edge ? [beyond(view, edge, backwards)] : [])],
      order: order(view, backwards),
      take: take + 1,
    }),
    view.pin.length > 0 ? select(db, board, { where: [among(view)], order: order(view, false), take: 200 }) : [],
    db.$queryRaw<[{ found: number; of: number }]>`
      SELECT count(*) FILTER (WHERE ${all(matching)})::int AS found, count(*)::int AS of FROM ${source(board)} WHERE ${onBoard(board)}`,
  ]);
  const more = rows.length > take;
  const shown = rows.slice(0, take);
  if (backwards) shown.reverse();
  const [first, last] = [shown.at(0), shown.at(-1)];
  if (points) await addPoints(db, board, [...shown, ...pinned]);
  return {
    benchmark,
    rows: shown,
    pinned,
    ...counts[0],
    next: last && (backwards || more) ? rowKey(last) : null,
    previous: first && (backwards ? more : edge !== null) ? rowKey(first) : null,
  };
}

/** All rows of a view in its order, pinned ones first, up to `take` of them: what is drawn and exported. */
export async function boardRows(
  slug: string,
  view: BoardView,
  { take }: { take: number },
  db: Database = database(),
): Promise<{ benchmark: BenchmarkInfo; rows: ShownEntry[] /** Whether there are more. */; cut: boolean } | null> {
  const { after: _after, before: _before, ...whole } = view;
  const page = await boardPage(slug, whole, { take }, db);
  return page && { benchmark: page.benchmark, rows: [...page.pinned, ...page.rows], cut: page.next !== null };
}

/** When a benchmark's boards were last changed; when it was added, where they are empty. */
export async function lastChange(benchmarkId: string, db: Database = database()): Promise<Date> {
  const { _max } = await db.boardRow.aggregate({ where: { benchmarkId }, _max: { updatedAt: true } });
  return (
    _max.updatedAt ??
    (await db.benchmark.findUniqueOrThrow({ where: { id: benchmarkId }, select: { createdAt: true } })).createdAt
  );
}

/** Counts over a whole division. */
export async function boardFacets(
  slug: string,
  { version, division }: Pick<BoardView, "version" | "division">,
  db: Database = database(),
): Promise<Facets> {
  const found = await findBoard(slug, { version, division }, db);
  if (!found) return { variant: new Map(), tier: new Map(), kind: new Map(), device: new Map(), author: new Map() };
  return kept(db, { key: `facets ${found.id} ${division}`, revision: found.revision }, () =>
    countFacets({ benchmarkId: found.id, division, seeds: "together" }, db),
  );
}

async function countFacets(board: OneBoard, db: Database): Promise<Facets> {
  type Count = { facet: keyof Facets; value: string; count: number };
  const [few, authors] = await Promise.all([
    db.$queryRaw<Count[]>`
      SELECT CASE WHEN variant IS NOT NULL THEN 'variant' WHEN tier IS NOT NULL THEN 'tier' ELSE 'kind' END AS facet,
             coalesce(variant, tier::text, kind) AS value, count::int
      FROM (SELECT entry.variant, entry.tier, policy.kind, count(*) FROM ${source(board)} WHERE ${onBoard(board)}
            GROUP BY GROUPING SETS ((entry.variant), (entry.tier), (policy.kind))) AS facets
      UNION ALL
      SELECT 'device', device, count(*)::int FROM ${source(board)}, unnest(entry.backends) AS device WHERE ${onBoard(board)} GROUP BY device`,
    db.$queryRaw<{ value: string; count: number }[]>`
      SELECT ${authorName} AS value, count(*)::int AS count FROM ${source(board)} WHERE ${onBoard(board)} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20`,
  ]);
  const of = (facet: keyof Facets) =>
    new Map(few.filter((one) => one.facet === facet).map(({ value, count }) => [value, count]));
  return {
    variant: of("variant"),
    tier: of("tier"),
    kind: of("kind"),
    device: of("device"),
    author: new Map(authors.map(({ value, count }) => [value, count])),
  };
}

async function addPoints(db: Database, board: OneBoard, rows: ShownEntry[]): Promise<void> {
  const policies = await db.policy.findMany({
    where: { slug: { in: [...new Set(rows.map(({ policy }) => policy.slug))] } },
    select: { id: true, slug: true },
  });
  const slugs = new Map(policies.map(({ id, slug }) => [id, slug]));
  const figures = await seedFigures(db, { ...board, policyIds: [...slugs.keys()] });
  for (const row of rows) {
    row.points = figures
      .filter(({ policyId, variant }) => `${variant}/${slugs.get(policyId)}` === row.method)
      .map(({ policyId: _, variant: __, seed, ...metrics }) => ({
        label: board.division === "closed" ? `held-out ${seed}` : seed,
        ...metrics,
      }));
  }
}

/** What `after`, `before` and `pin` call a row. */
const rowKey = ({ method, seed }: Pick<BoardEntry, "method" | "seed">): string =>
  seed === null ? method : `${method}@${seed}`;

type Sql = Prisma.Sql;
interface OneBoard {
  benchmarkId: string;
  division: BoardView["division"];
  seeds: BoardView["seeds"];
}

const all = (conditions: readonly Sql[]): Sql =>
  conditions.length > 0 ? Prisma.join(conditions, " AND ") : Prisma.sql`true`;
const onBoard = ({ benchmarkId, division }: OneBoard): Sql =>
  Prisma.sql`entry.benchmark_id = ${benchmarkId}::uuid AND entry.division = ${division}::division AND policy.hidden_at IS NULL`;
const authorName = Prisma.sql`CASE WHEN policy.built_in IS NOT NULL THEN ${builtInAuthor} ELSE coalesce(author.name, 'deleted account') END`;

/** Methods, or every seed of every method. */
const source = (board: OneBoard): Sql => {
  const entries = Prisma.sql`board_row AS entry JOIN policy ON policy.id = entry.policy_id LEFT JOIN "user" AS author ON author.id = policy.author_id`;
  return board.seeds === "together"
    ? entries
    : Prisma.sql`${entries} JOIN (${seedsOfBoard(board)}) AS one ON one.policy_id = entry.policy_id AND one.variant = entry.variant`;
};

const seedColumn = ({ seeds }: Pick<OneBoard, "seeds">): Sql =>
  seeds === "each" ? Prisma.sql`one.seed` : Prisma.sql`''::text`;

/** Seeds in the order of their numbers. */
const seedNumber = ({ seeds }: Pick<OneBoard, "seeds">): Sql =>
  seeds === "each" ? Prisma.sql`one.seed::bigint` : Prisma.sql`0::bigint`;

type Metric = (typeof metricNames)[number];
const columnNames: Record<Metric, string> = {
  accuracy: "accuracy",
  sensitivity: "sensitivity",
  specificity: "specificity",
  fScore: "f_score",
  esm: "esm",
};
const metricColumn = (metric: Metric, seeds: OneBoard["seeds"]): Sql =>
  seeds === "each" ? Prisma.raw(`one.${columnNames[metric]}`) : Prisma.raw(`entry.${columnNames[metric]}_mean`);

/** The columns of the metrics as Prisma would name them; a single seed has neither deviation nor interval. */
const metricList = (seeds: OneBoard["seeds"]): Sql =>
  Prisma.raw(
    metricNames
      .flatMap((metric) => {
        const parts = ["mean", "deviation", "low", "high"].map((part) => [
          part,
          seeds === "together"
            ? `entry.${columnNames[metric]}_${part}`
            : part === "mean"
              ? `one.${columnNames[metric]}`
              : "NULL::float8",
        ]);
        return parts.map(([part, column]) => `${column} AS "${metric}${part![0]!.toUpperCase()}${part!.slice(1)}"`);
      })
      .join(", "),
  );

function select(
  db: Database,
  board: OneBoard,
  { where, order, take }: { where: readonly Sql[]; order: Sql; take: number },
): Promise<ShownEntry[]> {
  return db.$queryRaw<SelectedRow[]>`
      SELECT entry.variant, entry.division::text AS division, entry.tier, entry.runs, entry.n, entry.backends, ${seedColumn(board)} AS seed, ${metricList(board.seeds)},
             entry.band_first AS "bandFirst", entry.band_last AS "bandLast", entry.gap_mean AS "gapMean", entry.gap_low AS "gapLow", entry.gap_high AS "gapHigh",
             entry.first_at AS "firstAt", entry.updated_at AS "updatedAt",
             policy.slug, policy.name, policy.rule, policy.kind, policy.document, policy.built_in IS NOT NULL AS "builtIn", author.name AS author
      FROM ${source(board)} WHERE ${all([onBoard(board), ...where])} ORDER BY ${order} LIMIT ${take}`.then((rows) =>
    rows.map(entry),
  );
}

type SelectedRow = Pick<
  BoardRow,
  Parameters<typeof estimates>[0] extends infer Columns ? keyof Columns & keyof BoardRow : never
> &
  Pick<
    BoardRow,
    | "tier"
    | "runs"
    | "n"
    | "backends"
    | "bandFirst"
    | "bandLast"
    | "gapMean"
    | "gapLow"
    | "gapHigh"
    | "firstAt"
    | "updatedAt"
  > & {
    variant: string;
    division: string;
    seed: string;
    slug: string;
    name: string;
    rule: string;
    kind: string;
    document: unknown;
    builtIn: boolean;
    author: string | null;
  };

function entry({
  slug,
  name,
  rule,
  kind,
  builtIn,
  author,
  variant,
  division,
  seed,
  tier,
  runs,
  n,
  backends,
  bandFirst,
  bandLast,
  gapMean,
  gapLow,
  gapHigh,
  firstAt,
  updatedAt,
  document,
  ...columns
}: SelectedRow): ShownEntry {
  return {
    method: `${variant}/${slug}`,
    variant: variant as BoardEntry["variant"], // parsed when it was stored
    division: division as BoardEntry["division"],
    policy: { slug, name, rule, kind, builtIn, author },
    seed: seed === "" ? null : seed,
    tier,
    runs,
    n: seed === "" ? n : 1,
    ...estimates(columns),
    band: bandFirst !== null && bandLast !== null ? { first: bandFirst, last: bandLast } : null,
    gap: gapMean !== null ? { mean: gapMean, low: gapLow, high: gapHigh } : null,
    devices: backends as BoardEntry["devices"],
    firstAt,
    updatedAt,
    document,
  };
}

// ── Which rows ───────────────────────────────────────────────────────────────

function conditions({ q, variant, tier, kind, device, author }: BoardView): Sql[] {
  const words = q.split(/\s+/).filter(Boolean).slice(0, 8);
  return [
    ...words.map(
      (word) =>
        Prisma.sql`concat_ws(' ', policy.name, policy.slug, policy.rule, author.name) ILIKE ${`%${word.replace(/[\\%_]/g, "\\$&")}%`}`,
    ),
    ...(variant.length > 0 ? [Prisma.sql`entry.variant IN (${Prisma.join(variant)})`] : []),
    ...(tier.length > 0 ? [Prisma.sql`entry.tier IN (${Prisma.join(tier)})`] : []),
    ...(kind.length > 0 ? [Prisma.sql`policy.kind IN (${Prisma.join(kind)})`] : []),
    ...(device.length > 0 ? [Prisma.sql`entry.backends && ARRAY[${Prisma.join(device)}]::text[]`] : []),
    ...(author.length > 0 ? [Prisma.sql`${authorName} IN (${Prisma.join(author)})`] : []),
  ];
}

/** Pinned methods with all their seeds, or single seeds. */
function among({ pin, seeds }: BoardView): Sql {
  const methods = pin.filter((key) => !key.includes("@"));
  const single = seeds === "each" ? pin.filter((key) => key.includes("@")) : [];
  const method = Prisma.sql`entry.variant || '/' || policy.slug`;
  const either = [
    ...(methods.length > 0 ? [Prisma.sql`${method} IN (${Prisma.join(methods)})`] : []),
    ...(single.length > 0 ? [Prisma.sql`${method} || '@' || one.seed IN (${Prisma.join(single)})`] : []),
  ];
  return either.length > 0 ? Prisma.sql`(${Prisma.join(either, " OR ")})` : Prisma.sql`false`;
}

const notAmong = (view: BoardView): Sql => (view.pin.length > 0 ? Prisma.sql`NOT ${among(view)}` : Prisma.sql`true`);

// ── In which order, and from where ───────────────────────────────────────────

function sortExpression(sort: SortKey, seeds: OneBoard["seeds"]): Sql {
  switch (sort) {
    case "rank":
      return Prisma.sql`(entry.band_first + entry.band_last / 1e7::float8)`;
    case "method":
      return Prisma.sql`lower(policy.name)`;
    case "variant":
      return Prisma.sql`entry.variant`;
    case "gap":
      return Prisma.sql`entry.gap_mean`;
    case "n":
      return Prisma.sql`entry.n`;
    case "tier":
      return Prisma.sql`entry.tier`;
    case "first":
      return Prisma.sql`entry.first_at`;
    default:
      return metricColumn(sort, seeds);
  }
}

const sortOf = ({ sort = "accuracy", direction = firstDirection(sort), seeds }: BoardView) => ({
  sort,
  expression: sortExpression(sort, seeds),
  descending: direction === "descending",
});

/** Equal rows stand by variant, policy and seed; rows without a value come last in both directions. */
function order(view: BoardView, backwards: boolean): Sql {
  const { sort, expression, descending } = sortOf(view);
  const way = Prisma.raw(descending !== backwards ? "DESC" : "ASC");
  const ties = Prisma.raw(backwards ? "DESC" : "ASC");
  // Where nothing can be missing the index has the order as it is.
  const nulls = Prisma.raw(sort !== "rank" && sort !== "gap" ? "" : backwards ? "NULLS FIRST" : "NULLS LAST");
  return Prisma.sql`${expression} ${way} ${nulls}, entry.variant ${ties}, entry.policy_id ${ties}, ${seedNumber(view)} ${ties}`;
}

interface Edge {
  value: number | string | Date | null;
  variant: string;
  policyId: string;
  seed: string;
}

/** Where the row that a page begins at stands in the order. */
async function edgeOf(db: Database, board: OneBoard, view: BoardView, key: string): Promise<Edge | null> {
  const [variant, slug, seed] = key.split(/[/@]/);
  const ofSeed = board.seeds === "each" ? Prisma.sql`one.seed = ${seed ?? ""}` : Prisma.sql`true`;
  const [edge] = await db.$queryRaw<Edge[]>`
    SELECT ${sortOf(view).expression} AS value, entry.variant, entry.policy_id::text AS "policyId", ${seedColumn(board)} AS seed
    FROM ${source(board)} WHERE ${onBoard(board)} AND entry.variant = ${variant} AND policy.slug = ${slug} AND ${ofSeed} LIMIT 1`;
  return edge ?? null;
}

/** The rows that stand after the edge, or before it. */
function beyond(view: BoardView, { value, variant, policyId, seed }: Edge, backwards: boolean): Sql {
  const { expression, descending } = sortOf(view);
  const less = Prisma.raw(descending !== backwards ? "<" : ">");
  const ties = Prisma.sql`(entry.variant, entry.policy_id, ${seedNumber(view)}) ${Prisma.raw(backwards ? "<" : ">")} (${variant}, ${policyId}::uuid, ${seed || "0"}::bigint)`;
  if (value === null) {
    const tied = Prisma.sql`${expression} IS NULL AND ${ties}`;
    return backwards ? Prisma.sql`(${expression} IS NOT NULL OR ${tied})` : Prisma.sql`(${tied})`;
  }
  const at =
    typeof value === "number"
      ? Prisma.sql`${value}::float8`
      : value instanceof Date
        ? Prisma.sql`${value}::timestamptz`
        : Prisma.sql`${value}`;
  const beyondIt = Prisma.sql`${expression} ${less} ${at} OR (${expression} = ${at} AND ${ties})`;
  return backwards ? Prisma.sql`(${beyondIt})` : Prisma.sql`(${beyondIt} OR ${expression} IS NULL)`;
}
