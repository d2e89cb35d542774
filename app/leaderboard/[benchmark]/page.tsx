/** The board of one benchmark: a row for each method, with mean and interval over seeds. */
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { cache } from "react";
import { ButtonLink, SegmentLinks } from "../../_components/controls";
import { type Column, DataTable, Missing } from "../../_components/data-table";
import { Fact, Facts } from "../../_components/facts";
import { count, date, percent } from "../../_components/format";
import { memoryClass } from "../../_components/memory";
import { metricColumns } from "../../_components/metric-columns";
import { MemoryLegend, MomentumChip } from "../../_components/momentum";
import { Empty } from "../../_components/notices";
import { policyMark } from "../../_components/policy-mark";
import { recipeWords } from "../../_components/recipe-words";
import { ReportedElsewhere } from "../../_components/reported-elsewhere";
import { runShape } from "../../_components/run-shape";
import { readSort, sortHref } from "../../_components/sort";
import { TierTip, tierLabel } from "../../_components/tier-label";
import { Tip } from "../../_components/tip";
import { variantLabels } from "../../_components/variant";
import { parsePolicy, type RunShape } from "@/lib/dmbn/policy";
import { datasetInfo } from "@/lib/datasets/registry";
import { board as readBoard, type BoardEntry, type Division } from "@/lib/server/queries/board";
import { listPolicies } from "@/lib/server/queries/policies";

export const dynamic = "force-dynamic";

const read = cache(async (slug: string, version: number | undefined, division: Division, points: boolean) => readBoard(slug, { version, division, points }));

export async function generateMetadata({ params, searchParams }: PageProps<"/leaderboard/[benchmark]">): Promise<Metadata> {
  const { benchmark, version, division, points } = asked((await params).benchmark, await searchParams);
  const found = await read(benchmark, version, division, points);
  if (!found) return { title: "Not found" };
  const { title, summary } = found.benchmark;
  return { title: `${title}: leaderboard`, description: `${summary} Every momentum policy on identical weights, with mean and 95 % interval over seeds.` };
}

