/**
 * Moderation: anyone signed in flags a result with a reason, its author replies, and a maintainer decides with a reason
 * and may change the decision. A result whose flag is upheld is hidden, never deleted: its evidence stays. Every step
 * is logged.
 */
import "server-only";
import { z } from "zod";
import type { Refusal } from "@/lib/leaderboard";
import { flagReasonSchema, variantLabels } from "@/lib/leaderboard";
import type { ExternalRecord, Variant } from "@/lib/records";
import { isText, textSchema } from "@/lib/records";
import type { Division, Flag, PrismaClient } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import { enqueueAudits } from "../audits/which";
import { rankBoard } from "../boards/rank";
import { refreshBoards } from "../boards/refresh";
import { distinctBoards, lock } from "../boards/revisions";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { requireQuota } from "../limits/quotas";
import { notify } from "../notices/notify";
import { followRun } from "../weights/follow";

export const subjectKinds = ["run", "policy", "external"] as const;

export const flagRequestSchema = z.strictObject({
  subject: z.enum(subjectKinds),
  /** The id of a run or of an external record, or the slug of a policy. */
  id: textSchema({ max: 64 }),
  reason: flagReasonSchema.describe("What is wrong, and how one sees it"),
});

export const replySchema = z.strictObject({ reply: flagReasonSchema });

export const appealSchema = z.strictObject({ appeal: flagReasonSchema.describe("Public, in the log") });

export const decisionSchema = z.strictObject({
  state: z
    .enum(["upheld", "dismissed"])
    .describe("upheld hides the result; dismissed shows it, again where it was hidden"),
  reason: flagReasonSchema.describe("Public, in the log"),
});

/** What a flag is about. */
export interface Subject {
  kind: (typeof subjectKinds)[number];
  id: string;
  /** The page that shows it. */
  url: string;
  title: string;
  author: { id: string; name: string } | null;
  hidden: boolean;
}

/** What a run is called where its page is linked. */
export const runTitle = (run: { benchmark: { title: string } | null; variant: string; seed: bigint }): string =>
  [
    run.benchmark?.title ?? "A run with settings of its own",
    variantLabels[run.variant as Variant],
    `seed ${run.seed}`,
  ].join(", ");

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A run or an external record by its id, or a policy by its id or slug, including hidden ones; null if there is none. */
export async function findSubject(kind: string, id: string, db: Database = database()): Promise<Subject | null> {
  const author = { select: { id: true, name: true } } as const;
  if (kind === "run") {
    if (!uuid.test(id)) return null;
    const run = await db.run.findUnique({
      where: { id },
      select: { hiddenAt: true, seed: true, variant: true, user: author, benchmark: { select: { title: true } } },
    });
    return (
      run && {
        kind,
        id,
        url: `/runs/${id}`,
        title: runTitle(run),
        author: run.user,
        hidden: run.hiddenAt !== null,
      }
    );
  }
  if (kind === "external") {
    if (!uuid.test(id)) return null;
    const external = await db.externalRun.findUnique({
      where: { id },
      select: { hiddenAt: true, withdrawnAt: true, record: true, user: author },
    });
    return (
      external && {
        kind,
        id,
        url: `/external/${id}`,
        title: (external.record as unknown as ExternalRecord).network.name,
        author: external.user,
        hidden: external.hiddenAt !== null || external.withdrawnAt !== null,
      }
    );
  }
  if (kind !== "policy" || !isText(id)) return null;
  const policy = await db.policy.findUnique({
    where: uuid.test(id) ? { id } : { slug: id },
    select: { id: true, slug: true, name: true, hiddenAt: true, author },
  });
  return (
    policy && {
      kind,
      id: policy.id,
      url: `/policies/${policy.slug}`,
      title: policy.name,
      author: policy.author,
      hidden: policy.hiddenAt !== null,
    }
  );
}

const remedies = {
  run: "Name a run of /api/v1/runs.",
  policy: "Name a policy of /api/v1/policies by its slug.",
  external: "Name a record of /api/v1/external.",
} as const;

