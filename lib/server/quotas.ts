/**
 * Daily quotas, counted from what was stored: what failed, was refused or was
 * sent a second time is not there, so it costs nothing.
 */
import "server-only";
import { dailyQuotas } from "@/lib/leaderboard";
import type { QuotaName } from "@/lib/leaderboard";
import { database } from "./db";
import type { Database } from "./db";

/** An account has added as much today as it may. */
export class QuotaSpent extends Error {
  override name = "QuotaSpent";
  constructor(
    readonly quota: QuotaName,
    readonly retryAfterSeconds: number,
  ) {
    super(`${dailyQuotas[quota]} ${quota} were added by this account today, which is as many as a day has`);
  }
}

const countOf: Record<QuotaName, (db: Database, userId: string, since: Date) => Promise<number>> = {
  runs: (db, userId, since) => db.run.count({ where: { userId, createdAt: { gte: since } } }),
  policies: (db, authorId, since) => db.policy.count({ where: { authorId, createdAt: { gte: since } } }),
  flags: (db, reporterId, since) => db.flag.count({ where: { reporterId, createdAt: { gte: since } } }),
};

/**
 * Lets a transaction add one more, or ends it. Who adds at the same time waits for its end.
 * @throws QuotaSpent
 */
export async function spendQuota(tx: Database, quota: QuotaName, userId: string): Promise<void> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`quota/${quota}/${userId}`}, 0))::text`;
  const now = new Date();
  if ((await countOf[quota](tx, userId, startOfDay(now))) >= dailyQuotas[quota]) throw new QuotaSpent(quota, Math.ceil((endOfDay(now).getTime() - now.getTime()) / 1000));
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
      const used = await countOf[quota](db, userId, startOfDay(now));
      const limit = dailyQuotas[quota];
      return { quota, limit, used, left: Math.max(0, limit - used), resetsAt: endOfDay(now) };
    }),
  );
}

const startOfDay = (now: Date): Date => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
const endOfDay = (now: Date): Date => new Date(startOfDay(now).getTime() + 86_400_000);
