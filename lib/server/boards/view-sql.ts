/**
 * A view of a board as SQL: filters, order and keyset pagination. A page begins after a row rather than at an offset,
 * so late pages cost as little as the first.
 */
import "server-only";
import type { BoardView, SortKey } from "@/lib/leaderboard";
import { builtInAuthor, firstDirection, rowsPerAuthor, standings } from "@/lib/leaderboard";
import { figures, isMetric, metricNames } from "@/lib/records";
import { Prisma } from "@/prisma/generated/client";
import { columnOf } from "./metric-columns";
import { seedsOfBoard } from "./seeds";

type Sql = Prisma.Sql;

/** Which board, and whether its rows are methods or single seeds of them. */
export interface BoardSource {
  benchmarkId: string;
  division: BoardView["division"];
  seeds: BoardView["seeds"];
}

// ── The rows of a board ──────────────────────────────────────────────────────

/** Board rows with their policies and authors; `entry`, `policy`, `author` and, of single seeds, `per_seed`. */
export const boardTables = (board: BoardSource | { seeds: "together" }): Sql => {
  const methods = Prisma.sql`
    board_row AS entry
    JOIN policy ON policy.id = entry.policy_id
    LEFT JOIN "user" AS author ON author.id = policy.author_id`;
  return board.seeds === "together"
    ? methods
    : Prisma.sql`${methods} JOIN (${seedsOfBoard(board)}) AS per_seed
        ON per_seed.policy_id = entry.policy_id AND per_seed.variant = entry.variant`;
};

export const isOnBoard = ({ benchmarkId, division }: BoardSource): Sql => Prisma.sql`
  entry.benchmark_id = ${benchmarkId}::uuid AND entry.division = ${division}::division AND policy.hidden_at IS NULL`;

export const authorName = Prisma.sql`
  CASE WHEN policy.built_in IS NOT NULL THEN ${builtInAuthor} ELSE coalesce(author.name, 'deleted account') END`;

/** A row's seed; empty for a row over all seeds. */
export const seedColumn = ({ seeds }: Pick<BoardSource, "seeds">): Sql =>
  seeds === "each" ? Prisma.sql`per_seed.seed` : Prisma.sql`''::text`;

/** Four columns for each metric, named as Prisma names them; a single seed has neither deviation nor interval. */
export const metricColumns = (seeds: BoardSource["seeds"]): Sql =>
  Prisma.raw(
    metricNames
      .flatMap((metric) => {
        const column = columnOf(metric);
        const [mean, deviation, low, high] =
          seeds === "together"
            ? ["mean", "deviation", "low", "high"].map((part) => `entry.${column}_${part}`)
            : [`per_seed.${column}`, "NULL::float8", "NULL::float8", "NULL::float8"];
        return [
          `${mean} AS "${metric}Mean"`,
          `${deviation} AS "${metric}Deviation"`,
          `${low} AS "${metric}Low"`,
          `${high} AS "${metric}High"`,
        ];
      })
      .join(", "),
  );

// ── Filters ──────────────────────────────────────────────────────────────────

export const allOf = (conditions: readonly Sql[]): Sql =>
  conditions.length > 0 ? Prisma.join(conditions, " AND ") : Prisma.sql`true`;

/** The conditions that a view's filters and search words set. */
export function filters({ q, variant, tier, kind, reproduced, device, author, rows }: BoardView): Sql[] {
  const words = q.split(/\s+/).filter(Boolean).slice(0, 8);
  const text = Prisma.sql`concat_ws(' ', policy.name, policy.slug, policy.rule, author.name)`;
  return [
    ...words.map((word) => Prisma.sql`${text} ILIKE ${`%${word.replace(/[\\%_]/g, "\\$&")}%`}`),
    ...(variant.length > 0 ? [Prisma.sql`entry.variant IN (${Prisma.join(variant)})`] : []),
    ...(tier.length > 0 ? [Prisma.sql`entry.tier IN (${Prisma.join(tier)})`] : []),
    ...(kind.length > 0 ? [Prisma.sql`policy.kind IN (${Prisma.join(kind)})`] : []),
    ...(reproduced.length === 1 ? [Prisma.sql`(entry.reproduced > 0) = ${reproduced[0] === "yes"}::boolean`] : []),
    ...(device.length > 0 ? [Prisma.sql`entry.backends && ARRAY[${Prisma.join(device)}]::text[]`] : []),
    ...(rows === "first" && words.length === 0 && author.length === 0
      ? [Prisma.sql`entry.same_as IS NULL AND coalesce(entry.author_place, 0) <= ${rowsPerAuthor}`]
      : []),
    ...(author.length > 0 ? [Prisma.sql`${authorName} IN (${Prisma.join(author)})`] : []),
  ];
}

