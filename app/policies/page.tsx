/** The gallery: every momentum policy with its rule, the curve of its memory, and its place on a board. */
import type { Metadata } from "next";
import Form from "next/form";
import Link from "next/link";
import { Button, ButtonLink, Field, SegmentLinks, Select } from "@/app/_components/controls/controls";
import { Empty } from "@/app/_components/controls/notices";
import { MetricTip } from "@/app/_components/controls/tip";
import { memoryClass } from "@/app/_components/momentum/memory";
import { MemoryLegend, MomentumChip } from "@/app/_components/momentum/momentum";
import { MomentumSparkline } from "@/app/_components/momentum/momentum-curve";
import { policyCurve, policyMark } from "@/app/_components/momentum/policy-mark";
import { Rule } from "@/app/_components/momentum/rule";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import type { IntervalScale } from "@/app/_components/tables/interval";
import { IntervalMark, intervalScale, MeanAndMargin, scaleWords } from "@/app/_components/tables/interval";
import { sortHref, sortRows } from "@/app/_components/tables/sort";
import { count, plural } from "@/app/_components/text/format";
import { variantLabels } from "@/app/_components/text/variant";
import type { MomentumPolicy, RunShape } from "@/lib/dmbn/policy";
import { parsePolicy } from "@/lib/dmbn/policy";
import { benchmarks } from "@/lib/leaderboard";
import type { BoardEntry } from "@/lib/server/boards/entries";
import { board as readBoard } from "@/lib/server/boards/entries";
import type { PolicySummary } from "@/lib/server/policies/read";
import { listPolicies } from "@/lib/server/policies/read";
import { runShape } from "@/lib/training";
import type { sortable } from "./view";
import { boardVariants, kinds, matches, readView, viewHref } from "./view";

export const metadata: Metadata = {
  title: "Policies",
  description:
    "Momentum policies for batch normalization: published defaults, schedules, DMBN and PreciseBN, each with its rule, source, curve and place on a board.",
};

export const dynamic = "force-dynamic";

