/** The boards: who is among the best on each, how many methods and runs it has, and what it shows. */
import Link from "next/link";
import { Tip } from "@/app/_components/controls/tip";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { MeanAndMargin } from "@/app/_components/tables/interval";
import { count, percent, plural } from "@/app/_components/text/format";
import { needsGpu } from "@/lib/leaderboard";
import type { BenchmarkSummary } from "@/lib/server/boards/benchmarks";

export const Boards = ({ boards }: { boards: readonly BenchmarkSummary[] }) => (
  <DataTable caption="Boards" columns={columns} rows={boards} rowKey={({ slug }) => slug} />
);

const NOT_RECORDED = "nothing recorded yet";

/** Why a board has nobody at its head. */
const whyEmpty = ({ slug }: BenchmarkSummary) => (needsGpu(slug) ? "needs a GPU: nobody has run it yet" : NOT_RECORDED);

const columns: Column<BenchmarkSummary>[] = [
  {
    key: "board",
    head: "Board",
    cell: (board) => (
      <>
        <Link href={`/leaderboard/${board.slug}`}>{board.title}</Link>
        <span className="folded">
          <br />
          {board.leader?.policy.name ?? whyEmpty(board)}
        </span>
      </>
    ),
  },
  {
    key: "leader",
    head: "highest mean",
    group: "accuracy, %",
    align: "end",
    cell: ({ leader }) => (leader ? <MeanAndMargin {...leader.accuracy} /> : <Missing why={NOT_RECORDED} />),
  },
  {
    key: "leaders",
    head: "among the best",
    group: "accuracy, %",
    cell: (board) => {
      const { leader, best, resolution } = board;
      if (!leader)
        return needsGpu(board.slug) ? (
          <span className="margin">{whyEmpty(board)}</span>
        ) : (
          <Missing why={NOT_RECORDED} />
        );
      return (
        <>
          <Link href={`/policies/${leader.policy.slug}`}>{leader.policy.name}</Link>
          <span className="margin">{besides(best, resolution)}</span>
        </>
      );
    },
  },
  { key: "methods", head: "methods", align: "end", cell: ({ methods }) => count(methods) },
  {
    key: "recorded",
    head: "runs",
    align: "end",
    cell: ({ recordedRuns, plannedRuns, rankedOn }) => (
      <>
        {count(recordedRuns)}
        {rankedOn === "published" && <span className="margin"> published</span>}
        {rankedOn === "held-out" && plannedRuns !== null && plannedRuns > recordedRuns && (
          <span className="margin"> of {count(plannedRuns)}</span>
        )}
      </>
    ),
  },
  {
    key: "resolution",
    head: "told apart",
    align: "end",
    tip: (
      <Tip about="told apart">
        <p>
          The share of all pairs of methods of which the board can say which one is better, and the smallest difference
          that it has told apart, in points. More runs tell more apart.
        </p>
      </Tip>
    ),
    cell: ({ resolution }) => <ToldApart resolution={resolution} />,
  },
  {
    key: "users",
    head: "runs by users",
    align: "end",
    cell: ({ slug, runs }) =>
      runs > 0 ? <Link href={`/leaderboard/${slug}?division=open`}>{count(runs)}</Link> : <Missing why="none" />,
  },
  {
    key: "summary",
    head: "what it shows",
    wide: true,
    cell: ({ summary }) => (
      <span className="wraps text-ink-2" style={{ maxInlineSize: "20rem" }}>
        {summary}
      </span>
    ),
  },
];

/** Who else is among the best, or why nobody can say. */
function besides(best: number, resolution: BenchmarkSummary["resolution"]): string {
  if (!resolution || resolution.pairs === null) return ", not ranked yet";
  if (best === 0) return ", told apart from none";
  return best === 1 ? ", alone" : ` and ${plural(best - 1, "other")}`;
}

function ToldApart({ resolution }: Pick<BenchmarkSummary, "resolution">) {
  if (!resolution?.pairs || resolution.toldApart === null) return <Missing why="not ranked yet" />;
  const { pairs, toldApart, smallest } = resolution;
  return (
    <>
      {percent(toldApart / pairs, 0)} %
      {smallest !== null && <span className="margin"> from {percent(smallest, 1)} points</span>}
    </>
  );
}
