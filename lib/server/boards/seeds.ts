/** Each seed's figures of the methods of a board: what its means, intervals and comparisons are made of. */
import "server-only";
import type { MetricName } from "@/lib/leaderboard";
import type { Division } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { scorerVersion } from "./scorer-version";

export type SeedFigures = Record<MetricName, number> & {
  policyId: string;
  variant: string;
  /** The seed of an Open run; the number of a held-out one. */
  seed: string;
};

/** In the order of seeds. */
export async function seedFigures(
  db: Database,
  { benchmarkId, division, policyIds }: { benchmarkId: string; division: Division; policyIds: readonly string[] },
): Promise<SeedFigures[]> {
  if (policyIds.length === 0) return [];
  const ids = Prisma.join(policyIds.map((id) => Prisma.sql`${id}::uuid`));
  return db.$queryRaw`
    SELECT policy_id::text AS "policyId", variant, seed, accuracy, sensitivity, specificity, f_score AS "fScore", esm
    FROM (${seedsOfBoard({ benchmarkId, division })}) AS figures WHERE policy_id IN (${ids}) ORDER BY seed::bigint`;
}

/** One row for each seed of each method: `policy_id`, `variant`, `seed` and the metrics. */
export function seedsOfBoard({ benchmarkId, division }: { benchmarkId: string; division: Division }): Prisma.Sql {
  if (division === "closed") {
    return Prisma.sql`
      SELECT score.policy_id, trajectory.variant, trajectory.number::text AS seed, score.accuracy, score.sensitivity, score.specificity, score.f_score, score.esm
      FROM trajectory JOIN score ON score.trajectory_id = trajectory.id
      WHERE trajectory.benchmark_id = ${benchmarkId}::uuid AND trajectory.visibility = 'held_out' AND score.scorer_version = ${scorerVersion}`;
  }
  return Prisma.sql`
    SELECT score.policy_id, run.variant, run.seed::text AS seed, avg(score.accuracy) AS accuracy, avg(score.sensitivity) AS sensitivity,
           avg(score.specificity) AS specificity, avg(score.f_score) AS f_score, avg(score.esm) AS esm
    FROM run JOIN run_score AS score ON score.run_id = run.id
    WHERE run.benchmark_id = ${benchmarkId}::uuid AND run.hidden_at IS NULL
    GROUP BY score.policy_id, run.variant, run.seed`;
}
