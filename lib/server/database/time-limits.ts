/**
 * Time limits of PostgreSQL for this site. An instance that stops in the middle of a transaction, as a function is
 * frozen, holds its locks no longer than this, and nobody waits for ever.
 */
import "server-only";
import type { PrismaClient } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";

/** Longer than a slow machine computes between two statements; boards of 12,500 policies take seconds. */
const limits = {
  idle_in_transaction_session_timeout: "30s",
  lock_timeout: "2min",
  statement_timeout: "10min",
} as const;

/** Statements for the begin of a transaction that may take as long as it takes: a backup, a migration. */
export const withoutLimits = Object.keys(limits).map((name) => `SET LOCAL ${name} = 0`);

/**
 * Limits the sessions that this site's role begins from now on in its database. They can't be set for each connection:
 * PgBouncer refuses that, or gives the connection to somebody else. On an embedded database there is nobody to wait for.
 */
export async function limitSessions(db: PrismaClient): Promise<void> {
  const [role] = await db.$queryRaw<{ settings: string[] | null }[]>`
    SELECT setconfig AS settings FROM pg_db_role_setting
    WHERE setrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)
      AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  for (const [name, value] of Object.entries(limits)) {
    if (role?.settings?.some((setting) => setting.startsWith(`${name}=`))) continue; // somebody else's decision stays
    await db.$executeRaw(
      Prisma.raw(`
      DO $$ BEGIN
        EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET ${name} = ''${value}''', current_database());
      END $$`),
    );
  }
}
