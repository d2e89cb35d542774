/**
 * Publishing a run: rules, metrics of the server's own, then the artifact and
 * the rows. Its board is brought up to date after that.
 */
import "server-only";
import { setTimeout } from "node:timers/promises";
import type { Benchmark, Facts, JudgedScore, Refusal, Submission } from "@/lib/leaderboard";
import { judge, predictionsScored } from "@/lib/leaderboard";
import { encodeSafetensors } from "@/lib/records";
import type { PrismaClient } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { artifacts, sha256 } from "../artifacts";
import { boardsIdle, refreshStaleBoards } from "../boards/refresh";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { testData } from "../datasets";
import { storeRun } from "./store";

export type Publication =
  | { runId: string /** False: this very submission was stored before. */; created: boolean }
  | { refusals: [Refusal, ...Refusal[]] };

/** What publishing leans on; a test may bring its own. */
export interface PublishingParts {
  db: PrismaClient;
  store: ArtifactStore;
  /** The server's copy of a data set's test labels, or why it has none. */
  testData: (slug: string) => Promise<Facts["dataset"] | Refusal>;
  /** How long the answer waits for the board. Default: 250, and 0 while others are being brought up to date. */
  boardWaitMs?: number;
}

/**
 * Stores a submission of `userId`, once for its idempotency key however often and from
 * wherever it is sent. Nothing is stored where it is refused.
 * @throws QuotaSpent
 */
export async function publish(
  submission: Submission,
  userId: string,
  parts: PublishingParts = { db: database(), store: artifacts(), testData },
): Promise<Publication> {
  const contentHash = sha256(canonicalJson(submission));
  const [{ namesakes, benchmark, policies, reproduced }, dataset] = await Promise.all([
    known(submission, parts.db),
    parts.testData(submission.record.manifest.dataset.slug),
  ]);
  const before = earlier(namesakes, contentHash, userId);
  if (before) return before;
  if ("reason" in dataset) return { refusals: [dataset] };
  const judgement = judge(submission, {
    dataset,
    benchmark,
    reproduced,
    policies: new Map([...policies].map(([slug, { hash }]) => [slug, hash])),
  });
  if ("refusals" in judgement) return { refusals: judgement.refusals as [Refusal, ...Refusal[]] };

  // Before the rows: a file without a row harms nobody, a row without its file would.
  const file = predictionsFile(judgement.scores, dataset);
  const hash = sha256(file);
  const predictions = { key: `predictions/${hash}.safetensors`, hash, bytes: file.length };
  await parts.store.put(predictions.key, file);

  const { idempotencyKey, record, reproductionOf = null } = submission;
  const scores = judgement.scores.map((score) => ({ ...score, policyId: policies.get(score.record.policy.slug)!.id }));
  const runId = await storeRun(parts.db, {
    userId,
    idempotencyKey,
    contentHash,
    benchmarkId: benchmark?.id ?? null,
    reproductionOf,
    tier: predictionsScored,
    record,
    predictions,
    scores,
  });
  if (runId === null) {
    // The same key was sent twice at once, and the other one was first.
    const first = earlier((await known(submission, parts.db)).namesakes, contentHash, userId);
    if (!first) throw new Error(`the run of key ${idempotencyKey} was stored, and is gone`);
    return first;
  }
  if (benchmark) {
    // A small board is up to date by the answer; nobody waits for a large one, nor in a crowd.
    const wait = parts.boardWaitMs ?? (boardsIdle(parts.db) ? 250 : 0);
    const refreshed = refreshStaleBoards(parts.db);
    if (wait > 0) await Promise.race([refreshed, setTimeout(wait)]);
  }
  return { runId, created: true };
}

/** What the key led to before: the run it made, or why it can't be used; null for a fresh one. */
function earlier(runs: readonly Namesake[], contentHash: string, userId: string): Publication | null {
  const own = runs.find((run) => run.userId === userId);
  if (own?.contentHash === contentHash) return { runId: own.id, created: false };
  if (!runs.length) return null;
  // Of another account's run nothing is told but that the key is taken.
  const refusal = own
    ? {
        reason: "key-reused" as const,
        expected: "a key for this submission alone",
        found: "a key that you used for another submission",
      }
    : {
        reason: "key-of-another" as const,
        expected: "a key of your own",
        found: "a key that another account has used",
      };
  return {
    refusals: [
      {
        ...refusal,
        field: "idempotencyKey",
        remedy: "Draw a new key, such as crypto.randomUUID(), and send the submission with it.",
      },
    ],
  };
}

/** A run with the same key, whoever sent it. */
interface Namesake {
  id: string;
  userId: string | null;
  contentHash: string;
}

interface Known {
  namesakes: Namesake[];
  benchmark: (Pick<Benchmark, "recipe"> & { id: string }) | null;
  policies: Map<string, { id: string; hash: string }>;
  /** The run that it is said to train again. */
  reproduced: NonNullable<Facts["reproduced"]> | null;
}

/** What the database has of all that the submission names, in one question. */
async function known({ idempotencyKey, record, reproductionOf }: Submission, db: Database): Promise<Known> {
  const { slug, version } = record.benchmark ?? {};
  const slugs = record.scores.map(({ policy }) => policy.slug);
  const [found] = await db.$queryRaw<
    [Omit<Known, "policies"> & { policies: { id: string; slug: string; hash: string }[] }]
  >`
    SELECT
      (SELECT coalesce(json_agg(json_build_object('id', id, 'userId', user_id, 'contentHash', content_hash)), '[]') FROM run WHERE idempotency_key = ${idempotencyKey}) AS namesakes,
      (SELECT json_build_object('id', id, 'recipe', recipe) FROM benchmark WHERE slug = ${slug ?? null} AND version = ${version ?? null}::int) AS benchmark,
      (SELECT coalesce(json_agg(json_build_object('id', id, 'slug', slug, 'hash', hash)), '[]') FROM policy WHERE slug = ANY(${slugs}::text[]) AND hidden_at IS NULL) AS policies,
      (SELECT manifest FROM run WHERE id = ${reproductionOf ?? null}::uuid AND hidden_at IS NULL) AS reproduced`;
  return { ...found, policies: new Map(found.policies.map((policy) => [policy.slug, policy])) };
}

function predictionsFile(scores: readonly JudgedScore[], { slug, version, hash }: Facts["dataset"]): Uint8Array {
  return encodeSafetensors(
    scores.map(({ record, predictions }) => ({
      name: record.method,
      shape: [predictions.length],
      values: predictions,
    })),
    { content: "predicted class id of each test example", dataset: `${slug} ${version}`, dataset_sha256: hash },
  );
}

/** JSON with sorted keys: the same submission, whatever order its fields come in. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
