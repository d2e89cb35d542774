/** The per-seed figures of a board's methods, from which means, intervals and comparisons are computed. */
import "server-only";
import { scorerVersion } from "@/lib/leaderboard";
import type { ByMetric } from "@/lib/records";
import { metricNames } from "@/lib/records";
import type { Division } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { columnOf, scoreColumns } from "./metric-columns";
import { areCounted, areRanked } from "./ranked-runs";

export type SeedFigures = ByMetric<number> & {
  policyId: string;
  variant: string;
  /** The seed of an Open run; the number of a reference run. */
  seed: string;
};

/** The figures of some policies on one board, in the order of seeds. */
export async function seedFigures(
  db: Database,
  { benchmarkId, division, policyIds }: { benchmarkId: string; division: Division; policyIds: readonly string[] },
): Promise<SeedFigures[]> {
  if (policyIds.length === 0) return [];
  const ids = Prisma.join(policyIds.map((id) => Prisma.sql`${id}::uuid`));
  return db.$queryRaw`
    SELECT policy_id::text AS "policyId", variant, seed, ${scoreColumns}
    FROM (${seedsOfBoard({ benchmarkId, division })}) AS score WHERE policy_id IN (${ids}) ORDER BY seed::bigint`;
}

const columns = metricNames.map(columnOf);

/** One row for each seed of each method: `policy_id`, `variant`, `seed` and the metrics' columns. */
export function seedsOfBoard({ benchmarkId, division }: { benchmarkId: string; division: Division }): Prisma.Sql {
  if (division === "closed") {
    return Prisma.sql`
      SELECT score.policy_id, trajectory.variant, trajectory.number::text AS seed,
             ${Prisma.raw(columns.map((column) => `score.${column}`).join(", "))}
      FROM trajectory JOIN score ON score.trajectory_id = trajectory.id
      WHERE ${areRanked(benchmarkId)} AND score.scorer_version = ${scorerVersion}`;
  }
  return Prisma.sql`
    SELECT score.policy_id, run.variant, run.seed::text AS seed,
           ${Prisma.raw(columns.map((column) => `avg(score.${column}) AS ${column}`).join(", "))}
    FROM run JOIN run_score AS score ON score.run_id = run.id
    WHERE run.benchmark_id = ${benchmarkId}::uuid AND ${areCounted}
    GROUP BY score.policy_id, run.variant, run.seed`;
}
