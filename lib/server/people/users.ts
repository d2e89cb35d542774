/** People, as others see them. */
import "server-only";
import { database } from "../database/client";
import type { Database } from "../database/client";
import { recentRuns } from "../runs/read";
import type { RunSummary } from "../runs/read";

export interface UserPage {
  name: string;
  image: string | null;
  createdAt: Date;
  /** The newest 50. */
  runs: RunSummary[];
  policies: { slug: string; name: string; rule: string }[];
}

/** A person's policies and newest runs; null where there is no such account. */
export async function user(name: string, db: Database = database()): Promise<UserPage | null> {
  const row = await db.user.findUnique({
    where: { name },
    select: {
      name: true,
      image: true,
      createdAt: true,
      policies: { where: { hiddenAt: null }, orderBy: { createdAt: "desc" }, select: { slug: true, name: true, rule: true } },
    },
  });
  return row && { ...row, runs: await recentRuns({ user: name, take: 50 }, db) };
}
