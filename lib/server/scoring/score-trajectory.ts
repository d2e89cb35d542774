/**
 * Scores policies on reference trajectories. Each score is stored together with a mark that its board row is stale.
 */
import "server-only";
import { parsePolicy } from "@/lib/dmbn/policy";
import { scorerVersion } from "@/lib/leaderboard";
import { encodeSafetensors, totalShift } from "@/lib/records";
import type { Policy, PrismaClient, Trajectory as Row } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { sha256 } from "../artifacts";
import { markStale, refreshStaleBoard } from "../boards/refresh";
import type { Database } from "../database/client";
import { inUse } from "./in-use";
import type { Figures } from "./messages";
import { scoringChanged } from "./notify";
import { giveWay } from "./published-results";
import type { Scorer } from "./scorer";
import { ScoringEnded } from "./scoring-process";
import { readTrajectory } from "./trajectories";

export interface ScoringParts {
  db: PrismaClient;
  store: ArtifactStore;
  scorer: Scorer;
  /** Whether the caller's time is up. Then what is stored stays, and the rest is left to the next attempt. */
  isOver?(): boolean;
}

/** The time was up before all was done. */
export class OutOfTime extends Error {
  override name = "OutOfTime";
}

type Trajectory = Pick<
  Row,
  "id" | "benchmarkId" | "variant" | "visibility" | "number" | "artifactKey" | "artifactHash"
>;

/** A policy that can't be scored on a trajectory. The cause is the policy, so a retry doesn't help. */
export class Unscorable extends Error {
  override name = "Unscorable";
}

/** The number of policies in one task of the scoring process. */
const batchSize = 8;

/** Scores are stored together for so long: a policy on digits has forty within a second, and its author sees progress. */
const storeEveryMs = 500;

/**
 * Scores one policy on the first `runs` intact trajectories of each kind of a benchmark, where it isn't scored yet:
 * held-out ones first, since they decide the ranking. An error on one trajectory doesn't stop the others; the first error is thrown at the end.
 */
export async function scoreEverywhere(
  { policyId, benchmarkId, runs }: { policyId: string; benchmarkId: string; runs: number },
  parts: ScoringParts,
): Promise<void> {
  const { db, isOver = () => false } = parts;
  const missing = await db.trajectory.findMany({
    where: {
      benchmarkId,
      damage: null,
      OR: await firstIntact(benchmarkId, runs, db),
      scores: { none: { policyId, scorerVersion } },
    },
    orderBy: [{ visibility: "desc" }, { number: "asc" }, { variant: "asc" }],
  });
  const policies = await policiesOf([policyId], db);
  const errors: Error[] = [];
  let computed: ComputedScore[] = [];
  let storedAt = performance.now();
  for (const [index, trajectory] of missing.entries()) {
    try {
      const { scores, fault } = await compute(trajectory, policies, parts);
      computed = [...computed, ...scores];
      if (fault) errors.push(new Unscorable(fault));
    } catch (error) {
      errors.push(error as Error);
    }
    const hasEnded = errors.at(-1) instanceof ScoringEnded; // it would probably end on the next trajectory too
    const isLast = index === missing.length - 1;
    const isLate = !isLast && isOver();
    if (isLast || isLate || hasEnded || performance.now() - storedAt >= storeEveryMs) {
      await storeScores(computed, db);
      computed = [];
      storedAt = performance.now();
    }
    if (hasEnded) break;
    if (isLate) throw new OutOfTime();
  }
  if (errors[0]) throw errors[0];
}

/** Conditions for the first `runs` intact trajectories of each kind. Lost and retired ones leave their numbers unused. */
async function firstIntact(benchmarkId: string, runs: number, db: Database) {
  const intact = await db.trajectory.findMany({
    where: { benchmarkId, damage: null },
    distinct: ["visibility", "number"],
    orderBy: { number: "asc" },
    select: { visibility: true, number: true },
  });
  return inUse.map((visibility) => {
    const numbers = intact.filter((row) => row.visibility === visibility).map(({ number }) => number);
    return { visibility, number: { in: numbers.slice(0, runs) } };
  });
}

/**
 * Which policies belong on which benchmark: the built-in ones on each, others where they are already scored. A UNION of
 * sets: a condition checked per policy takes a minute for 100,000 policies.
 */
