/** Takes the weights and the trace of a published run from its author: into the site's folder, or by way of its bucket. */
import "server-only";
import { scoredAtOnce, weightsKept } from "@/lib/leaderboard";
import type { Manifest } from "@/lib/records";
import type { Prisma, PrismaClient } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { ArtifactDamaged, sha256, urlSeconds } from "../artifacts";
import { lock } from "../boards/revisions";
import type { Database } from "../database/client";
import { env } from "../env";
import { enqueue } from "../scoring/jobs";

export interface ReceivingParts {
  db: PrismaClient;
  store: ArtifactStore;
  /** Called when a check was queued. */
  wake?: () => void;
}

export type Reception =
  /** They are stored, and will be checked or were. */
  | { state: "received" }
  /** Where to PUT the file, with which headers; then ask again. */
  | { state: "upload"; url: string; headers: Record<string, string> }
  /** Why the site doesn't need them. */
  | { state: "not-needed"; reason: string };

/** Why a run can't have weights: it is not there, or not the caller's. */
export type NotReceivable = "no-run" | "not-yours";

interface Announced {
  runId: string;
  userId: string;
  sha256: string;
  bytes: number;
}

const columns = {
  id: true,
  userId: true,
  benchmarkId: true,
  variant: true,
  ranks: true,
  issues: true,
  hiddenAt: true,
  manifest: true,
  weights: { select: { artifactHash: true, outcome: true } },
} satisfies Prisma.RunSelect;

type Receiving = Prisma.RunGetPayload<{ select: typeof columns }>;

const keyOf = (runId: string, hash: string): string => `sent/${runId}-${hash}.safetensors`;

/** Whether the site takes the weights of a run, and where; once they are in its bucket, that it has them. */
export async function announceWeights(announced: Announced, parts: ReceivingParts): Promise<Reception | NotReceivable> {
  const { db, store } = parts;
  const { runId, bytes } = announced;
  const asked = await ask(announced, db);
  if (typeof asked === "string" || asked.state !== "wanted") return asked;
  const artifact = { key: keyOf(runId, announced.sha256), hash: announced.sha256 };
  const direct = { state: "upload" as const, url: `/api/v1/runs/${runId}/weights`, headers: octets };
  const upload = await store.uploadTo(artifact, bytes, urlSeconds);
  if (!upload) return direct;
  if ((await store.sizeOf(artifact.key)) !== bytes) return { state: "upload", ...upload };
  const there = await store.get(artifact).catch((error: unknown) => {
    if (error instanceof ArtifactDamaged) return null; // other bytes: sent again
    throw error;
  });
  return there ? keep({ ...announced, key: artifact.key }, parts) : { state: "upload", ...upload };
}

const octets = { "content-type": "application/octet-stream" };

/** Stores weights that come with the request itself. */
export async function takeWeights(
  { runId, userId, file }: { runId: string; userId: string; file: Uint8Array },
  parts: ReceivingParts,
): Promise<Exclude<Reception, { state: "upload" }> | NotReceivable> {
  const announced = { runId, userId, sha256: sha256(file), bytes: file.length };
  const asked = await ask(announced, parts.db);
  if (typeof asked === "string" || asked.state !== "wanted") return asked;
  const key = keyOf(runId, announced.sha256);
  await parts.store.put(key, file);
  return keep({ ...announced, key }, parts);
}

/** Queues the check of weights that are stored. */
async function keep(
  { runId, userId, sha256: artifactHash, bytes, key }: Announced & { key: string },
  { db, wake }: ReceivingParts,
): Promise<{ state: "received" } | { state: "not-needed"; reason: string } | NotReceivable> {
  const kept = await db.$transaction(async (tx) => {
    await lock(tx, `${runId}/weights`);
    const asked = await ask({ runId, userId, sha256: artifactHash, bytes }, tx); // another request may have been first
    if (typeof asked === "string" || asked.state !== "wanted") return asked;
    const { benchmarkId } = asked;
    const row = { artifactKey: key, artifactHash, artifactBytes: bytes };
    const unchecked = { outcome: null, predictions: null, differing: null, reason: null, checkedAt: null };
    await tx.runWeights.upsert({ where: { runId }, create: { runId, ...row }, update: { ...row, ...unchecked } });
    await enqueue(tx, [{ kind: "weights", lane: "background", benchmarkId, runId }]);
    return null;
  });
  if (kept) return kept;
  wake?.();
  return { state: "received" };
}

type Asked = { state: "wanted"; benchmarkId: string } | Exclude<Reception, { state: "upload" }>;

async function ask({ runId, userId, sha256: hash }: Announced, db: Database): Promise<Asked | NotReceivable> {
  const run = await db.run.findUnique({ where: { id: runId }, select: columns });
  if (!run || run.hiddenAt !== null) return "no-run";
  if (run.userId !== userId) return "not-yours";
  // What turned out not to be of the run may be replaced.
  if (run.weights && run.weights.outcome !== "refused")
    return run.weights.artifactHash === hash
      ? { state: "received" }
      : { state: "not-needed", reason: "Other weights came with this run, and stay." };
  if (!run.benchmarkId) return { state: "not-needed", reason: "The run is on no board." };
  const reason = await whyNot({ ...run, benchmarkId: run.benchmarkId }, db);
  return reason === null ? { state: "wanted", benchmarkId: run.benchmarkId } : { state: "not-needed", reason };
}

async function whyNot(
  { benchmarkId, variant, ranks, issues, manifest }: Receiving & { benchmarkId: string },
  db: Database,
): Promise<string | null> {
  if (env().DMBENCH_AUDIT_SECONDS === 0) return "This site checks no weights.";
  if (!ranks || issues !== null) return "The run doesn’t rank.";
  const most = scoredAtOnce((manifest as unknown as Manifest).recipe) ? weightsKept.scoredAtOnce : weightsKept.others;
  const there = await db.runWeights.count({
    where: { run: { benchmarkId, variant }, OR: [{ outcome: null }, { outcome: { in: ["same", "within"] } }] },
  });
  return there < most
    ? null
    : `The site has the weights of ${there} runs of this board and variant, and keeps no more.`;
}
