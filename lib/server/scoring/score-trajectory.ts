/**
 * Scores policies on a reference trajectory, and stores the scores and the board rows computed from them in one
 * transaction.
 */
import "server-only";
import { parsePolicy } from "@/lib/dmbn/policy";
import { scorerVersion } from "@/lib/leaderboard";
import { encodeSafetensors, totalShift } from "@/lib/records";
import type { PrismaClient, Trajectory as Row } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { sha256 } from "../artifacts";
import { rankBoard } from "../boards/rank";
import { refreshBoards } from "../boards/refresh";
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

/**
 * Scores one policy on the first `runs` intact trajectories of each kind of a benchmark, where it isn't scored yet:
 * held-out ones first, since they decide the ranking. An error on one trajectory doesn't stop the others; the first error is thrown at the end.
 */
export async function scoreEverywhere(
  { policyId, benchmarkId, runs }: { policyId: string; benchmarkId: string; runs: number },
  parts: ScoringParts,
): Promise<void> {
  const where = {
    benchmarkId,
    damage: null,
    OR: await firstIntact(benchmarkId, runs, parts.db),
    scores: { none: { policyId, scorerVersion } },
  };
  const errors: Error[] = [];
  const tried: string[] = [];
  for (;;) {
    const trajectory = await parts.db.trajectory.findFirst({
      where: { ...where, id: { notIn: tried } },
      orderBy: [{ visibility: "desc" }, { number: "asc" }, { variant: "asc" }],
    });
    if (!trajectory) break;
    tried.push(trajectory.id);
    await scoreOn(trajectory, [policyId], parts).catch((error: Error) => errors.push(error));
    if (errors.at(-1) instanceof ScoringEnded) break; // it would probably end on the next trajectory too
    if (parts.isOver?.()) throw new OutOfTime();
  }
  await rankBoard(parts.db, { benchmarkId, division: "closed" });
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
    await scoreOn(trajectory, batch, parts).catch((error: unknown) => {
      if (!(error instanceof Unscorable)) throw error; // the others of the batch are stored
    });
    if (parts.isOver?.() && start + batchSize < missing.length) throw new OutOfTime();
  }
  return missing.length;
}

/**
 * Ranks the board of a trajectory that has caught up, unless the same run in another variant is still to: a board
 * compares the runs that all its rows have.
 */
export async function rankCaughtUp(trajectoryId: string, db: PrismaClient): Promise<void> {
  const trajectory = await db.trajectory.findUnique({ where: { id: trajectoryId } });
  if (trajectory?.visibility !== "held_out") return;
  const { benchmarkId, visibility, number } = trajectory;
  const others = await db.job.count({
    where: { kind: "catch_up", failedAt: null, trajectory: { benchmarkId, visibility, number } },
  });
  if (others > 0) return;
  await giveWay(db, benchmarkId);
  await rankBoard(db, { benchmarkId, division: "closed" });
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

/**
 * Scores policies on one trajectory and stores their scores.
 * @throws Unscorable for the first policy that can't be scored, once the others are stored
 * @throws TrajectoryDamaged
 * @throws ScoringError
 */
async function scoreOn(
  trajectory: Trajectory,
  policyIds: readonly string[],
  { db, store, scorer }: ScoringParts,
): Promise<void> {
  const policies = await db.policy.findMany({
    where: { id: { in: [...policyIds] } },
    select: { id: true, document: true },
  });
  if (policies.length === 0) return;
  const scorings = await scorer.score(
    { hash: trajectory.artifactHash, read: () => readTrajectory(trajectory, { db, store }) },
    policies.map(({ document }) => parsePolicy(document)),
  );
  const sound = scorings.flatMap((scoring, index) =>
    "figures" in scoring ? [{ policyId: policies[index]!.id, figures: scoring.figures }] : [],
  );
  const fault = scorings.find((scoring) => "fault" in scoring);
  if (sound.length === 0) throw new Unscorable(fault!.fault);
  const rows = await Promise.all(
    sound.map(async ({ policyId, figures }) => ({
      policyId,
      trajectoryId: trajectory.id,
      scorerVersion,
      ...columns(figures),
      ...(await storePredictions(figures.predictions, store)),
    })),
  );
  await db.$transaction(async (tx) => {
    const stored = await tx.score.createManyAndReturn({
      data: rows,
      skipDuplicates: true,
      select: { policyId: true, accuracy: true },
    }); // duplicates: another process may have been first
    await logRescores(tx, trajectory, stored);
    const { benchmarkId, variant } = trajectory;
    if (trajectory.visibility === "held_out")
      await refreshBoards(tx, [
        { benchmarkId, division: "closed", variant, policyIds: sound.map(({ policyId }) => policyId) },
      ]);
  });
  scoringChanged.notify();
  if (fault) throw new Unscorable(fault.fault);
}

/** Logs each policy that an earlier version of the scorer had scored on this trajectory, with both accuracies. */
async function logRescores(
  tx: Database,
  { id, benchmarkId, variant, visibility, number }: Trajectory,
  stored: readonly { policyId: string; accuracy: number }[],
): Promise<void> {
  const before = await tx.score.findMany({
    where: {
      trajectoryId: id,
      policyId: { in: stored.map(({ policyId }) => policyId) },
      scorerVersion: { not: scorerVersion },
    },
    orderBy: { createdAt: "asc" },
    select: { policyId: true, scorerVersion: true, accuracy: true, policy: { select: { slug: true } } },
  });
  const latest = new Map(before.map((score) => [score.policyId, score]));
  await tx.logEntry.createMany({
    data: stored.flatMap(({ policyId, accuracy }) => {
      const old = latest.get(policyId);
      if (!old) return [];
      const reason =
        `Scored again on ${visibility === "public" ? "public" : "held-out"} run ${number} (${variant}): ` +
        `the scorer is of version ${scorerVersion}, was ${old.scorerVersion}. ` +
        `Accuracy ${old.accuracy.toFixed(4)} → ${accuracy.toFixed(4)}.`;
      return [
        {
          action: "policy.rescored",
          subject: "policy",
          subjectId: policyId,
          detail: {
            slug: old.policy.slug,
            benchmarkId,
            variant,
            visibility,
            number,
            scorerVersion,
            reason,
            accuracy: { before: old.accuracy, after: accuracy },
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
