/** The gallery: every momentum policy with its rule, the curve of its memory, and its rank on a board. */
import type { Metadata } from "next";
import Link from "next/link";
import { ButtonLink, SegmentLinks } from "@/app/_components/controls/controls";
import { Empty } from "@/app/_components/controls/notices";
import { alternates } from "@/app/_components/frame/alternates";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import { MemoryLegend } from "@/app/_components/momentum/momentum";
import { DataTable } from "@/app/_components/tables/data-table";
import { sortHref, sortRows } from "@/app/_components/tables/sort";
import { count } from "@/app/_components/text/format";
import { parsePolicy } from "@/lib/dmbn/policy";
import { benchmarks, policyKinds } from "@/lib/leaderboard";
import { listPolicies } from "@/lib/server/policies/read";
import { runShape } from "@/lib/training";
import type { Row } from "./columns";
import { policyColumns } from "./columns";
import { GalleryFilters } from "./gallery-filters";
import { RankingNote, rankingOn } from "./ranking";
import { matches, readView, viewHref } from "./view";

export const metadata: Metadata = {
  title: "Policies",
  description:
    "Momentum policies for batch normalization: published defaults, schedules, DMBN and recalibration, each with its " +
    "rule, source, curve and place on a board.",
  alternates: alternates({ title: "Policies", feed: "/api/v1/policies/feed.xml" }),
};

export const dynamic = "force-dynamic";

/** Rows per page. */
const PAGE = 100;

const kindLabels = { schedule: "Schedules", select: "Selections", recalibrate: "Recalibrations" } as const;

export default async function PoliciesPage({ searchParams }: PageProps<"/policies">) {
  const params = await searchParams;
  const view = readView(
    params,
    benchmarks.map(({ slug }) => slug),
  );
  const benchmark = benchmarks.find(({ slug }) => slug === view.board)!;
  const run = runShape(benchmark.recipe);
  const [policies, ranking] = await Promise.all([listPolicies(), rankingOn(benchmark, view.variant)]);
  const matching = policies.filter(({ name, rule, description, source, author }) =>
    matches(view.search, [name, rule, description, source?.title, author]),
  );
  const ofKind = matching.filter(({ kind }) => view.kind === null || kind === view.kind);
  const columns = policyColumns([...ranking.entries.values()], run);
  const value = columns.find(({ key }) => key === view.sort?.key)?.value;
  const marked = ofKind.map((summary): Row => {
    const policy = parsePolicy(summary.document);
    return { ...summary, policy, badge: memoryBadge(policy, run), entry: ranking.entries.get(summary.slug) ?? null };
  });
  const ordered = view.sort && value ? sortRows(marked, value, view.sort.direction) : marked;
  const pages = Math.max(1, Math.ceil(ordered.length / PAGE));
  const page = Math.min(view.page, pages);
  const rows = ordered.slice((page - 1) * PAGE, page * PAGE);
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <h1>Momentum policies</h1>
        <ButtonLink href="/policies/new" kind="primary" prefetch={false}>
          New policy
        </ButtonLink>
      </div>
      <p className="lede">
        A policy says how a batch-norm layer keeps its running mean and variance. None of them changes the weights, so
        one training run scores them all. <Link href="/docs/policies#absent">What is missing, and why</Link>
      </p>
      <GalleryFilters view={view} />
      <div className="mt-3 flex flex-wrap items-end justify-between gap-3">
        <SegmentLinks
          label="Kind"
          options={[
            {
              href: viewHref(params, { kind: null }),
              label: `All ${count(matching.length)}`,
              current: view.kind === null,
            },
            ...policyKinds.map((kind) => ({
              href: viewHref(params, { kind }),
              label: `${kindLabels[kind]} ${count(matching.filter((policy) => policy.kind === kind).length)}`,
              current: view.kind === kind,
            })),
          ]}
        />
        <MemoryLegend />
      </div>
      <div className="mt-3">
        {rows.length > 0 ? (
          <DataTable
            caption={`Momentum policies with memory, rule and source, and their place on ${benchmark.title}`}
            columns={columns}
            rows={rows}
            rowKey={({ slug }) => slug}
            className="gallery"
            sorting={{ sort: view.sort, href: (next) => sortHref("/policies", { ...params, page: undefined }, next) }}
          />
        ) : (
          <Empty title="No policy matches" actions={<ButtonLink href="/policies">Show all</ButtonLink>}>
            Search fewer words, or <Link href="/policies/new">write it yourself</Link>: one line is enough.
          </Empty>
        )}
      </div>
      {pages > 1 && (
        <nav className="mt-3 flex gap-3" aria-label="Pages">
          {page > 1 && <Link href={viewHref(params, { page: String(page - 1) })}>Previous</Link>}
          <span className="text-ink-3">
            {(page - 1) * PAGE + 1} to {(page - 1) * PAGE + rows.length} of {count(ordered.length)}
          </span>
          {page < pages && <Link href={viewHref(params, { page: String(page + 1) })}>Next</Link>}
        </nav>
      )}
      <RankingNote policies={ordered.length} ranking={ranking} variant={view.variant} />
    </>
  );
}
