/** Stores records of networks that people trained with code of their own, and takes them back for their authors. */
import "server-only";
import type { ExternalSubmission, Refusal } from "@/lib/leaderboard";
import { bestConstant, reusedKey, verifyExternal } from "@/lib/leaderboard";
import { otherDataset } from "@/lib/records";
import type { Prisma, PrismaClient } from "@/prisma/generated/client";
import { sha256 } from "../artifacts";
import { canonicalJson } from "../canonical-json";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { isUniqueViolation } from "../database/errors";
import { testData } from "../datasets";
import { requireQuota } from "../limits/quotas";
import { listedPolicy } from "../policies/read";
import type { PublishingParts } from "../runs/publish";

export type ExternalPublication =
  | { id: string /** False if the same submission was stored before. */; created: boolean }
  | { refusals: [Refusal, ...Refusal[]] };

/**
 * Stores a record of `userId` once per idempotency key, however often it is sent. A refused one stores nothing.
 * @throws QuotaExceeded
 */
export async function publishExternal(
  { idempotencyKey, ...submission }: ExternalSubmission,
  userId: string,
  { db = database(), labels = testData }: { db?: PrismaClient; labels?: PublishingParts["testData"] } = {},
): Promise<ExternalPublication> {
  const { record } = submission;
  const contentHash = sha256(canonicalJson(submission));
  const key = { idempotencyKey_userId: { idempotencyKey, userId } };
  const before = await earlier(db, key, contentHash);
  if (before) return before;

  const found = record.task.dataset === otherDataset ? null : await labels(record.task.dataset);
  if (found && "reason" in found && found.reason !== "dataset-unavailable")
    return {
      refusals: [
        {
          ...found,
          field: "record.task.dataset",
          expected: `${found.expected}, or ${otherDataset}`,
          remedy: `Name a data set of /api/v1/datasets, or ${otherDataset} with a name and the number of classes.`,
        },
      ],
    };
  const slugs = record.methods.map(({ policy }) => policy);
  const policies = await db.policy.findMany({
    where: { ...listedPolicy, slug: { in: slugs } },
    select: { slug: true, document: true },
  });
  const verification = verifyExternal(
    { idempotencyKey, ...submission },
    {
      dataset: found && "reason" in found ? null : found,
      policies: new Map(policies.map(({ slug, document }) => [slug, document])),
    },
  );
  if ("refusals" in verification) return { refusals: verification.refusals as [Refusal, ...Refusal[]] };
  const { scores } = verification;
  try {
    const id = await db.$transaction(async (tx) => {
      await requireQuota(tx, "records", userId);
      const { id } = await tx.externalRun.create({
        data: {
          userId,
          idempotencyKey,
          contentHash,
          dataset: record.task.dataset,
          record: record as Prisma.InputJsonObject,
          scores: scores as unknown as Prisma.InputJsonArray,
          bestMomentum: bestConstant(record.methods.map(({ value }, index) => ({ ...scores[index]!, value }))),
        },
        select: { id: true },
      });
      await tx.logEntry.create({
        data: {
          action: "external.published",
          subject: "external",
          subjectId: id,
          actorId: userId,
          // Not its name: the log can't be changed, and a record can be hidden.
          detail: { dataset: record.task.dataset },
        },
      });
      return id;
    });
    return { id, created: true };
  } catch (error) {
    // A concurrent request with the same key was first.
    const first = isUniqueViolation(error) && (await earlier(db, key, contentHash));
    if (!first) throw error;
    return first;
  }
}

/** What the account used the idempotency key for before; null for a new key. */
async function earlier(
  db: Database,
  key: Prisma.ExternalRunWhereUniqueInput,
  contentHash: string,
): Promise<ExternalPublication | null> {
  const before = await db.externalRun.findUnique({ where: key, select: { id: true, contentHash: true } });
  if (!before) return null;
  if (before.contentHash === contentHash) return { id: before.id, created: false };
  return { refusals: [reusedKey] };
}

/**
 * Takes a record out of every list and page for its author; it is kept, as what a flag on it is about.
 * @returns false if the account has published none of this id
 */
export async function withdrawExternal(id: string, userId: string, db: PrismaClient = database()): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.externalRun.updateMany({
      where: { id, userId, withdrawnAt: null },
      data: { withdrawnAt: new Date() },
    });
    if (count === 0) return (await tx.externalRun.count({ where: { id, userId } })) > 0;
    await tx.logEntry.create({
      data: { action: "external.withdrawn", subject: "external", subjectId: id, actorId: userId, detail: {} },
    });
    return true;
  });
}
