/**
 * Publishes a run: verifies it, computes its metrics from the predictions, and stores the artifact and then the rows.
 * Its board is refreshed afterwards.
 */
import "server-only";
import { setTimeout } from "node:timers/promises";
import { parsePolicy } from "@/lib/dmbn/policy";
import type { Benchmark, Refusal, ServerFacts, Submission, TicketFacts, VerifiedScore } from "@/lib/leaderboard";
import { predictionsScored, reusedKey, ticketRefusals, verifySubmission } from "@/lib/leaderboard";
import { encodeSafetensors } from "@/lib/records";
import { runFacts } from "@/lib/training";
import type { PrismaClient } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { sha256 } from "../artifacts";
import { deviceOf, isDeviceSetAside } from "../audits/devices";
import { isAudited } from "../audits/which";
import { Batches } from "../batches";
import { isIdle, refreshStaleBoard } from "../boards/refresh";
import { canonicalJson } from "../canonical-json";
import type { Database } from "../database/client";
import { compareReproductions } from "./agreement";
import { storeRun } from "./store";

export type Publication =
  | { runId: string /** False if the same submission was stored before. */; created: boolean }
  | { refusals: [Refusal, ...Refusal[]] };

/** What publishing depends on; a test may pass its own. */
export interface PublishingParts {
  db: PrismaClient;
  store: ArtifactStore;
  /** The server's copy of a data set's test labels, or why it has none. */
  testData: (slug: string, testSize?: number) => Promise<ServerFacts["dataset"] | Refusal>;
  /** How long to wait for the board to refresh. Default: 250, or 0 while boards are being refreshed. */
  boardWaitMs?: number;
  /** Takes what goes on after the answer: a function lives no longer than what it was told of. */
  finish?: (work: Promise<void>) => void;
  /** Called when an audit was queued. */
  wake?: () => void;
}

/**
 * Stores a submission of `userId`, once per idempotency key, however often and to whichever process it is sent. A
 * refused submission stores nothing.
 * @throws QuotaExceeded
 */
export async function publish(submission: Submission, userId: string, parts: PublishingParts): Promise<Publication> {
  const contentHash = sha256(canonicalJson(submission));
  const { manifest } = submission.record;
  const [{ sameKey, benchmark, policies, reproduced, ticket }, dataset] = await Promise.all([
    finding.add(parts.db, submission),
    parts.testData(manifest.dataset.slug, manifest.recipe.testSize),
  ]);
  const before = earlierPublication(sameKey, contentHash, userId);
  if (before) return before;
  if ("reason" in dataset) return { refusals: [dataset] };
  const verification = verifySubmission(submission, {
    dataset,
    benchmark,
    reproduced,
    ticket: ticket && ticketFacts(ticket, manifest.variant, userId),
    policies: new Map(
      [...policies].map(([slug, { hash, document }]) => [slug, { hash, document: parsePolicy(document) }]),
    ),
    run: runFacts({ ...manifest.recipe, dataset: dataset.slug }, manifest.variant),
  });
  if ("refusals" in verification) return { refusals: verification.refusals as [Refusal, ...Refusal[]] };

  // The file is stored before the rows: a file without a row does no harm, a row without its file would.
  const file = predictionsFile(verification.scores, dataset);
  const hash = sha256(file);
  const predictions = { key: `predictions/${hash}.safetensors`, hash, bytes: file.length };
  await parts.store.put(predictions.key, file);

  const { idempotencyKey, record, reproductionOf = null, ticket: ticketId = null } = submission;
  const scores = verification.scores.map((score) => ({
    ...score,
    policyId: policies.get(score.record.policy.slug)!.id,
  }));
  const isRanked = benchmark !== null && ticketId !== null;
  const heldBack = isRanked && (await isDeviceSetAside(parts.db, deviceOf(manifest)));
  const audit =
    isRanked &&
    (await isAudited(parts.db, {
      recipe: benchmark.recipe,
      benchmarkId: benchmark.id,
      variant: manifest.variant,
      scores: scores.map(({ record: { method }, policyId, accuracy }) => ({ method, policyId, accuracy })),
      heldBack,
    }));
  const runId = await storeRun(parts.db, {
    userId,
    idempotencyKey,
    contentHash,
    benchmarkId: benchmark?.id ?? null,
    reproductionOf,
    ticketId,
    tier: predictionsScored,
    ranks: isRanked && !heldBack,
    audit,
    record,
    predictions,
    scores,
  });
  if (runId === null) {
    // A concurrent request with the same key, or the same ticket, was first.
    const found = await finding.add(parts.db, submission);
    const first = earlierPublication(found.sameKey, contentHash, userId);
    if (first) return first;
    const taken = ticketRefusals(record, found.ticket && ticketFacts(found.ticket, manifest.variant, userId));
    if (taken.length === 0) throw new Error(`the run of key ${idempotencyKey} was stored, and is gone`);
    return { refusals: taken as [Refusal, ...Refusal[]] };
  }
  if (audit) parts.wake?.();
  parts.finish?.(compareReproductions(parts, runId));
  if (benchmark) {
    // The response waits until a small board is up to date, but not for a large one, nor when many publish at once.
    const board = { benchmarkId: benchmark.id, division: "open" as const };
    const wait = parts.boardWaitMs ?? (isIdle(board) ? 250 : 0);
    const refreshed = refreshStaleBoard(parts.db, board);
    parts.finish?.(refreshed);
    if (wait > 0) await Promise.race([refreshed, setTimeout(wait)]);
  }
  return { runId, created: true };
}