const due = Prisma.sql`
  SELECT policy.id AS policy_id, benchmark.id AS benchmark_id FROM policy CROSS JOIN benchmark
  WHERE policy.built_in IS NOT NULL AND policy.hidden_at IS NULL AND policy.issues IS NULL
  UNION
  SELECT score.policy_id, trajectory.benchmark_id
  FROM score JOIN trajectory ON trajectory.id = score.trajectory_id JOIN policy ON policy.id = score.policy_id
  WHERE policy.hidden_at IS NULL AND policy.issues IS NULL`;

/**
 * Adds the missing scores of one trajectory: every built-in policy, and every other policy that is scored on its
 * benchmark. Periodic policies are left out: they can be scored only while training.
 * @returns how many were missing
 * @throws OutOfTime
 */
export async function catchUp(trajectoryId: string, parts: ScoringParts): Promise<number> {
  const trajectory = await parts.db.trajectory.findUnique({ where: { id: trajectoryId } });
  if (!trajectory || trajectory.damage !== null || !inUse.includes(trajectory.visibility)) return 0;
  const missing = await parts.db.$queryRaw<{ id: string }[]>`
    SELECT policy.id::text
    FROM policy JOIN (${due}) AS due
      ON due.policy_id = policy.id AND due.benchmark_id = ${trajectory.benchmarkId}::uuid
    WHERE policy.document->>'every' IS NULL
      AND NOT EXISTS (
        SELECT 1 FROM score WHERE score.policy_id = policy.id
          AND score.trajectory_id = ${trajectoryId}::uuid AND score.scorer_version = ${scorerVersion})
    ORDER BY policy.built_in NULLS LAST, policy.id`;
  for (let start = 0; start < missing.length; start += batchSize) {
    const batch = missing.slice(start, start + batchSize).map(({ id }) => id);
    await storeScores((await compute(trajectory, await policiesOf(batch, parts.db), parts)).scores, parts.db); // without those that can't be scored
    if (parts.isOver?.() && start + batchSize < missing.length) throw new OutOfTime();
  }
  return missing.length;
}

/**
 * Brings the board of a trajectory that has caught up up to date, unless the same run in another variant is still to catch
 * up: a board compares the runs that all its rows have.
 */
export async function showCaughtUp(trajectoryId: string, db: PrismaClient): Promise<void> {
  const trajectory = await db.trajectory.findUnique({ where: { id: trajectoryId } });
  if (trajectory?.visibility !== "held_out") return;
  const { benchmarkId, visibility, number } = trajectory;
  const others = await db.job.count({
    where: { kind: "catch_up", failedAt: null, trajectory: { benchmarkId, visibility, number } },
  });
  if (others > 0) return;
  await giveWay(db, benchmarkId);
  await refreshStaleBoard(db, { benchmarkId, division: "closed" });
}

export interface Behind {
  id: string;
  benchmarkId: string;
  /** A hash of the set of policies that it lacks. */
  missing: string;
}

/**
 * The intact trajectories on which `catchUp` would find something to score. A policy that has its own job for the
 * benchmark doesn't count.
 */
export async function trajectoriesBehind(db: Database): Promise<Behind[]> {
  return db.$queryRaw`
    SELECT trajectory.id::text, trajectory.benchmark_id::text AS "benchmarkId",
           md5(string_agg(policy.id::text, ' ' ORDER BY policy.id)) AS missing
    FROM trajectory
    JOIN (${due}) AS due ON due.benchmark_id = trajectory.benchmark_id JOIN policy ON policy.id = due.policy_id
    WHERE NOT EXISTS (
        SELECT 1 FROM score WHERE score.policy_id = policy.id
          AND score.trajectory_id = trajectory.id AND score.scorer_version = ${scorerVersion})
      AND NOT EXISTS (
        SELECT 1 FROM job WHERE job.policy_id = policy.id
          AND job.benchmark_id = trajectory.benchmark_id AND job.failed_at IS NULL)
      AND trajectory.damage IS NULL AND trajectory.visibility IN ('public', 'held_out')
    GROUP BY trajectory.id
    ORDER BY trajectory.visibility DESC, trajectory.number, trajectory.variant`;
}

const policiesOf = (ids: readonly string[], db: Database) =>
  db.policy.findMany({ where: { id: { in: [...ids] } }, select: { id: true, document: true } });

/** A score whose predictions are stored. */
interface ComputedScore {
  trajectory: Trajectory;
  row: Prisma.ScoreCreateManyInput;
}

/**
 * Scores policies on one trajectory and stores their predictions.
 * @returns the scores, and why a policy has none, if one can't be scored
 * @throws TrajectoryDamaged
 * @throws ScoringError
 */
