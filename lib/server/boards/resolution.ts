/** How well boards tell their methods apart, as it was when they were last ranked. */
import "server-only";
import type { Division, Resolution } from "@/lib/leaderboard";
import type { Database } from "../database/client";

/** By benchmark id; boards that were never ranked are left out. */
export async function resolutions(
  db: Database,
  where: { division: Division; benchmarkId?: string },
): Promise<Map<string, Resolution>> {
  const rows = await db.boardRanking.findMany({
    where,
    omit: { division: true, seeds: true, critical: true, rankedAt: true, revision: true },
  });
  return new Map(rows.map(({ benchmarkId, ...resolution }) => [benchmarkId, resolution]));
}
