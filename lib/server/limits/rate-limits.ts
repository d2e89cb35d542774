/**
 * Rate limits, stored in the database so that they hold across processes and restarts. The generic cell rate algorithm
 * (ITU-T I.371): a key's state is one timestamp, and consuming takes one statement.
 */
import "server-only";
import type { Database } from "../database/client";
import { database } from "../database/client";

interface Limit {
  /** Requests allowed at once. */
  burst: number;
  /** Seconds until one request is available again. */
  secondsEach: number;
}

/** The limits by name. Those by address are generous: a school or a company often shares one. */
export const limits = {
  "write/user": { burst: 120, secondsEach: 1 },
  "write/address": { burst: 600, secondsEach: 0.1 },
  "sign-up/address": { burst: 30, secondsEach: 120 },
  "measure/address": { burst: 60, secondsEach: 60 },
  "secret/user": { burst: 10, secondsEach: 60 },
  "sign-in/account": { burst: 50, secondsEach: 30 },
  "sign-in/account and address": { burst: 10, secondsEach: 60 },
  "sign-in/address": { burst: 100, secondsEach: 10 },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof limits;

/** One request that counts against a limit, by a user or an address. */
export interface LimitedUse {
  limit: LimitName;
  by: string;
}

const keyOf = ({ limit, by }: LimitedUse): string => `${limit}/${by}`;

/**
 * Consumes one request of a limit, if one is left.
 * @returns 0 if it was consumed, else the seconds to wait
 */
export async function consume(use: LimitedUse, db: Database = database()): Promise<number> {
  const { burst, secondsEach } = limits[use.limit];
  const key = keyOf(use);
  const [consumed] = await db.$queryRaw<unknown[]>`
    INSERT INTO allowance AS known (key, due) VALUES (${key}, now() + make_interval(secs => ${secondsEach}))
    ON CONFLICT (key) DO UPDATE SET due = greatest(known.due, now()) + make_interval(secs => ${secondsEach})
    WHERE known.due <= now() + make_interval(secs => ${(burst - 1) * secondsEach})
    RETURNING key`;
  if (consumed) return 0;
  const [row] = await db.$queryRaw<{ wait: number }[]>`
    SELECT extract(epoch FROM due - now())::float8 - ${(burst - 1) * secondsEach}::float8 AS wait
    FROM allowance WHERE key = ${key}`;
  return Math.max(1, Math.ceil(row?.wait ?? 1));
}

/** Refunds a consumed request that turned out to be legitimate. */
export async function refund(use: LimitedUse, db: Database = database()): Promise<void> {
  const { secondsEach } = limits[use.limit];
  await db.$executeRaw`
    UPDATE allowance SET due = due - make_interval(secs => ${secondsEach}) WHERE key = ${keyOf(use)}`;
}

/** Deletes the state of keys whose whole burst is available again: a new key has the same state. */
export async function deleteExpired(db: Database = database()): Promise<void> {
  await db.$executeRaw`DELETE FROM allowance WHERE due < now()`;
}
