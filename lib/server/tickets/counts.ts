/** How many of the seeds that boards gave out were reported. */
import "server-only";
import type { TicketCounts } from "@/lib/leaderboard";
import { Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { database } from "../database/client";

/** Of one benchmark's board, or of one account over all boards. */
export async function ticketCounts(
  of: { benchmarkId: string } | { userId: string },
  db: Database = database(),
): Promise<TicketCounts> {
  const which =
    "userId" in of ? Prisma.sql`user_id = ${of.userId}::uuid` : Prisma.sql`benchmark_id = ${of.benchmarkId}::uuid`;
  const [counts] = await db.$queryRaw<[TicketCounts]>`
    SELECT count(*)::int AS issued, count(reported_at)::int AS reported,
           (count(*) FILTER (WHERE reported_at IS NULL AND expires_at > now()))::int AS open
    FROM ticket WHERE ${which}`;
  return counts;
}
