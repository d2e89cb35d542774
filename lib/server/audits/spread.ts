/** Where the reference runs of a board lie, beside a run by somebody. */
import "server-only";
import type { Spread } from "@/lib/leaderboard";
import { isWithinSpread, scorerVersion } from "@/lib/leaderboard";
import { areRanked } from "../boards/ranked-runs";
import type { Database } from "../database/client";

/** A run with its accuracies. */
export interface ScoredRun {
  benchmarkId: string;
  variant: string;
  scores: readonly { method: string; policyId: string; accuracy: number }[];
}

/** Each method's accuracy, with those of the reference runs of its board. */
export async function spreadsOf(db: Database, { benchmarkId, variant, scores }: ScoredRun): Promise<Spread[]> {
  const rows = await db.$queryRaw<(NonNullable<Spread["references"]> & { policyId: string })[]>`
    SELECT score.policy_id::text AS "policyId", count(*)::int AS runs, min(score.accuracy) AS least,
           max(score.accuracy) AS most
    FROM trajectory JOIN score ON score.trajectory_id = trajectory.id
    WHERE ${areRanked(benchmarkId)} AND trajectory.variant = ${variant} AND score.scorer_version = ${scorerVersion}
    GROUP BY 1`;
  return scores.map(({ method, accuracy, policyId }) => ({
    method,
    accuracy,
    references: rows.find((row) => row.policyId === policyId) ?? null,
  }));
}

/** Whether a method of the run is further out than the reference runs are apart, for better or for worse. */
export const isOutlier = async (db: Database, run: ScoredRun): Promise<boolean> =>
  !(await spreadsOf(db, run)).every(isWithinSpread);