async function compute(
  trajectory: Trajectory,
  policies: readonly Pick<Policy, "id" | "document">[],
  { db, store, scorer }: ScoringParts,
): Promise<{ scores: ComputedScore[]; fault: string | null }> {
  if (policies.length === 0) return { scores: [], fault: null };
  const scorings = await scorer.score(
    { hash: trajectory.artifactHash, read: () => readTrajectory(trajectory, { db, store }) },
    policies.map(({ document }) => parsePolicy(document)),
  );
  const scores = await Promise.all(
    scorings.map(async (scoring, index) => {
      if (!("figures" in scoring)) return [];
      const row = {
        policyId: policies[index]!.id,
        trajectoryId: trajectory.id,
        scorerVersion,
        ...columns(scoring.figures),
        ...(await storePredictions(scoring.figures.predictions, store)),
      };
      return [{ trajectory, row }];
    }),
  );
  return { scores: scores.flat(), fault: scorings.find((scoring) => "fault" in scoring)?.fault ?? null };
}

/** Stores scores, and marks their board rows as stale. */
async function storeScores(scores: readonly ComputedScore[], db: PrismaClient): Promise<void> {
  if (scores.length === 0) return;
  await db.$transaction(async (tx) => {
    const stored = await tx.score.createManyAndReturn({
      data: scores.map(({ row }) => row),
      skipDuplicates: true, // another process may have been first
      select: { policyId: true, trajectoryId: true, accuracy: true },
    });
    await logRescores(tx, scores, stored);
    await markStale(
      tx,
      scores
        .filter(({ trajectory }) => trajectory.visibility === "held_out")
        .map(({ trajectory: { benchmarkId, variant }, row: { policyId } }) => ({
          benchmarkId,
          division: "closed",
          variant,
          policyId,
        })),
    );
  });
  scoringChanged.notify();
}

/** Logs each policy that an earlier version of the scorer had scored on one of the trajectories, with both accuracies. */
async function logRescores(
  tx: Database,
  scores: readonly ComputedScore[],
  stored: readonly { policyId: string; trajectoryId: string; accuracy: number }[],
): Promise<void> {
  const before = await tx.score.findMany({
    where: {
      policyId: { in: [...new Set(stored.map(({ policyId }) => policyId))] },
      trajectoryId: { in: [...new Set(stored.map(({ trajectoryId }) => trajectoryId))] },
      scorerVersion: { not: scorerVersion },
    },
    orderBy: { createdAt: "asc" },
    select: {
      policyId: true,
      trajectoryId: true,
      scorerVersion: true,
      accuracy: true,
      policy: { select: { slug: true } },
    },
  });
  if (before.length === 0) return;
  const keyOf = ({ policyId, trajectoryId }: { policyId: string; trajectoryId: string }) =>
    `${policyId} ${trajectoryId}`;
  const latest = new Map(before.map((score) => [keyOf(score), score]));
  const trajectories = new Map(scores.map(({ trajectory }) => [trajectory.id, trajectory]));
  await tx.logEntry.createMany({
    data: stored.flatMap((score) => {
      const old = latest.get(keyOf(score));
      if (!old) return [];
      const { benchmarkId, variant, visibility, number } = trajectories.get(score.trajectoryId)!;
      const reason =
        `Scored again on ${visibility === "public" ? "public" : "held-out"} run ${number} (${variant}): ` +
        `the scorer is of version ${scorerVersion}, was ${old.scorerVersion}. ` +
        `Accuracy ${old.accuracy.toFixed(4)} → ${score.accuracy.toFixed(4)}.`;
      return [
        {
          action: "policy.rescored",
          subject: "policy",
          subjectId: score.policyId,
          detail: {
            slug: old.policy.slug,
            benchmarkId,
            variant,
            visibility,
            number,
            scorerVersion,
            reason,
            accuracy: { before: old.accuracy, after: score.accuracy },
          },
        },
      ];
    }),
  });
}

function columns({ esm: esmLayers, predictions: _, ...figures }: Figures) {
  return { ...figures, esm: totalShift(esmLayers), esmLayers };
}

async function storePredictions(
  predictions: Uint8Array,
  store: ArtifactStore,
): Promise<{ predictionsKey: string; predictionsHash: string }> {
  const file = encodeSafetensors([{ name: "predictions", shape: [predictions.length], values: predictions }], {
    content: "predicted class id of each test example",
  });
  const predictionsHash = sha256(file);
  const predictionsKey = `predictions/${predictionsHash}.safetensors`;
  await store.put(predictionsKey, file);
  return { predictionsKey, predictionsHash };
}
