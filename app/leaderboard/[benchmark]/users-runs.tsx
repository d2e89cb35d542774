/** The newest runs by users of a benchmark, and how many of the seeds that its board gave out were reported. */
import { RunList } from "@/app/_components/tables/run-list";
import { reportedInWords } from "@/app/_components/text/reported";
import { Section } from "@/app/_components/text/section";
import type { TicketCounts } from "@/lib/leaderboard";
import type { RunSummary } from "@/lib/server/runs/read";

export function UsersRuns({ runs, tickets }: { runs: readonly RunSummary[]; tickets: TicketCounts }) {
  if (runs.length === 0 && tickets.issued === 0) return null;
  return (
    <Section id="runs" title="Runs">
      {runs.length > 0 && <RunList caption="The newest runs by users of this benchmark" runs={runs} showUser />}
      <p className="note mt-2">
        The board gives each run its seed, so that nobody picks a lucky one: runs with a seed of their author’s own are
        listed, and don’t rank.{" "}
        {tickets.issued > 0 && `${reportedInWords(tickets)} Unreported ones may be runs that somebody didn’t like.`}
      </p>
    </Section>
  );
}