export default async function BoardPage({ params, searchParams }: PageProps<"/leaderboard/[benchmark]">) {
  const query = await searchParams;
  const { benchmark: slug, version, division, points } = asked((await params).benchmark, query);
  const [found, policies] = await Promise.all([read(slug, version, division, points), listPolicies()]);
  if (!found) notFound();
  const { benchmark, rows } = found;
  const run = runShape(benchmark.recipe);
  const marks = new Map(policies.map(({ slug, document }) => [slug, policyMark(parsePolicy(document), run)]));
  const marked = rows.map((entry, index) => ({ ...entry, place: index, mark: marks.get(entry.policy.slug) ?? { memory: null, label: entry.policy.rule } }));
  const columns = boardColumns(marked, division);
  const sort = readSort(query, columns.filter(({ value }) => value).map(({ key }) => key));
  const latest = rows.reduce<Date | null>((last, { updatedAt }) => (last && last > updatedAt ? last : updatedAt), null);
  return (
    <>
      <p className="crumbs">
        <Link href="/leaderboard">Leaderboard</Link>
      </p>
      <h1>{benchmark.title}</h1>
      <p className="lede">{benchmark.summary} Every policy of a run is scored on the same weights, so rows with the same seeds are paired.</p>
      <div className="mt-4 flex flex-wrap items-center gap-3">
        <SegmentLinks
          label="Division"
          options={[
            { href: viewHref(slug, query, { division: null, points: null }), label: "Runs by users", current: division === "open" },
            { href: viewHref(slug, query, { division: "closed" }), label: "Recomputed by the server", current: division === "closed" },
          ]}
        />
        {division === "closed" && (
          <Link href={viewHref(slug, query, { points: points ? null : "true" })} scroll={false}>
            {points ? "Hide each held-out run" : "Show each held-out run"}
          </Link>
        )}
      </div>
      <p className="note mt-2">{divisionWords[division]}</p>
      <div className="mt-4 mb-3 flex flex-wrap items-end justify-between gap-3">
        <MemoryLegend />
        {marked.length > 0 && (
          <ButtonLink href={`/train?benchmark=${benchmark.slug}`} kind="primary">
            Train now
          </ButtonLink>
        )}
      </div>
      {marked.length > 0 ? (
        <>
          <DataTable
            caption={`${benchmark.title}, version ${benchmark.version}: methods with mean ± half the 95 % interval over seeds`}
            columns={columns}
            rows={marked}
            rowKey={({ method }) => method}
            nameColumn="method"
            sorting={{ sort, href: (next) => sortHref(`/leaderboard/${benchmark.slug}`, query, next) }}
          />
          <p className="note mt-2">
            Mean ± half the 95 % t-interval over seeds; a single seed gives none. {count(rows.length)} methods{latest && `, last changed ${date(latest)}`}. Without a sort: highest mean
            accuracy first. Momenta are chosen on training data only.
          </p>
        </>
      ) : division === "closed" ? (
        <Empty
          title="The server has no held-out runs of this benchmark yet"
          actions={<ButtonLink href={viewHref(slug, query, { division: null, points: null })}>See runs by users</ButtonLink>}
        >
          Those of the digits are recorded in the first minute after a start. Others are recorded where their data is: <code>npm run -s dmbench -- trajectory --benchmark {benchmark.slug} --held-out 5</code>
        </Empty>
      ) : (
        <Empty
          title="No run has been published for this benchmark"
          actions={
            <ButtonLink href={`/train?benchmark=${benchmark.slug}`} kind="primary">
              Train the first
            </ButtonLink>
          }
        >
          One run in your browser scores every policy at once and fills this board.
        </Empty>
      )}
      {benchmark.dataset === "fashion-mnist" && <ReportedElsewhere />}
      <Details benchmark={benchmark} run={run} />
    </>
  );
}

function Details({ benchmark, run }: { benchmark: { slug: string; version: number; recipe: Parameters<typeof recipeWords>[0]; dataset: string }; run: RunShape }) {
  const dataset = datasetInfo(benchmark.dataset);
  const { calibrationSize, validationSize } = benchmark.recipe;
  return (
    <section className="section" aria-labelledby="benchmark">
      <h2 id="benchmark" className="mb-3">
        The benchmark
      </h2>
      <Facts>
        <Fact name="Name and version">
          {benchmark.slug}, version {benchmark.version}. A change would be a new version with a board of its own.
        </Fact>
        <Fact name="Data set">
          <a href={dataset.source}>{dataset.name}</a>, version {dataset.version}: {count(dataset.trainCount)} training and {count(dataset.testCount)} test examples. {dataset.attribution}{" "}
          {dataset.licence}.
        </Fact>
        <Fact name="Recipe">{recipeWords(benchmark.recipe)}</Fact>
        <Fact name="Steps">
          {count(run.steps)}, {count(run.stepsPerEpoch)} an epoch
        </Fact>
        <Fact name="Held back">
          {count(calibrationSize)} training examples to measure population statistics, {count(validationSize)} for validation
        </Fact>
      </Facts>
    </section>
  );
}

type Row = BoardEntry & { place: number; mark: { memory: number | "cumulative" | null; label: string } };

/** What others compare against: the libraries' defaults and the bound of PreciseBN. */
const baselines = new Set(["pytorch-default", "keras-default", "precise-bn"]);

const divisionWords: Record<Division, string> = {
  open: "What people trained in their browsers and published; the server derives every figure from the predictions they sent.",
  closed: "Each policy replayed by the server on its own held-out training runs, whose seeds it drew itself and shows to nobody.",
};

