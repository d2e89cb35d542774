/** A mirror: a read-only site that shows another one's newest dump. */
import "server-only";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { env } from "../env";

/** The date of the dump that a site was imported from; null if it wasn't. */
export const importedAt = async (db: Database): Promise<Date | null> =>
  (await db.importedDump.findFirst({ orderBy: { createdAt: "desc" } }))?.createdAt ?? null;

/** What this site is a mirror of, and the date of the dump that it shows (null before the first); null if it is none. */
export async function mirrored(): Promise<{ site: string; asOf: Date | null } | null> {
  const { DMBENCH_MIRROR_OF: site } = env();
  return site ? { site, asOf: await importedAt(database()) } : null;
}
