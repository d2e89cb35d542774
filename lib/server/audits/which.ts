/** Which runs are audited, and how much a day may cost. */
import "server-only";
import { randomInt } from "node:crypto";
import { scoredAtOnce } from "@/lib/leaderboard";
import type { Recipe } from "@/lib/records";
import { Prisma } from "@/prisma/generated/client";
import { areCounted } from "../boards/ranked-runs";
import type { Database } from "../database/client";
import { env } from "../env";
import type { NewJob } from "../scoring/jobs";
import { enqueue } from "../scoring/jobs";
import type { ScoredRun } from "./spread";
import { isOutlier } from "./spread";

/** Of runs that take minutes to train again, one in so many is audited. */
const oneIn = 10;

/**
 * Whether a run that is published is audited: those of dense networks, a tenth of the others, every one of a device class
 * that is set aside, and every one that lies far from the reference runs of its board, for better or for worse.
 * @param draw a number from 0 below its argument
 * @param aDay seconds of audits that a day may have
 */
export const isAudited = async (
  db: Database,
  { recipe, heldBack = false, ...run }: ScoredRun & { recipe: Recipe; heldBack?: boolean },
  { draw = randomInt, aDay = env().DMBENCH_AUDIT_SECONDS }: { draw?: (below: number) => number; aDay?: number } = {},
): Promise<boolean> =>
  aDay > 0 && (heldBack || scoredAtOnce(recipe) || draw(oneIn) === 0 || (await isOutlier(db, run)));

/** Queues audits, unless this site has none; a run that waits for one already is queued once. */
export async function enqueueAudits(tx: Database, runs: readonly { id: string; benchmarkId: string }[]): Promise<void> {
  if (env().DMBENCH_AUDIT_SECONDS === 0) return;
  await enqueue(
    tx,
    runs.map(({ id, benchmarkId }): NewJob => ({ kind: "audit", lane: "background", benchmarkId, runId: id })),
  );
}

/**
 * Queues audits of the counted runs of some methods that were not audited yet.
 * @param methods `variant/policy id`
 */
export async function enqueueAuditsOf(
  tx: Database,
  { benchmarkId, methods }: { benchmarkId: string; methods: readonly string[] },
): Promise<void> {
  if (methods.length === 0) return;
  const runs = await tx.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT run.id::text FROM run JOIN run_score AS score ON score.run_id = run.id
    WHERE run.benchmark_id = ${benchmarkId}::uuid AND ${areCounted}
      AND run.variant || '/' || score.policy_id IN (${Prisma.join([...methods])})
      AND NOT EXISTS (SELECT 1 FROM audit WHERE audit.run_id = run.id)`;
  await enqueueAudits(
    tx,
    runs.map(({ id }) => ({ id, benchmarkId })),
  );
}

/** Seconds of audits and of checks of weights since midnight UTC. */
export async function auditedToday(db: Database): Promise<number> {
  const [{ seconds }] = await db.$queryRaw<[{ seconds: number }]>`
    SELECT coalesce(sum(seconds), 0)::float8 AS seconds
    FROM (SELECT seconds, created_at AS at FROM audit UNION ALL SELECT seconds, checked_at FROM run_weights) AS done
    WHERE at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'`;
  return seconds;
}
