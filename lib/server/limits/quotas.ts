/**
 * Daily quotas, counted from stored rows: a submission that failed, was refused or was a retry stored nothing, so it
 * costs nothing.
 */
import "server-only";
import type { QuotaName } from "@/lib/leaderboard";
import { dailyQuotas } from "@/lib/leaderboard";
import { Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { database } from "../database/client";

/** The account has used up its quota for today. */
export class QuotaExceeded extends Error {
  override name = "QuotaExceeded";
  constructor(
    readonly quota: QuotaName,
    readonly retryAfterSeconds: number,
  ) {
    super(`${dailyQuotas[quota]} ${quota} were added by this account today, which is as many as a day has`);
  }
}

/** Who added something, and when. */
const added: Record<QuotaName, Prisma.Sql> = {
  runs: Prisma.sql`SELECT user_id, created_at FROM run`,
  policies: Prisma.sql`SELECT author_id, created_at FROM policy`,
  records: Prisma.sql`SELECT user_id, created_at FROM external_run`,
  flags: Prisma.sql`SELECT reporter_id, created_at FROM flag`,
};

/** How many each account has added since midnight UTC; accounts that added none are left out. */
async function usedToday(
  db: Database,
  quota: QuotaName,
  userIds: readonly string[],
  now: Date,
): Promise<Map<string, number>> {
  const rows = await db.$queryRaw<{ userId: string; used: number }[]>`
    SELECT user_id::text AS "userId", count(*)::int AS used FROM (${added[quota]}) AS added (user_id, created_at)
    WHERE user_id = ANY(${[...userIds]}::uuid[]) AND created_at >= ${startOfDay(now)} GROUP BY user_id`;
  return new Map(rows.map(({ userId, used }) => [userId, used]));
}

/**
 * How many more each account may add today. Valid until the transaction ends: other transactions that add for one of
 * these accounts wait for it.
 */
export async function quotaLeft(
  tx: Database,
  quota: QuotaName,
  userIds: readonly string[],
): Promise<Map<string, number>> {
  const ids = [...new Set(userIds)].sort(); // a fixed order, so that two transactions can't deadlock
  const keys = ids.map((id) => `quota/${quota}/${id}`);
  await tx.$queryRaw`
    SELECT count(pg_advisory_xact_lock(hashtextextended(key, 0)))::int FROM unnest(${keys}::text[]) AS key`;
  const used = await usedToday(tx, quota, ids, new Date());
  return new Map(ids.map((id) => [id, Math.max(0, dailyQuotas[quota] - (used.get(id) ?? 0))]));
}

/** The error for a quota that is used up until the end of the day. */
export function quotaSpent(quota: QuotaName): QuotaExceeded {
  const now = new Date();
  return new QuotaExceeded(quota, Math.ceil((endOfDay(now).getTime() - now.getTime()) / 1000));
}

/**
 * Checks that a transaction may add one more.
 * @throws QuotaExceeded
 */
export async function requireQuota(tx: Database, quota: QuotaName, userId: string): Promise<void> {
  if ((await quotaLeft(tx, quota, [userId])).get(userId) === 0) throw quotaSpent(quota);
}

export interface QuotaState {
  quota: QuotaName;
  limit: number;
  used: number;
  left: number;
  /** Midnight UTC. */
  resetsAt: Date;
}

/** What an account has used today, and what is left. */
export async function quotasOf(userId: string, db: Database = database()): Promise<QuotaState[]> {
  const now = new Date();
  return Promise.all(
    (Object.keys(dailyQuotas) as QuotaName[]).map(async (quota) => {
      const used = (await usedToday(db, quota, [userId], now)).get(userId) ?? 0;
      const limit = dailyQuotas[quota];
      return { quota, limit, used, left: Math.max(0, limit - used), resetsAt: endOfDay(now) };
    }),
  );
}

const startOfDay = (now: Date): Date => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
const endOfDay = (now: Date): Date => new Date(startOfDay(now).getTime() + 86_400_000);
