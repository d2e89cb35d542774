/** Reads the public log: every addition, rescore and removal. Database triggers keep it append-only. */
import "server-only";
import { z } from "zod";
import type { Database } from "../database/client";
import { database } from "../database/client";

export interface LogRecord {
  id: string;
  /** `run.published`, `policy.added`, `run.hidden` … */
  action: string;
  /** `run`, `policy` … */
  subject: string;
  subjectId: string;
  /** Null for the site itself and for a deleted account. */
  actor: string | null;
  detail: Record<string, unknown>;
  createdAt: Date;
}

export interface LogOptions {
  take: number;
  /** Id of the last record of the previous page. */
  after?: bigint | undefined;
  subject?: string | undefined;
  subjectId?: string | undefined;
}

/** A page of the log, newest first. */
export async function logPage(
  { take, after, subject, subjectId }: LogOptions,
  db: Database = database(),
): Promise<LogRecord[]> {
  const rows = await db.logEntry.findMany({
    where: {
      ...(subject !== undefined && { subject }),
      ...(subjectId !== undefined && { subjectId }),
      ...(after !== undefined && { id: { lt: after } }),
    },
    orderBy: { id: "desc" },
    take,
    select: {
      id: true,
      action: true,
      subject: true,
      subjectId: true,
      detail: true,
      createdAt: true,
      actor: { select: { name: true } },
    },
  });
  return rows.map(({ id, actor, detail, ...row }) => ({
    ...row,
    id: String(id),
    actor: actor?.name ?? null,
    detail: detail as Record<string, unknown>,
  }));
}

/** Paths of the pages of what records are about, by the record's id: none for what has no page, or no longer. */
export async function subjectPages(
  records: readonly LogRecord[],
  db: Database = database(),
): Promise<ReadonlyMap<string, string>> {
  const ids = (of: string) =>
    records.flatMap(({ subject, subjectId }) => (subject === of && isUuid(subjectId) ? [subjectId] : []));
  const shown = (of: string) => ({ where: { id: { in: ids(of) }, hiddenAt: null } });
  const [runs, policies, external] = await Promise.all([
    db.run.findMany({ ...shown("run"), select: { id: true } }),
    db.policy.findMany({ ...shown("policy"), select: { id: true, slug: true } }),
    db.externalRun.findMany({
      where: { ...shown("external").where, withdrawnAt: null },
      select: { id: true },
    }),
  ]);
  const pages = new Map<string, string>([
    ...runs.map(({ id }) => [`run/${id}`, `/runs/${id}`] as const),
    ...policies.map(({ id, slug }) => [`policy/${id}`, `/policies/${slug}`] as const),
    ...external.map(({ id }) => [`external/${id}`, `/external/${id}`] as const),
  ]);
  return new Map(
    records.flatMap(({ id, subject, subjectId }) => {
      const page = pages.get(`${subject}/${subjectId}`);
      return page === undefined ? [] : [[id, page] as const];
    }),
  );
}

const isUuid = (text: string): boolean => z.uuid().safeParse(text).success;
