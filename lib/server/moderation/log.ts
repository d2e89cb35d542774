/** Reads the public log: every addition, rescore and removal. Database triggers keep it append-only. */
import "server-only";
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
