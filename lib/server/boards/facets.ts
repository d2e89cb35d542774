/** How many rows of a board each filter would leave. */
import "server-only";
import type { BoardView, Facets } from "@/lib/leaderboard";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { findBoard } from "./benchmarks";
import { cached } from "./cache";
import type { BoardSource } from "./view-sql";
import { authorName, boardTables, isOnBoard } from "./view-sql";

/** The counts of every filter over a whole division; empty if there is no such benchmark. */
export async function boardFacets(
  slug: string,
  { version, division }: Pick<BoardView, "version" | "division">,
  db: Database = database(),
): Promise<Facets> {
  const board = await findBoard(slug, { version, division }, db);
  if (!board)
    return {
      variant: new Map(),
      tier: new Map(),
      kind: new Map(),
      reproduced: new Map(),
      device: new Map(),
      author: new Map(),
    };
  return cached(board.revision, "facets", () =>
    countFacets({ benchmarkId: board.id, division, seeds: "together" }, db),
  );
}

async function countFacets(board: BoardSource, db: Database): Promise<Facets> {
  type Count = { facet: keyof Facets; value: string; count: number };
  const tables = boardTables(board);
  const [counts, authors] = await Promise.all([
    db.$queryRaw<Count[]>`
      SELECT CASE WHEN variant IS NOT NULL THEN 'variant' WHEN tier IS NOT NULL THEN 'tier' ELSE 'kind' END AS facet,
             coalesce(variant, tier::text, kind) AS value, count::int
      FROM (SELECT entry.variant, entry.tier, policy.kind, count(*) FROM ${tables} WHERE ${isOnBoard(board)}
            GROUP BY GROUPING SETS ((entry.variant), (entry.tier), (policy.kind))) AS facets
      UNION ALL
      SELECT 'reproduced', CASE WHEN entry.reproduced > 0 THEN 'yes' ELSE 'no' END, count(*)::int FROM ${tables}
      WHERE ${isOnBoard(board)} GROUP BY 2
      UNION ALL
      SELECT 'device', device, count(*)::int FROM ${tables}, unnest(entry.backends) AS device
      WHERE ${isOnBoard(board)} GROUP BY device`,
    db.$queryRaw<{ value: string; count: number }[]>`
      SELECT ${authorName} AS value, count(*)::int AS count FROM ${tables} WHERE ${isOnBoard(board)}
      GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20`,
  ]);
  const countsOf = (wanted: keyof Facets) =>
    new Map(counts.filter(({ facet }) => facet === wanted).map(({ value, count }) => [value, count]));
  return {
    variant: countsOf("variant"),
    tier: countsOf("tier"),
    kind: countsOf("kind"),
    reproduced: countsOf("reproduced"),
    device: countsOf("device"),
    author: new Map(authors.map(({ value, count }) => [value, count])),
  };
}
