/**
 * Publishing a run: rules, metrics of the server's own, then one transaction
 * that stores the run, its scores, the log entry, and that its board rows are stale.
 */
import "server-only";
import { setTimeout } from "node:timers/promises";
import { judge, predictionsScored } from "@/lib/leaderboard";
import type { Benchmark, Facts, JudgedScore, Refusal, Submission } from "@/lib/leaderboard";
import type { Recipe } from "@/lib/training/recipe";
import type { Manifest } from "@/lib/training/run-record";
import { encodeSafetensors } from "@/lib/training/safetensors";
import type { PrismaClient } from "@/prisma/generated/client";
import { artifacts, sha256 } from "./artifacts";
import type { ArtifactStore } from "./artifacts";
import { markStale, settleBoards } from "./board-rows";
import { database } from "./db";
import type { Database } from "./db";
import { isUniqueViolation } from "./db-errors";
import { testData } from "./datasets";
import { spendQuota } from "./quotas";

export type Publication =
  | { runId: string; /** False: this very submission was stored before. */ created: boolean }
  | { refusals: [Refusal, ...Refusal[]] };

/** What publishing leans on; a test may bring its own. */
export interface PublishingParts {
  db: PrismaClient;
  store: ArtifactStore;
  /** The server's copy of a data set's test labels, or why it has none. */
  testData: (slug: string) => Promise<Facts["dataset"] | Refusal>;
  /** How long the answer waits for the board. Default: 250. */
  boardWaitMs?: number;
}

/**
 * Stores a submission of `userId`, once for its idempotency key however often and from
 * wherever it is sent. Nothing is stored where it is refused.
 * @throws QuotaSpent
 */
export async function publish(submission: Submission, userId: string, parts: PublishingParts = { db: database(), store: artifacts(), testData }): Promise<Publication> {
  const contentHash = sha256(canonicalJson(submission));
  const before = await earlier(submission, contentHash, userId, parts.db);
  if (before) return before;

  const dataset = await parts.testData(submission.record.manifest.dataset.slug);
  if ("reason" in dataset) return { refusals: [dataset] };
  const { benchmark, policies, reproduced } = await known(submission, parts.db);
  const judgement = judge(submission, { dataset, benchmark, reproduced, policies: new Map([...policies].map(([slug, { hash }]) => [slug, hash])) });
  if ("refusals" in judgement) return { refusals: judgement.refusals as [Refusal, ...Refusal[]] };

  // Before the transaction: a file without a row harms nobody, a row without its file would.
  const predictions = predictionsFile(judgement.scores, dataset);
  const predictionsHash = sha256(predictions);
  const predictionsKey = `predictions/${predictionsHash}.safetensors`;
  await parts.store.put(predictionsKey, predictions);

  const { idempotencyKey, record } = submission;
  const { manifest, curves, timings } = record;
  try {
    const runId = await parts.db.$transaction(async (tx) => {
      await spendQuota(tx, "runs", userId);
      const run = await tx.run.create({
        data: {
          userId,
          idempotencyKey,
          contentHash,
          benchmarkId: benchmark?.id ?? null,
          reproductionOfId: submission.reproductionOf ?? null,
          variant: manifest.variant,
          seed: manifest.seed,
          tier: predictionsScored,
          manifest,
          curves,
          timings,
          predictionsKey,
          predictionsHash,
          predictionsBytes: predictions.length,
        },
        select: { id: true },
      });
      const policyIds = record.scores.map(({ policy }) => policies.get(policy.slug)!.id);
      await tx.runScore.createMany({ data: judgement.scores.map((score, i) => ({ runId: run.id, policyId: policyIds[i]!, ...scoreColumns(score) })) });
      await tx.logEntry.create({
        data: { action: "run.published", subject: "run", subjectId: run.id, actorId: userId, detail: { benchmark: record.benchmark, variant: manifest.variant, seed: manifest.seed, methods: record.scores.length } },
      });
      if (benchmark) await markStale(tx, { benchmarkId: benchmark.id, division: "open", variant: manifest.variant, policyIds });
      return run.id;
    }, patience);
    // A small board is up to date by the answer; nobody waits for a large one.
    if (benchmark) await Promise.race([settleBoards(parts.db), setTimeout(parts.boardWaitMs ?? 250)]);
    return { runId, created: true };
  } catch (error) {
    // The same submission was sent twice at once, and the other one was first.
    const first = isUniqueViolation(error) ? await earlier(submission, contentHash, userId, parts.db) : null;
    if (first) return first;
    throw error;
  }
}

/** A burst waits its turn: rows of one board are written one after the other. */
const patience = { maxWait: 60_000, timeout: 60_000 };

/** What the key led to before: the run it made, or why it can't be used; null for a fresh one. */
async function earlier({ idempotencyKey }: Submission, contentHash: string, userId: string, db: Database): Promise<Publication | null> {
  const runs = await db.run.findMany({ where: { idempotencyKey }, select: { id: true, userId: true, contentHash: true } });
  const own = runs.find((run) => run.userId === userId);
  if (own?.contentHash === contentHash) return { runId: own.id, created: false };
  if (!runs.length) return null;
  // Of another account's run nothing is told but that the key is taken.
  const refusal = own
    ? { reason: "key-reused" as const, expected: "a key for this submission alone", found: "a key that you used for another submission" }
    : { reason: "key-of-another" as const, expected: "a key of your own", found: "a key that another account has used" };
  return { refusals: [{ ...refusal, field: "idempotencyKey", remedy: "Draw a new key, such as crypto.randomUUID(), and send the submission with it." }] };
}

interface Known {
  benchmark: (Pick<Benchmark, "recipe"> & { id: string }) | null;
  policies: Map<string, { id: string; hash: string }>;
  /** The run that it is said to train again. */
  reproduced: NonNullable<Facts["reproduced"]> | null;
}

/** The benchmark and the policies that the record names, as the database has them. */
async function known({ record, reproductionOf }: Submission, db: Database): Promise<Known> {
  const slugs = record.scores.map(({ policy }) => policy.slug);
  const [benchmark, policies, reproduced] = await Promise.all([
    record.benchmark && db.benchmark.findUnique({ where: { slug_version: record.benchmark }, select: { id: true, recipe: true } }),
    db.policy.findMany({ where: { slug: { in: slugs }, hiddenAt: null }, select: { id: true, slug: true, hash: true } }),
    reproductionOf ? db.run.findFirst({ where: { id: reproductionOf, hiddenAt: null }, select: { manifest: true } }) : null,
  ]);
  return {
    benchmark: benchmark && { id: benchmark.id, recipe: benchmark.recipe as Recipe },
    policies: new Map(policies.map((policy) => [policy.slug, policy])),
    reproduced: reproduced && (reproduced.manifest as unknown as Manifest),
  };
}

function scoreColumns({ record, confusionMatrix, accuracy, sensitivity, specificity, fScore, esm }: JudgedScore) {
  const { method, momentumPerLayer, edgeOfGrid, esm: esmLayers } = record;
  return { method, accuracy, sensitivity, specificity, fScore, esm, confusionMatrix, esmLayers, momentumPerLayer, edgeOfGrid };
}

function predictionsFile(scores: readonly JudgedScore[], { slug, version, hash }: Facts["dataset"]): Uint8Array {
  return encodeSafetensors(
    scores.map(({ record, predictions }) => ({ name: record.method, shape: [predictions.length], values: predictions })),
    { content: "predicted class id of each test example", dataset: `${slug} ${version}`, dataset_sha256: hash },
  );
}

/** JSON with sorted keys: the same submission, whatever order its fields come in. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
