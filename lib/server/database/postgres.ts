/** Single connections to a PostgreSQL server, without Prisma's client. */
import "server-only";
import { PrismaPg } from "@prisma/adapter-pg";
import type { SqlDriverAdapter } from "@prisma/driver-adapter-utils";

/** How long a server may take to accept a connection. */
const connectionTimeoutMillis = 10_000;

/** Opens a connection, which the caller disposes: a transaction may span its calls, and a script is sent whole. */
export async function connectOnce(url: string): Promise<SqlDriverAdapter> {
  const pool = { connectionString: url, max: 1, idleTimeoutMillis: 0, connectionTimeoutMillis };
  const connection = await new PrismaPg(pool).connect();
  const driver = connection.underlyingDriver();
  // The adapter would cut the script at each semicolon, also within a function's body.
  return Object.assign(connection, { executeScript: async (script: string) => void (await driver.query(script)) });
}

/** Checks that the server answers and lets this user in. @throws Error as the driver adapter reports it */
export async function requirePostgres(url: string): Promise<void> {
  const connection = await connectOnce(url);
  try {
    await connection.queryRaw({ sql: "SELECT 1", args: [], argTypes: [] });
  } finally {
    await connection.dispose();
  }
}
