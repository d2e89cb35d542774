/** How many of the seeds that boards gave out were reported, in words. */
import type { TicketCounts } from "@/lib/leaderboard";
import { count, plural } from "./format";

/** "41 of 44 seeds reported; 2 seeds are still open." */
export function reportedInWords({ issued, reported, open }: TicketCounts): string {
  const due = issued - open;
  const still = open > 0 ? `${plural(open, "seed")} ${open === 1 ? "is" : "are"} still open` : "";
  if (due === 0) return still && `${still}, none is due yet.`;
  return `${count(reported)} of ${plural(due, "seed")} reported${still && `; ${still}`}.`;
}
