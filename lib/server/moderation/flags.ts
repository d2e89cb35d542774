/** Reads flags, as the reporter, the author and the maintainers see them. */
import "server-only";
import type { FlagState, Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { database } from "../database/client";
import type { Subject } from "./moderate";
import { findSubject } from "./moderate";

export interface FlagInfo {
  id: string;
  subject: { kind: Subject["kind"]; id: string; url: string; title: string; author: string | null; hidden: boolean };
  reason: string;
  state: FlagState;
  /** The author's reply. */
  reply: string | null;
  /** The reason of the latest decision. */
  decision: string | null;
  decidedBy: string | null;
  decidedAt: Date | null;
  /** The author's appeal against the decision that upheld it. */
  appeal: string | null;
  appealedAt: Date | null;
  /** When another maintainer decided the appeal. */
  settledAt: Date | null;
  createdAt: Date;
}

/** A flag with its reporter and the author of the flagged result. */
export interface FlagCase {
  flag: FlagInfo;
  reporterId: string | null;
  authorId: string | null;
}

const columns = {
  id: true,
  subject: true,
  subjectId: true,
  reporterId: true,
  reason: true,
  state: true,
  reply: true,
  decision: true,
  decidedAt: true,
  appeal: true,
  appealedAt: true,
  settledAt: true,
  createdAt: true,
  decidedBy: { select: { name: true } },
} satisfies Prisma.FlagSelect;

type Row = Prisma.FlagGetPayload<{ select: typeof columns }>;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A flag with its reporter and author; null if there is none. */
export async function flagCase(id: string, db: Database = database()): Promise<FlagCase | null> {
  const row = uuid.test(id) ? await db.flag.findUnique({ where: { id }, select: columns }) : null;
  return row && caseOf(row, db);
}

/** Flags in the order they were raised, so that the oldest is decided first; among the open ones those whose appeal is. */
export async function flagPage(
  { state, take, after }: { state?: FlagState | undefined; take: number; after?: string | undefined },
  db: Database = database(),
): Promise<FlagInfo[]> {
  const rows = await db.flag.findMany({
    where:
      state === "open"
        ? { OR: [{ state }, { appealedAt: { not: null }, settledAt: null }] }
        : { ...(state && { state }) },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    take,
    ...(after && { cursor: { id: after }, skip: 1 }),
    select: columns,
  });
  return Promise.all(rows.map(async (row) => (await caseOf(row, db)).flag));
}

/** The newest flags on what a user published. */
export async function flagsAbout(userId: string, db: Database = database()): Promise<FlagInfo[]> {
  const ids = await db.$queryRaw<{ id: string }[]>`
    SELECT flag.id::text AS id, flag.created_at
    FROM flag JOIN run ON flag.subject = 'run' AND flag.subject_id = run.id::text
    WHERE run.user_id = ${userId}::uuid
    UNION
    SELECT flag.id::text, flag.created_at
    FROM flag JOIN policy ON flag.subject = 'policy' AND flag.subject_id = policy.id::text
    WHERE policy.author_id = ${userId}::uuid
    UNION
    SELECT flag.id::text, flag.created_at
    FROM flag JOIN external_run ON flag.subject = 'external' AND flag.subject_id = external_run.id::text
    WHERE external_run.user_id = ${userId}::uuid
    ORDER BY created_at DESC LIMIT 50`;
  const rows = await db.flag.findMany({
    where: { id: { in: ids.map(({ id }) => id) } },
    orderBy: { createdAt: "desc" },
    select: columns,
  });
  return Promise.all(rows.map(async (row) => (await caseOf(row, db)).flag));
}

async function caseOf(
  { subject: kind, subjectId, reporterId, decidedBy, ...flag }: Row,
  db: Database,
): Promise<FlagCase> {
  const flagged = await findSubject(kind, subjectId, db);
  if (!flagged) throw new Error(`flag ${flag.id}: there is no ${kind} ${subjectId}`);
  const { author, ...subject } = flagged;
  return {
    flag: { ...flag, subject: { ...subject, author: author?.name ?? null }, decidedBy: decidedBy?.name ?? null },
    reporterId,
    authorId: author?.id ?? null,
  };
}
