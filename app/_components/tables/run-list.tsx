/** Runs as rows, newest first. */
import Link from "next/link";
import { variantLabels } from "@/lib/leaderboard";
import type { RunSummary } from "@/lib/server/runs/read";
import { date, percent } from "../text/format";
import type { Column } from "./data-table";
import { DataTable } from "./data-table";
import { tierLabel } from "./tier-label";

export function RunList({
  caption,
  runs,
  showUser = false,
}: {
  caption: string;
  runs: readonly RunSummary[];
  showUser?: boolean;
}) {
  return (
    <DataTable
      caption={caption}
      columns={showUser ? [...columns, author] : columns}
      rows={runs}
      rowKey={({ id }) => id}
    />
  );
}

const columns: readonly Column<RunSummary>[] = [
  {
    key: "run",
    head: "Run",
    cell: ({ id, benchmark, dataset, seed, ranks, seedFrom }) => (
      <>
        <Link href={`/runs/${id}`}>
          {benchmark?.title ?? dataset}, seed {seed}
        </Link>
        {benchmark && !ranks && seedFrom === "author" && <span className="text-ink-3">, its author’s own</span>}
      </>
    ),
  },
  { key: "accuracy", head: "highest accuracy, %", align: "end", cell: ({ best }) => percent(best.accuracy) },
  {
    key: "best",
    head: "by",
    cell: ({ best }) => <Link href={`/policies/${best.policy.slug}`}>{best.policy.name}</Link>,
  },
  { key: "variant", head: "variant", cell: ({ variant }) => variantLabels[variant] },
  { key: "methods", head: "methods", align: "end", cell: ({ methods }) => methods },
  {
    key: "tier",
    head: "tier",
    cell: ({ tier, issues, benchmark, ranks, seedFrom }) =>
      issues.length > 0 || (benchmark && !ranks && seedFrom === "board") ? "ranks nowhere" : tierLabel(tier),
  },
  {
    key: "date",
    head: "published",
    cell: ({ createdAt }) => <time dateTime={createdAt.toISOString()}>{date(createdAt)}</time>,
  },
];

const author: Column<RunSummary> = {
  key: "user",
  head: "by whom",
  cell: ({ user }) =>
    user ? (
      <Link href={`/u/${encodeURIComponent(user)}`}>{user}</Link>
    ) : (
      <span className="missing">deleted account</span>
    ),
};