/** What the idempotency key was used for before: the run it created, or a refusal; null for a new key. */
function earlierPublication(runs: readonly SameKeyRun[], contentHash: string, userId: string): Publication | null {
  const ofUser = runs.find((run) => run.userId === userId);
  if (ofUser?.contentHash === contentHash) return { runId: ofUser.id, created: false };
  if (!runs.length) return null;
  // About another account's run, only the fact that its key is taken is revealed.
  const ofAnother = { expected: "a key of your own", found: "a key that another account has used" };
  return { refusals: [ofUser ? reusedKey : { ...reusedKey, reason: "key-of-another", ...ofAnother }] };
}

/** A run with the same idempotency key, of any user. */
interface SameKeyRun {
  id: string;
  userId: string | null;
  contentHash: string;
}

interface Referenced {
  sameKey: SameKeyRun[];
  benchmark: (Pick<Benchmark, "recipe"> & { id: string }) | null;
  /** By slug; those of other submissions may be among them. */
  policies: ReadonlyMap<string, { id: string; hash: string; document: unknown }>;
  /** The manifest of the run that it claims to reproduce. */
  reproduced: NonNullable<ServerFacts["reproduced"]> | null;
  ticket: FoundTicket | null;
}

interface FoundTicket {
  id: string;
  slug: string;
  version: number;
  seed: number;
  userId: string | null;
  expiresAt: string;
  /** Variants of the runs that were published with it. */
  variants: string[];
}

const ticketFacts = (
  { slug, version, seed, userId: owner, expiresAt, variants }: FoundTicket,
  variant: string,
  userId: string,
): TicketFacts => ({
  benchmark: { slug, version },
  seed,
  expiresAt: new Date(expiresAt),
  expired: Date.parse(expiresAt) <= Date.now(),
  ofAnother: owner !== null && owner !== userId,
  used: variants.includes(variant),
});

/** Finds everything in the database that submissions refer to, in one query for those that come together. */
const finding = new Batches<Database, Submission, Referenced>(async (db, submissions) => {
  const boards = submissions.flatMap(({ record: { benchmark } }) => benchmark ?? []);
  const slugs = submissions.flatMap(({ record }) => record.scores.map(({ policy }) => policy.slug));
  const [found] = await db.$queryRaw<
    [
      {
        runs: (SameKeyRun & { key: string })[];
        benchmarks: (NonNullable<Referenced["benchmark"]> & { slug: string; version: number })[];
        policies: { id: string; slug: string; hash: string; document: unknown }[];
        reproduced: { id: string; manifest: Referenced["reproduced"] }[];
        tickets: FoundTicket[];
      },
    ]
  >`
    SELECT
      (SELECT coalesce(json_agg(json_build_object(
         'key', idempotency_key, 'id', id, 'userId', user_id, 'contentHash', content_hash)), '[]')
       FROM run WHERE idempotency_key = ANY(${submissions.map(({ idempotencyKey }) => idempotencyKey)}::text[])) AS runs,
      (SELECT coalesce(json_agg(json_build_object('slug', slug, 'version', version, 'id', id, 'recipe', recipe)), '[]')
       FROM benchmark WHERE (slug, version) IN (
         SELECT * FROM unnest(${boards.map(({ slug }) => slug)}::text[], ${boards.map(({ version }) => version)}::bigint[])
       )) AS benchmarks,
      (SELECT coalesce(json_agg(json_build_object('id', id, 'slug', slug, 'hash', hash, 'document', document)), '[]')
       FROM policy WHERE slug = ANY(${[...new Set(slugs)]}::text[]) AND hidden_at IS NULL AND issues IS NULL) AS policies,
      (SELECT coalesce(json_agg(json_build_object('id', id, 'manifest', manifest)), '[]')
       FROM run WHERE id = ANY(${submissions.flatMap(({ reproductionOf }) => reproductionOf ?? [])}::uuid[])
         AND hidden_at IS NULL) AS reproduced,
      (SELECT coalesce(json_agg(json_build_object(
         'id', ticket.id, 'slug', slug, 'version', version, 'seed', seed, 'userId', user_id, 'expiresAt', expires_at,
         'variants', (SELECT coalesce(json_agg(variant), '[]') FROM run WHERE ticket_id = ticket.id))), '[]')
       FROM ticket JOIN benchmark ON benchmark.id = benchmark_id
       WHERE ticket.id = ANY(${submissions.flatMap(({ ticket }) => ticket ?? [])}::uuid[])) AS tickets`;
  const policies = new Map(found.policies.map((policy) => [policy.slug, policy]));
  return submissions.map(({ idempotencyKey, record: { benchmark: named }, reproductionOf, ticket }) => ({
    sameKey: found.runs.filter(({ key }) => key === idempotencyKey),
    benchmark: found.benchmarks.find(({ slug, version }) => slug === named?.slug && version === named.version) ?? null,
    policies,
    reproduced: found.reproduced.find(({ id }) => id === reproductionOf?.toLowerCase())?.manifest ?? null,
    ticket: found.tickets.find(({ id }) => id === ticket?.toLowerCase()) ?? null,
  }));
});

function predictionsFile(
  scores: readonly VerifiedScore[],
  { slug, version, hash }: ServerFacts["dataset"],
): Uint8Array {
  return encodeSafetensors(
    scores.map(({ record, predictions }) => ({
      name: record.method,
      shape: [predictions.length],
      values: predictions,
    })),
    { content: "predicted class id of each test example", dataset: `${slug} ${version}`, dataset_sha256: hash },
  );
}