/** Rows of a page. */
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
  const [all, { division, entries }] = await Promise.all([listPolicies(), places(view.board, view.variant)]);
  const found = all.filter(({ name, rule, description, source, author }) =>
    matches(view.search, [name, rule, description, source?.title, author]),
  );
  const ofKind = found.filter(({ kind }) => view.kind === null || kind === view.kind);
  const columns = policyColumns([...entries.values()], run);
  const value = columns.find(({ key }) => key === view.sort?.key)?.value;
  const marked = ofKind.map((summary): Row => {
    const policy = parsePolicy(summary.document);
    return { ...summary, policy, mark: policyMark(policy, run), entry: entries.get(summary.slug) ?? null };
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
        one training run scores them all.
      </p>
      <Form action="/policies" className="filters mt-4" role="search" aria-label="Policies">
        <Field
          label="Search"
          name="q"
          type="search"
          defaultValue={view.search}
          placeholder="name, rule, source, author"
        />
        <Select label="Rank on" name="board" defaultValue={view.board}>
          {benchmarks.map(({ slug, title }) => (
            <option key={slug} value={slug}>
              {title}
            </option>
          ))}
        </Select>
        <Select label="Trained with" name="variant" defaultValue={view.variant}>
          {boardVariants.map((variant) => (
            <option key={variant} value={variant}>
              {variantLabels[variant]}
            </option>
          ))}
        </Select>
        {view.kind && <input type="hidden" name="kind" value={view.kind} />}
        {view.sort && <input type="hidden" name="sort" value={view.sort.key} />}
        {view.sort && <input type="hidden" name="direction" value={view.sort.direction} />}
        <Button type="submit">Show</Button>
      </Form>
      <div className="mt-3 flex flex-wrap items-end justify-between gap-3">
        <SegmentLinks
          label="Kind"
          options={[
            {
              href: viewHref(params, { kind: null }),
              label: `All ${count(found.length)}`,
              current: view.kind === null,
            },
            ...kinds.map((kind) => ({
              href: viewHref(params, { kind }),
              label: `${kindLabels[kind]} ${count(found.filter((policy) => policy.kind === kind).length)}`,
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
      <p className="note mt-2">
        {plural(ordered.length, "policy", "policies")}. Curves: window 1/(1 − β) on a log axis, 1 to 10,000 batches,
        over the {count(run.steps)} steps of {benchmark.title}.{" "}
        {entries.size > 0 ? (
          <>
            Rank and accuracy: <Link href={`/leaderboard/${benchmark.slug}`}>{benchmark.title}</Link>,{" "}
            {variantLabels[view.variant]},{" "}
            {division === "closed" ? "scored by the server on its own runs" : "published runs"}.
          </>
        ) : (
          <>
            No policy has been scored on {benchmark.title}, {variantLabels[view.variant]}, yet.
          </>
        )}
      </p>
    </>
  );
}

/**
 * The board's entries by policy: of the Closed division, or of the Open one where the server has scored nothing yet.
 */
async function places(
  board: string,
  variant: string,
): Promise<{ division: "closed" | "open"; entries: Map<string, BoardEntry> }> {
  for (const division of ["closed", "open"] as const) {
    const found = await readBoard(board, { division });
    const entries = new Map(
      (found?.rows ?? []).filter((row) => row.variant === variant).map((row) => [row.policy.slug, row]),
    );
    if (entries.size > 0 || division === "open") return { division, entries };
  }
  return { division: "open", entries: new Map() };
}

type Row = PolicySummary & { policy: MomentumPolicy; mark: ReturnType<typeof policyMark>; entry: BoardEntry | null };

function policyColumns(entries: readonly BoardEntry[], run: RunShape): Column<Row>[] {
  const scale = intervalScale(entries.map(({ accuracy }) => accuracy));
  return [
    {
      key: "policy" satisfies (typeof sortable)[number],
      head: "Policy",
      first: "ascending",
      value: ({ name }) => name,
      cell: ({ slug, name }) => <Link href={`/policies/${slug}`}>{name}</Link>,
    },
    ...(scale ? placeColumns(scale) : []),
    {
      key: "memory" satisfies (typeof sortable)[number],
      head: "keeps of the old average",
      first: "ascending",
      value: ({ mark }) => (mark.memory === "cumulative" ? 1 : mark.memory),
      cell: ({ mark }) => <MomentumChip {...mark} />,
    },
    {
      key: "curve",
      head: "over the run",
      cell: ({ name, policy }) => {
        const curve = policyCurve(policy, run);
        return curve ? <MomentumSparkline {...curve} name={name} /> : <span className="text-ink-3">after the run</span>;
      },
    },
    {
      key: "rule",
      head: "rule",
      cell: ({ rule }) => (
        <span className="rule rule-cell">
          <Rule>{rule}</Rule>
        </span>
      ),
    },
    {
      key: "source",
      head: "source",
      wide: true,
      cell: ({ source, author }) => (
        <span className="text-ink-3 source">
          {author ? <Link href={`/u/${encodeURIComponent(author)}`}>{author}</Link> : source?.title}
        </span>
      ),
    },
  ];
}

function placeColumns(scale: IntervalScale): Column<Row>[] {
  return [
    {
      key: "rank" satisfies (typeof sortable)[number],
      head: "rank",
      align: "end",
      first: "ascending",
      value: ({ entry }) => (entry?.band ? entry.band.first + entry.band.last / 10_000 : null),
      cell: ({ entry }) =>
        entry?.band ? (
          entry.band.first === entry.band.last ? (
            entry.band.first
          ) : (
            `${entry.band.first}–${entry.band.last}`
          )
        ) : (
          <Missing why="not ranked" />
        ),
    },
    {
      key: "accuracy" satisfies (typeof sortable)[number],
      head: "accuracy, %",
      align: "end",
      value: ({ entry }) => entry?.accuracy.mean ?? null,
      cell: ({ entry }) => (entry ? <MeanAndMargin {...entry.accuracy} /> : <Missing why="not scored" />),
      tip: <MetricTip metric="accuracy" />,
    },
    {
      key: "interval",
      head: scaleWords(scale),
      cell: ({ entry, mark }) =>
        entry && <IntervalMark {...entry.accuracy} scale={scale} memory={memoryClass(mark.memory)} />,
    },
  ];
}
