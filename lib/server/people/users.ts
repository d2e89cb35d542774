/** The public pages of users. */
import "server-only";
import type { TicketCounts } from "@/lib/leaderboard";
import { isText } from "@/lib/records";
import type { Database } from "../database/client";
import { database } from "../database/client";
import type { RunSummary } from "../runs/read";
import { recentRuns } from "../runs/read";
import { ticketCounts } from "../tickets/counts";

export interface UserPage {
  name: string;
  image: string | null;
  createdAt: Date;
  /** The newest 50. */
  runs: RunSummary[];
  policies: { slug: string; name: string; rule: string }[];
  /** Seeds that boards gave to this account. */
  tickets: TicketCounts;
}

/** A user's policies and newest runs; null if there is no such account. */
export async function user(name: string, db: Database = database()): Promise<UserPage | null> {
  if (!isText(name)) return null;
  const row = await db.user.findUnique({
    where: { name },
    select: {
      id: true,
      name: true,
      image: true,
      createdAt: true,
      policies: {
        where: { hiddenAt: null },
        orderBy: { createdAt: "desc" },
        select: { slug: true, name: true, rule: true },
      },
    },
  });
  if (!row) return null;
  const { id, ...page } = row;
  const [runs, tickets] = await Promise.all([
    recentRuns({ user: name, take: 50 }, db),
    ticketCounts({ userId: id }, db),
  ]);
  return { ...page, runs, tickets };
}
