/**
 * Scores policies on a reference trajectory and stores, in one transaction,
 * their scores and what follows for the board: all of it or nothing.
 */
import "server-only";
import { parsePolicy } from "@/lib/dmbn/policy";
import { encodeSafetensors } from "@/lib/records";
import type { PrismaClient } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { sha256 } from "../artifacts";
import { rankBoard, refreshBoards } from "../boards/refresh";
import { scorerVersion } from "../boards/scorer-version";
import type { Database } from "../database/client";
import type { Figures } from "./messages";
import { tellNews } from "./notify";
import type { Scorer } from "./scorer";
import { readTrajectory } from "./trajectories";

export interface ScoringParts {
  db: PrismaClient;
  store: ArtifactStore;
  scorer: Scorer;
}

interface Trajectory {
  id: string;
  benchmarkId: string;
  variant: string;
  visibility: "public" | "held_out";
  number: number;
  artifactKey: string;
  artifactHash: string;
}

/** A policy that can't be scored on a trajectory: a fault of the policy, which trying again won't mend. */
export class Unscorable extends Error {
  override name = "Unscorable";
}

/** Policies scored in one go: few enough to renew a lease in between. */
const POLICIES_AT_ONCE = 8;

/**
 * Scores one policy on every sound trajectory of a benchmark that it isn't scored on; held-out ones first, since they
 * rank.
 */
export async function scoreEverywhere(
  { policyId, benchmarkId }: { policyId: string; benchmarkId: string },
  parts: ScoringParts,
): Promise<void> {
  const where = { benchmarkId, damage: null, scores: { none: { policyId, scorerVersion } } };
  const faults: Error[] = [];
  const tried: string[] = [];
  for (;;) {
    const trajectory = await parts.db.trajectory.findFirst({
      where: { ...where, id: { notIn: tried } },
      orderBy: [{ visibility: "desc" }, { number: "asc" }, { variant: "asc" }],
    });
    if (!trajectory) break;
    tried.push(trajectory.id);
    // One damaged trajectory keeps no policy from the others.
    await scoreOn(trajectory, [policyId], parts).catch((error: Error) => faults.push(error));
    const ended = faults.at(-1)?.cause === "ScoringEnded";
    if (ended) break;
  }
  await rankBoard(parts.db, { benchmarkId, division: "closed" });
  if (faults[0]) throw faults[0];
}

/**
 * Which policies belong on which benchmark: the built-in ones on each, others where they are scored already. As sets:
 * asked of each policy in turn, 100,000 take a minute.
 */
const due = Prisma.sql`
  SELECT policy.id AS policy_id, benchmark.id AS benchmark_id FROM policy CROSS JOIN benchmark WHERE policy.built_in IS NOT NULL AND policy.hidden_at IS NULL
  UNION
  SELECT score.policy_id, trajectory.benchmark_id FROM score JOIN trajectory ON trajectory.id = score.trajectory_id JOIN policy ON policy.id = score.policy_id WHERE policy.hidden_at IS NULL`;

/**
 * Brings one trajectory up to date: every built-in policy, and every other that is scored on its benchmark. Periodic
 * ones are scored while training alone.
 */
export async function catchUp(trajectoryId: string, parts: ScoringParts): Promise<void> {
  const trajectory = await parts.db.trajectory.findUnique({ where: { id: trajectoryId } });
  if (!trajectory || trajectory.damage !== null) return;
  const missing = await parts.db.$queryRaw<{ id: string }[]>`
    SELECT policy.id::text FROM policy JOIN (${due}) AS due ON due.policy_id = policy.id AND due.benchmark_id = ${trajectory.benchmarkId}::uuid
    WHERE policy.document->>'every' IS NULL
      AND NOT EXISTS (SELECT 1 FROM score WHERE score.policy_id = policy.id AND score.trajectory_id = ${trajectoryId}::uuid AND score.scorer_version = ${scorerVersion})
    ORDER BY policy.built_in NULLS LAST, policy.id`;
  for (let from = 0; from < missing.length; from += POLICIES_AT_ONCE) {
    const batch = missing.slice(from, from + POLICIES_AT_ONCE).map(({ id }) => id);
    await scoreOn(trajectory, batch, parts).catch((error: unknown) => {
      if (!(error instanceof Unscorable)) throw error; // the others of the batch are stored
    });
  }
  if (trajectory.visibility === "held_out")
    await rankBoard(parts.db, { benchmarkId: trajectory.benchmarkId, division: "closed" });
}

