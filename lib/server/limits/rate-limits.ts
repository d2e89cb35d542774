/**
 * Rate limits, stored in the database so that they hold across processes and restarts. The generic cell rate algorithm
 * (ITU-T I.371): a key's state is one timestamp, and requests that come together take one statement.
 */
import "server-only";
import { Batches } from "../batches";
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
  "ticket/address": { burst: 120, secondsEach: 20 },
  "score/address": { burst: 60, secondsEach: 2 },
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
 * Consumes one request of each of several limits, if each has one left, and else of none.
 * @returns 0 if they were consumed, else the seconds to wait
 */
export const consume = (uses: readonly LimitedUse[], db: Database = database()): Promise<number> =>
  uses.length > 0 ? consuming.add(db, uses) : Promise.resolve(0);

/** Takes from all limits by one statement, and gives back by another what those took that must wait. */
const consuming = new Batches<Database, readonly LimitedUse[], number>(async (db, requests) => {
  const levels = await move(db, requests.flat(), 1);
  const waits = requests.map((uses) => {
    const wait = uses.reduce((most, use) => Math.max(most, waitFor(levels.get(keyOf(use))!, limits[use.limit])), 0);
    if (wait === 0) for (const use of uses) levels.get(keyOf(use))!.requests += 1;
    return wait;
  });
  const refused = requests.filter((_, index) => waits[index]! > 0);
  if (refused.length > 0) await move(db, refused.flat(), -1);
  return waits;
});

/** Refunds consumed requests that turned out to be legitimate. */
export const refund = async (uses: readonly LimitedUse[], db: Database = database()): Promise<void> =>
  void (await move(db, uses, -1));

/** A key's state before its timestamp was moved. */
interface Level {
  /** Until its whole burst is available again; at most 0 if it was. */
  seconds: number;
  /** Those let through since. */
  requests: number;
}

/** How exactly a key's timestamp is stored, in seconds. */
const precision = 0.001;

/** The seconds that the next request of a key must wait. */
function waitFor({ seconds, requests }: Level, { burst, secondsEach }: Limit): number {
  const wait = seconds + (requests - (burst - 1)) * secondsEach - precision;
  return wait > 0 ? Math.max(1, Math.ceil(wait)) : 0;
}

/** Moves each key's timestamp by the time of one request, on (1) or back (-1), as often as it is named. */
async function move(db: Database, uses: readonly LimitedUse[], sign: 1 | -1): Promise<Map<string, Level>> {
  const seconds = new Map<string, number>();
  for (const use of uses) {
    const key = keyOf(use);
    seconds.set(key, (seconds.get(key) ?? 0) + sign * limits[use.limit].secondsEach);
  }
  const keys = [...seconds.keys()].sort(); // a fixed order, so that two statements can't deadlock
  const rows = await db.$queryRaw<{ key: string; seconds: number }[]>`
    INSERT INTO allowance AS known (key, due)
    SELECT key, now() + make_interval(secs => seconds)
    FROM unnest(${keys}::text[], ${keys.map((key) => seconds.get(key)!)}::float8[]) AS moved (key, seconds)
    ON CONFLICT (key) DO UPDATE SET due = greatest(known.due, now()) + (excluded.due - now())
    RETURNING key, extract(epoch FROM due - now())::float8 AS seconds`;
  return new Map(rows.map((row) => [row.key, { seconds: row.seconds - seconds.get(row.key)!, requests: 0 }]));
}

/** Deletes the state of keys whose whole burst is available again: a new key has the same state. */
export async function deleteExpired(db: Database = database()): Promise<void> {
  await db.$executeRaw`DELETE FROM allowance WHERE due < now()`;
}