/** Whether a row is pinned: a method with all its seeds, or a single seed. */
export function isPinned({ pin, seeds }: Pick<BoardView, "pin" | "seeds">): Sql {
  const methods = pin.filter((key) => !key.includes("@"));
  const single = seeds === "each" ? pin.filter((key) => key.includes("@")) : [];
  const method = Prisma.sql`entry.variant || '/' || policy.slug`;
  const either = [
    ...(methods.length > 0 ? [Prisma.sql`${method} IN (${Prisma.join(methods)})`] : []),
    ...(single.length > 0 ? [Prisma.sql`${method} || '@' || per_seed.seed IN (${Prisma.join(single)})`] : []),
  ];
  return either.length > 0 ? Prisma.sql`(${Prisma.join(either, " OR ")})` : Prisma.sql`false`;
}

// ── Order and cursors ────────────────────────────────────────────────────────

function sortExpression(sort: SortKey, seeds: BoardSource["seeds"]): Sql {
  switch (sort) {
    case "rank":
      // By standing, then by mean accuracy; methods that are not ranked last.
      return Prisma.sql`(2 * coalesce(entry.standing, ${standings.length}) + 1 - entry.accuracy_mean)`;
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
      return Prisma.raw(seeds === "each" ? `per_seed.${columnOf(sort)}` : `entry.${columnOf(sort)}_mean`);
  }
}

const sortOf = ({
  seeds,
  sort = seeds === "each" ? "accuracy" : "rank",
  direction = firstDirection(sort),
}: BoardView) => ({
  sort,
  expression: sortExpression(sort, seeds),
  descending: direction === "descending",
});

/** Orders seeds numerically. */
const seedNumber = ({ seeds }: Pick<BoardSource, "seeds">): Sql =>
  seeds === "each" ? Prisma.sql`per_seed.seed::bigint` : Prisma.sql`0::bigint`;

const mayBeMissing = (sort: SortKey): boolean => sort === "gap" || (isMetric(sort) && figures[sort].optional === true);

/** Ties are broken by variant, policy and seed; rows without a value come last in both directions. */
export function orderBy(view: BoardView, backwards = false): Sql {
  const { sort, expression, descending } = sortOf(view);
  const way = Prisma.raw(descending !== backwards ? "DESC" : "ASC");
  const ties = Prisma.raw(backwards ? "DESC" : "ASC");
  // Only for columns that may be null: without it, the index already has this order.
  const nulls = Prisma.raw(!mayBeMissing(sort) ? "" : backwards ? "NULLS FIRST" : "NULLS LAST");
  return Prisma.sql`
    ${expression} ${way} ${nulls}, entry.variant ${ties}, entry.policy_id ${ties}, ${seedNumber(view)} ${ties}`;
}

/** The columns of a `Cursor`. */
export const cursorColumns = (view: BoardView): Sql => Prisma.sql`
  ${sortOf(view).expression} AS value, entry.variant, entry.policy_id::text AS "policyId", ${seedColumn(view)} AS seed`;

/** A row's position in the order. */
export interface Cursor {
  value: number | string | Date | null;
  variant: string;
  policyId: string;
  seed: string;
}

/** Whether a row comes after the cursor, or before it. */
export function isBeyond(view: BoardView, { value, variant, policyId, seed }: Cursor, backwards: boolean): Sql {
  const { expression, descending } = sortOf(view);
  const less = Prisma.raw(descending !== backwards ? "<" : ">");
  const tiesBeyond = Prisma.sql`(entry.variant, entry.policy_id, ${seedNumber(view)})
    ${Prisma.raw(backwards ? "<" : ">")} (${variant}, ${policyId}::uuid, ${seed || "0"}::bigint)`;
  if (value === null) {
    const tied = Prisma.sql`${expression} IS NULL AND ${tiesBeyond}`;
    return backwards ? Prisma.sql`(${expression} IS NOT NULL OR ${tied})` : Prisma.sql`(${tied})`;
  }
  const cursorValue =
    typeof value === "number"
      ? Prisma.sql`${value}::float8`
      : value instanceof Date
        ? Prisma.sql`${value}::timestamptz`
        : Prisma.sql`${value}`;
  const beyond = Prisma.sql`${expression} ${less} ${cursorValue} OR (${expression} = ${cursorValue} AND ${tiesBeyond})`;
  return backwards ? Prisma.sql`(${beyond})` : Prisma.sql`(${beyond} OR ${expression} IS NULL)`;
}
