/** One board over all boards, and the boards. */
import type { Metadata } from "next";
import { ButtonLink } from "@/app/_components/controls/controls";
import { NoRuns } from "@/app/_components/controls/no-runs";
import { Empty } from "@/app/_components/controls/notices";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import { Section } from "@/app/_components/text/section";
import { parsePolicy } from "@/lib/dmbn/policy";
import { orderOverBoards, overBoardsHref, readOverBoardsView } from "@/lib/leaderboard";
import { listBenchmarks } from "@/lib/server/boards/benchmarks";
import { overBoardsTable } from "@/lib/server/boards/over-boards";
import { runShape } from "@/lib/training";
import { Boards } from "./boards";
import type { Row } from "./over-boards";
import { OverBoards } from "./over-boards";
import { ProfileChart } from "./profile-chart";

export const metadata: Metadata = {
  title: "Leaderboard",
  description:
    "Batch-norm momentum policies over every benchmark: how far each is from the best, on average and at worst, and " +
    "the board of each benchmark.",
};

export const dynamic = "force-dynamic";

export default async function LeaderboardPage({ searchParams }: PageProps<"/leaderboard">) {
  const view = readOverBoardsView(await searchParams);
  const [benchmarks, table] = await Promise.all([listBenchmarks(), overBoardsTable(view)]);
  const run = table.boards[0] && runShape(table.boards[0].recipe);
  const rows = run
    ? orderOverBoards(table.methods, view).map(
        (method): Row => ({ ...method, badge: memoryBadge(parsePolicy(method.document), run) }),
      )
    : [];
  return (
    <>
      <h1>Leaderboard</h1>
      <p className="lede">
        Which momentum policy is close to the best wherever it is used? A board is one data set, network and recipe
        under one version that never changes; every policy is replayed on the same training runs.
      </p>
      {rows.length > 0 ? (
        <>
          <OverBoards view={view} table={table} rows={rows} choices={benchmarks} />
          {table.boards.length > 1 && (
            <div className="section">
              <ProfileChart rows={rows} boards={table.boards.length} />
            </div>
          )}
        </>
      ) : (
        <div className="section">
          {view.board.length + view.variant.length > 0 ? (
            <NoRuns
              title="These boards have no method of this variant"
              action={<ButtonLink href={overBoardsHref(view, { board: [], variant: [] })}>Show all</ButtonLink>}
            />
          ) : (
            <NoRuns />
          )}
        </div>
      )}
      <Section id="boards" title="The boards">
        {benchmarks.length > 0 ? (
          <Boards boards={benchmarks} />
        ) : (
          <Empty title="No benchmark is installed">
            They are put in place when the site starts; restart it, and read its first lines for what went wrong.
          </Empty>
        )}
      </Section>
    </>
  );
}