export interface Behind {
  id: string;
  benchmarkId: string;
  /** Names the policies that it lacks: the same while they are the same. */
  missing: string;
}

/**
 * The sound trajectories that `catchUp` would find something for; a policy that is in line for the benchmark by itself
 * doesn't count.
 */
export async function trajectoriesBehind(db: Database): Promise<Behind[]> {
  return db.$queryRaw`
    SELECT trajectory.id::text, trajectory.benchmark_id::text AS "benchmarkId", md5(string_agg(policy.id::text, ' ' ORDER BY policy.id)) AS missing
    FROM trajectory JOIN (${due}) AS due ON due.benchmark_id = trajectory.benchmark_id JOIN policy ON policy.id = due.policy_id
    WHERE NOT EXISTS (SELECT 1 FROM score WHERE score.policy_id = policy.id AND score.trajectory_id = trajectory.id AND score.scorer_version = ${scorerVersion})
      AND NOT EXISTS (SELECT 1 FROM job WHERE job.policy_id = policy.id AND job.benchmark_id = trajectory.benchmark_id AND job.failed_at IS NULL)
      AND trajectory.damage IS NULL
    GROUP BY trajectory.id
    ORDER BY trajectory.visibility DESC, trajectory.number, trajectory.variant`;
}

/**
 * Scores policies on one trajectory and stores what comes out.
 * @throws Unscorable naming the first fault, once those without one are stored; TrajectoryDamaged, ScoringError
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
      ...(await keep(figures.predictions, store)),
    })),
  );
  await db.$transaction(
    async (tx) => {
      const stored = await tx.score.createManyAndReturn({
        data: rows,
        skipDuplicates: true,
        select: { policyId: true, accuracy: true },
      }); // another process may have been first
      await noteRescores(tx, trajectory, stored);
      const { benchmarkId, variant } = trajectory;
      if (trajectory.visibility === "held_out")
        await refreshBoards(tx, [
          { benchmarkId, division: "closed", variant, policyIds: sound.map(({ policyId }) => policyId) },
        ]);
    },
    { maxWait: 60_000, timeout: 60_000 },
  );
  tellNews();
  if (fault) throw new Unscorable(fault.fault);
}

/** Says in the log whose figure on this trajectory another version of the scorer had given before. */
async function noteRescores(
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
  const last = new Map(before.map((score) => [score.policyId, score]));
  await tx.logEntry.createMany({
    data: stored.flatMap(({ policyId, accuracy }) => {
      const old = last.get(policyId);
      if (!old) return [];
      const reason = `Scored anew on ${visibility === "public" ? "public" : "held-out"} run ${number} (${variant}): the scorer is of version ${scorerVersion}, was ${old.scorerVersion}. Accuracy ${old.accuracy.toFixed(4)} → ${accuracy.toFixed(4)}.`;
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

function columns({
  accuracy,
  sensitivity,
  specificity,
  fScore,
  confusionMatrix,
  esm,
  momentumPerLayer,
  edgeOfGrid,
}: Figures) {
  const total = esm.reduce((sum, layer) => sum + layer.mean + layer.std, 0);
  return {
    accuracy,
    sensitivity,
    specificity,
    fScore,
    esm: total,
    confusionMatrix,
    esmLayers: esm,
    momentumPerLayer,
    edgeOfGrid,
  };
}

async function keep(
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
