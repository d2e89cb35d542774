/**
 * Rate limits in the database, so that they hold for every process of the site
 * and over a restart. The generic cell rate algorithm (ITU-T I.371): a key's
 * state is one time, and spending is one statement.
 */
import "server-only";
import type { Database } from "../database/client";
import { database } from "../database/client";

/** So many at once; each comes back after so many seconds. */
interface Limit {
  burst: number;
  secondsEach: number;
}

/** For whom → how often. A school or a company often shares one address. */
export const limits = {
  "write/user": { burst: 120, secondsEach: 1 },
  "write/address": { burst: 600, secondsEach: 0.1 },
  "sign-up/address": { burst: 30, secondsEach: 120 },
  "sign-in/account": { burst: 50, secondsEach: 30 },
  "sign-in/account and address": { burst: 10, secondsEach: 60 },
  "sign-in/address": { burst: 100, secondsEach: 10 },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof limits;

/** One use of a limit, by a user or an address. */
export interface Spending {
  limit: LimitName;
  by: string;
}

const keyOf = ({ limit, by }: Spending): string => `${limit}/${by}`;

/** Spends one use; where none is left nothing is spent. Returns the seconds to wait, 0 where it was spent. */
export async function spend(spending: Spending, db: Database = database()): Promise<number> {
  const { burst, secondsEach } = limits[spending.limit];
  const key = keyOf(spending);
  const [spent] = await db.$queryRaw<unknown[]>`
    INSERT INTO allowance AS known (key, due) VALUES (${key}, now() + make_interval(secs => ${secondsEach}))
    ON CONFLICT (key) DO UPDATE SET due = greatest(known.due, now()) + make_interval(secs => ${secondsEach})
    WHERE known.due <= now() + make_interval(secs => ${(burst - 1) * secondsEach})
    RETURNING key`;
  if (spent) return 0;
  const [row] = await db.$queryRaw<{ wait: number }[]>`
    SELECT extract(epoch FROM due - now())::float8 - ${(burst - 1) * secondsEach}::float8 AS wait FROM allowance WHERE key = ${key}`;
  return Math.max(1, Math.ceil(row?.wait ?? 1));
}

/** Gives a use back: what it was spent on turned out to be in order. */
export async function giveBack(spending: Spending, db: Database = database()): Promise<void> {
  await db.$executeRaw`UPDATE allowance SET due = due - make_interval(secs => ${limits[spending.limit].secondsEach}) WHERE key = ${keyOf(spending)}`;
}

/** Forgets keys that have everything back: they say nothing. */
export async function sweepAllowances(db: Database = database()): Promise<void> {
  await db.$executeRaw`DELETE FROM allowance WHERE due < now()`;
}
