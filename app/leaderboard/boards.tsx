/** The boards: who is among the best on each, how many methods and runs it has, and what it shows. */
import Link from "next/link";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { MeanAndMargin } from "@/app/_components/tables/interval";
import { count, plural } from "@/app/_components/text/format";
import type { BenchmarkSummary } from "@/lib/server/boards/benchmarks";

export const Boards = ({ boards }: { boards: readonly BenchmarkSummary[] }) => (
  <DataTable caption="Boards" columns={columns} rows={boards} rowKey={({ slug }) => slug} />
);

const NOT_RECORDED = "nothing recorded yet";

const columns: Column<BenchmarkSummary>[] = [
  {
    key: "board",
    head: "Board",
    cell: ({ slug, title, leader }) => (
      <>
        <Link href={`/leaderboard/${slug}`}>{title}</Link>
        <span className="folded">
          <br />
          {leader?.policy.name ?? NOT_RECORDED}
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
    cell: ({ leader, best }) =>
      leader ? (
        <>
          <Link href={`/policies/${leader.policy.slug}`}>{leader.policy.name}</Link>
          <span className="margin">
            {best === null ? ", not ranked yet" : best > 1 ? ` and ${plural(best - 1, "other")}` : ", alone"}
          </span>
        </>
      ) : (
        <Missing why={NOT_RECORDED} />
      ),
  },
  { key: "methods", head: "methods", align: "end", cell: ({ methods }) => count(methods) },
  {
    key: "recorded",
    head: "runs",
    align: "end",
    cell: ({ recordedRuns, plannedRuns }) => (
      <>
        {count(recordedRuns)}
        {plannedRuns !== null && plannedRuns > recordedRuns && <span className="margin"> of {count(plannedRuns)}</span>}
      </>
    ),
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
