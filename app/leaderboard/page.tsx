/** Every benchmark, and how active its board is. */
import type { Metadata } from "next";
import Link from "next/link";
import { ButtonLink } from "@/app/_components/controls/controls";
import { Empty } from "@/app/_components/controls/notices";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { MeanAndMargin } from "@/app/_components/tables/interval";
import { count, date } from "@/app/_components/text/format";
import type { BenchmarkSummary } from "@/lib/server/boards/benchmarks";
import { listBenchmarks } from "@/lib/server/boards/benchmarks";

export const metadata: Metadata = {
  title: "Leaderboard",
  description:
    "Every benchmark of batch-norm momentum policies: data set, network and recipe under one immutable version.",
};

export const dynamic = "force-dynamic";

export default async function LeaderboardPage() {
  const benchmarks = await listBenchmarks();
  return (
    <>
      <h1>Leaderboard</h1>
      <p className="lede">
        A benchmark is a data set, a network and a training recipe under one version that never changes. Boards compare
        methods only within one: figures from different benchmarks don&rsquo;t mix.
      </p>
      <div className="section">
        {benchmarks.length > 0 ? (
          <DataTable caption="Benchmarks" columns={columns} rows={benchmarks} rowKey={({ slug }) => slug} />
        ) : (
          <Empty title="No benchmark is installed">
            They are put in place when the site starts; restart it, and read its first lines for what went wrong.
          </Empty>
        )}
      </div>
      <p className="mt-4">
        <ButtonLink href="/train" kind="primary">
          Train now
        </ButtonLink>{" "}
        <ButtonLink href="/leaderboard/overview">All boards at once</ButtonLink>
      </p>
    </>
  );
}

const columns = [
  {
    key: "benchmark",
    head: "Benchmark",
    cell: ({ slug, title }: BenchmarkSummary) => <Link href={`/leaderboard/${slug}`}>{title}</Link>,
  },
  {
    key: "leader",
    head: "highest mean",
    group: "accuracy, %",
    align: "end" as const,
    cell: ({ leader }: BenchmarkSummary) =>
      leader ? <MeanAndMargin {...leader.accuracy} /> : <Missing why="no runs yet" />,
  },
  {
    key: "leading",
    head: "by",
    group: "accuracy, %",
    cell: ({ leader }: BenchmarkSummary) =>
      leader ? (
        <Link href={`/policies/${leader.policy.slug}`}>{leader.policy.name}</Link>
      ) : (
        <Missing why="no runs yet" />
      ),
  },
  { key: "methods", head: "methods", align: "end" as const, cell: ({ methods }: BenchmarkSummary) => count(methods) },
  {
    key: "heldOutRuns",
    head: "held-out runs",
    align: "end" as const,
    cell: ({ heldOutRuns }: BenchmarkSummary) => count(heldOutRuns),
  },
  { key: "runs", head: "runs by users", align: "end" as const, cell: ({ runs }: BenchmarkSummary) => count(runs) },
  {
    key: "latest",
    head: "latest",
    cell: ({ latestRunAt }: BenchmarkSummary) =>
      latestRunAt ? (
        <time dateTime={latestRunAt.toISOString()}>{date(latestRunAt)}</time>
      ) : (
        <Missing why="no runs yet" />
      ),
  },
  {
    key: "summary",
    head: "what it shows",
    wide: true,
    cell: ({ summary }: BenchmarkSummary) => (
      <span className="wraps text-ink-2" style={{ maxInlineSize: "20rem" }}>
        {summary}
      </span>
    ),
  },
];