/** Stores a flag; a user can have one open flag on each result. */
export async function raiseFlag(
  { subject: kind, id, reason }: z.infer<typeof flagRequestSchema>,
  reporterId: string,
  db: PrismaClient = database(),
): Promise<{ id: string } | { refusal: Refusal }> {
  const subject = await findSubject(kind, id, db);
  if (!subject || subject.hidden)
    return {
      refusal: {
        reason: "unknown-subject",
        field: "id",
        expected: `a ${kind} that is shown`,
        found: id,
        remedy: remedies[kind],
      },
    };
  return db.$transaction(async (tx) => {
    await requireQuota(tx, "flags", reporterId);
    const open = await tx.flag.findFirst({
      where: { subject: kind, subjectId: subject.id, reporterId, state: "open" },
      select: { id: true },
    });
    if (open)
      return {
        refusal: {
          reason: "already-flagged",
          field: "id",
          expected: "something that you have no open flag on",
          found: open.id,
          remedy: `See /moderation/${open.id}.`,
        },
      };
    const flag = await tx.flag.create({
      data: { subject: kind, subjectId: subject.id, reporterId, reason },
      select: { id: true },
    });
    if (kind === "run") {
      const run = await tx.run.findUnique({ where: { id: subject.id }, select: { benchmarkId: true } });
      if (run?.benchmarkId) await enqueueAudits(tx, [{ id: subject.id, benchmarkId: run.benchmarkId }]);
    }
    await notify(tx, [
      {
        userId: subject.author?.id ?? null,
        kind: "flagged",
        title: subject.title,
        href: `/moderation/${flag.id}`,
        text: "Somebody flagged it: you can answer.",
      },
    ]);
    // Reason and reporter are not public until the flag is decided.
    await tx.logEntry.create({
      data: { action: "flag.raised", subject: kind, subjectId: subject.id, detail: { flag: flag.id } },
    });
    return flag;
  });
}

/** Stores the author's reply to a flag, replacing an earlier one. */
export async function replyToFlag(
  flag: Pick<Flag, "id" | "subject" | "subjectId">,
  reply: string,
  authorId: string,
  db: PrismaClient = database(),
): Promise<void> {
  await db.$transaction(async (tx) => {
    await tx.flag.update({ where: { id: flag.id }, data: { reply } });
    await tx.logEntry.create({
      data: {
        action: "flag.replied",
        subject: flag.subject,
        subjectId: flag.subjectId,
        actorId: authorId,
        detail: { flag: flag.id, reply },
      },
    });
  });
}

/**
 * Stores the author's appeal against a decision that upheld a flag: once.
 * @returns false if the flag isn't upheld, or was appealed before
 */
export async function appealFlag(
  flag: Pick<Flag, "id" | "subject" | "subjectId">,
  appeal: string,
  authorId: string,
  db: PrismaClient = database(),
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.flag.updateMany({
      where: { id: flag.id, state: "upheld", appealedAt: null },
      data: { appeal, appealedAt: new Date() },
    });
    if (count === 0) return false;
    await tx.logEntry.create({
      data: {
        action: "flag.appealed",
        subject: flag.subject,
        subjectId: flag.subjectId,
        actorId: authorId,
        detail: { flag: flag.id, reason: appeal },
      },
    });
    return true;
  });
}

/** The maintainer who made a decision can't decide the appeal against it. */
export class OwnDecision extends Error {
  override name = "OwnDecision";
  constructor() {
    super("Another maintainer decides an appeal.");
  }
}

/**
 * Decides a flag, even one that was already decided, or the appeal against its decision, and shows or hides the flagged
 * result.
 * @throws OwnDecision
 */
