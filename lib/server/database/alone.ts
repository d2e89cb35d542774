/** Work on a database that only one process may do at a time. */
import "server-only";
import type { OpenDatabase } from "./client";
import { withoutLimits } from "./time-limits";

/** The key of the advisory lock; `migrate` has another, which earlier versions know too. */
const lockKey = 7265747;

/**
 * The result of `work`, which no two processes do at the same time; others wait. The lock ends with its connection, so
 * a process that dies holds nobody up. An embedded database is open in one process anyway.
 * @param onWait called if another process is at work
 */
export async function alone<Result>(
  { embedded, connect }: OpenDatabase,
  onWait: () => void,
  work: () => Promise<Result>,
): Promise<Result> {
  if (embedded) return work();
  const connection = await connect();
  const asked = async (lock: string): Promise<unknown> => {
    const { rows } = await connection.queryRaw({ sql: `SELECT ${lock}(${lockKey})::text`, args: [], argTypes: [] });
    return rows[0]?.[0];
  };
  try {
    // A transaction's lock, since PgBouncer shares sessions. It waits as long as it takes, and is idle meanwhile.
    await connection.executeScript(["BEGIN", ...withoutLimits].join("; "));
    if ((await asked("pg_try_advisory_xact_lock")) !== "true") {
      onWait();
      await asked("pg_advisory_xact_lock");
    }
    return await work();
  } finally {
    await connection.executeScript("ROLLBACK").catch(() => {}); // the connection may be what failed
    await connection.dispose();
  }
}