function boardColumns(rows: readonly Row[], division: Division): Column<Row>[] {
  return [
    {
      key: "rank",
      head: "rank",
      wide: true,
      tip: (
        <Tip about="ranks">
          <p>A rank is a range: two methods share places where a paired test over their common seeds can&rsquo;t tell them apart.</p>
          <p>Without seeds in common there is no such test, and no rank.</p>
        </Tip>
      ),
      cell: ({ band }) => bandWords(band) ?? <Missing why="too few seeds for a rank" />,
    },
    {
      key: "method",
      head: "Method",
      first: "ascending",
      value: ({ policy }) => policy.name,
      cell: ({ policy, variant, band }) => (
        <>
          <Link href={`/policies/${policy.slug}`}>{policy.name}</Link>
          {baselines.has(policy.slug) && <span className="margin font-normal"> baseline</span>}
          <span className="folded">
            <br />
            {[band && `rank ${bandWords(band)}`, variantLabels[variant]].filter(Boolean).join(" · ")}
          </span>
        </>
      ),
    },
    ...metricColumns<Row>(rows, ({ mark }) => memoryClass(mark.memory)),
    { key: "variant", head: "variant", wide: true, first: "ascending", value: ({ variant }) => variant, cell: ({ variant }) => variantLabels[variant] },
    {
      key: "momentum",
      head: "keeps of the old",
      first: "ascending",
      value: ({ mark }) => (mark.memory === "cumulative" ? 1 : mark.memory),
      cell: ({ mark }) => <MomentumChip {...mark} />,
      tip: (
        <Tip about="momentum">
          <p>
            β, the share of the old average that each batch leaves: <em>keeps 0.9</em> is <em>momentum 0.1</em> in PyTorch.
          </p>
        </Tip>
      ),
    },
    ...(division === "closed" ? [gapColumn, ...(rows.some(({ points }) => points) ? [pointsColumn] : [])] : []),
    { key: "n", head: "seeds", align: "end", value: ({ n }) => n, cell: ({ n, runs }) => <span title={`${count(runs)} runs`}>{count(n)}</span> },
    ...(division === "closed" ? [] : [tierColumn]), // of one tier all, as the note above the table says
  ];
}

const tierColumn: Column<Row> = { key: "tier", head: "tier", value: ({ tier }) => tier, cell: ({ tier }) => <span className="wraps">{tierLabel(tier)}</span>, tip: <TierTip /> };

/** How far behind the highest mean, over shared seeds. */
const gapColumn: Column<Row> = {
  key: "gap",
  head: "behind, points",
  align: "end",
  value: ({ gap }) => gap?.mean ?? null,
  cell: ({ gap }) =>
    gap ? (
      <>
        {percent(gap.mean, 2)}
        {gap.low !== null && gap.high !== null && <span className="margin"> ± {percent((gap.high - gap.low) / 2, 2)}</span>}
      </>
    ) : (
      <Missing why="it is the first, or shares no seed with it" />
    ),
};

const pointsColumn: Column<Row> = {
  key: "points",
  head: "accuracy of each held-out run, %",
  cell: ({ points = [] }) => points.map(({ accuracy }) => percent(accuracy)).join(" · "),
};

function bandWords(band: BoardEntry["band"]): string | null {
  if (!band) return null;
  return band.first === band.last ? String(band.first) : `${band.first}–${band.last}`;
}

type Query = Record<string, string | string[] | undefined>;

/** The view that an address asks for; whatever it can't mean is left out. */
function asked(benchmark: string, { version, division, points }: Query): { benchmark: string; version: number | undefined; division: Division; points: boolean } {
  const closed = division === "closed";
  return { benchmark, version: typeof version === "string" && /^[1-9]\d{0,8}$/.test(version) ? Number(version) : undefined, division: closed ? "closed" : "open", points: closed && points === "true" };
}

/** The same view with some of its settings changed; null takes one away. */
function viewHref(benchmark: string, query: Query, change: Record<string, string | null>): string {
  const settings = Object.entries({ ...query, ...change }).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return `/leaderboard/${benchmark}${settings.length > 0 ? `?${new URLSearchParams(settings)}` : ""}`;
}