export async function decideFlag(
  flagId: string,
  { state, reason }: z.infer<typeof decisionSchema>,
  maintainerId: string,
  db: PrismaClient = database(),
): Promise<void> {
  const boards = await db.$transaction(async (tx) => {
    await lock(tx, `flag/${flagId}`);
    const before = await tx.flag.findUniqueOrThrow({ where: { id: flagId } });
    const settles = before.appealedAt !== null && before.settledAt === null;
    if (settles && before.decidedById === maintainerId) throw new OwnDecision();
    const decidedAt = new Date();
    const flag = await tx.flag.update({
      where: { id: flagId },
      data: {
        state,
        decision: reason,
        decidedById: maintainerId,
        decidedAt,
        ...(settles && { settledAt: decidedAt }),
      },
    });
    const about = { subject: flag.subject, subjectId: flag.subjectId, actorId: maintainerId };
    await tx.logEntry.create({ data: { ...about, action: `flag.${state}`, detail: { flag: flagId, reason } } });
    const subject = await findSubject(flag.subject, flag.subjectId, tx);
    await notify(
      tx,
      [...new Set([subject?.author?.id, flag.reporterId])].map((userId) => ({
        userId: userId ?? null,
        kind: "decided" as const,
        title: subject?.title ?? "What was flagged",
        href: `/moderation/${flagId}`,
        text: state === "upheld" ? "The flag was upheld: it is hidden." : "The flag was dismissed: it is shown.",
      })),
    );
    const upheld = await tx.flag.count({
      where: { subject: flag.subject, subjectId: flag.subjectId, state: "upheld" },
    });
    const ranksAgain = state === "dismissed" && (await undoAudit(tx, flagId));
    const changed = await setHidden(tx, flag, upheld > 0);
    if (flag.subject === "run") await followRun(tx, flag.subjectId);
    if (changed)
      await tx.logEntry.create({
        data: {
          ...about,
          action: `${flag.subject}.${upheld > 0 ? "hidden" : "restored"}`,
          detail: { flag: flagId, reason },
        },
      });
    if (!changed && !ranksAgain) return [];
    const affected = await boardsOf(tx, flag);
    await refreshBoards(tx, affected);
    return affected;
  });
  await Promise.all(distinctBoards(boards).map((board) => rankBoard(db, board)));
}

/** A run whose audit, or whose weights, raised the flag ranks again; false if none did. */
async function undoAudit(tx: Database, flagId: string): Promise<boolean> {
  const where = { flagId };
  const select = { runId: true };
  const found = (await tx.audit.findUnique({ where, select })) ?? (await tx.runWeights.findUnique({ where, select }));
  if (!found) return false;
  const { count } = await tx.run.updateMany({ where: { id: found.runId, ranks: false }, data: { ranks: true } });
  return count > 0;
}

/** Shows or hides a result; true if that changed anything. */
async function setHidden(tx: Database, { subject, subjectId: id }: Flag, hidden: boolean): Promise<boolean> {
  const where = { id, hiddenAt: hidden ? null : { not: null } };
  const data = { hiddenAt: hidden ? new Date() : null };
  const { count } =
    subject === "run"
      ? await tx.run.updateMany({ where, data })
      : subject === "external"
        ? await tx.externalRun.updateMany({ where, data })
        : await tx.policy.updateMany({ where, data });
  return count > 0;
}

interface AffectedBoard {
  benchmarkId: string;
  division: Division;
  variant: string;
  policyIds: string[];
}

/** The board rows that are computed from a run or belong to a policy. */
async function boardsOf(tx: Database, { subject, subjectId }: Flag): Promise<AffectedBoard[]> {
  if (subject === "external") return [];
  const isSubject =
    subject === "run" ? Prisma.sql`run.id = ${subjectId}::uuid` : Prisma.sql`run_score.policy_id = ${subjectId}::uuid`;
  const open = await tx.$queryRaw<Omit<AffectedBoard, "division">[]>`
    SELECT run.benchmark_id::text AS "benchmarkId", run.variant,
           array_agg(DISTINCT run_score.policy_id::text) AS "policyIds"
    FROM run JOIN run_score ON run_score.run_id = run.id
    WHERE ${isSubject} AND run.benchmark_id IS NOT NULL GROUP BY 1, 2`;
  const closed =
    subject === "run"
      ? []
      : await tx.$queryRaw<Omit<AffectedBoard, "division">[]>`
          SELECT trajectory.benchmark_id::text AS "benchmarkId", trajectory.variant,
                 array_agg(DISTINCT score.policy_id::text) AS "policyIds"
          FROM trajectory JOIN score ON score.trajectory_id = trajectory.id
          WHERE score.policy_id = ${subjectId}::uuid AND trajectory.visibility NOT IN ('public', 'withdrawn') GROUP BY 1, 2`;
  return [
    ...open.map((board) => ({ ...board, division: "open" as const })),
    ...closed.map((board) => ({ ...board, division: "closed" as const })),
  ];
}
