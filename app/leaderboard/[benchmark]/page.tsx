/** The board of one benchmark: a row for each method, with mean and interval over seeds. */
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { cache } from "react";
import { ButtonLink } from "../../_components/controls";
import { type Column, DataTable, Missing } from "../../_components/data-table";
import { Fact, Facts } from "../../_components/facts";
import { count, date } from "../../_components/format";
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
import { board as readBoard, type BoardEntry } from "@/lib/server/queries/board";
import { listPolicies } from "@/lib/server/queries/policies";

export const dynamic = "force-dynamic";

const read = cache(async (slug: string, version: number | undefined) => readBoard(slug, { version }));

export async function generateMetadata({ params, searchParams }: PageProps<"/leaderboard/[benchmark]">): Promise<Metadata> {
  const found = await read((await params).benchmark, asVersion((await searchParams).version));
  if (!found) return { title: "Not found" };
  const { title, summary } = found.benchmark;
  return { title: `${title}: leaderboard`, description: `${summary} Every momentum policy on identical weights, with mean and 95 % interval over seeds.` };
}

export default async function BoardPage({ params, searchParams }: PageProps<"/leaderboard/[benchmark]">) {
  const [{ benchmark: slug }, query] = await Promise.all([params, searchParams]);
  const [found, policies] = await Promise.all([read(slug, asVersion(query.version)), listPolicies()]);
  if (!found) notFound();
  const { benchmark, rows } = found;
  const run = runShape(benchmark.recipe);
  const marks = new Map(policies.map(({ slug, document }) => [slug, policyMark(parsePolicy(document), run)]));
  const marked = rows.map((entry, index) => ({ ...entry, place: index, mark: marks.get(entry.policy.slug) ?? { memory: null, label: entry.policy.rule } }));
  const columns = boardColumns(marked);
  const sort = readSort(query, columns.filter(({ value }) => value).map(({ key }) => key));
  const latest = rows.reduce<Date | null>((last, { updatedAt }) => (last && last > updatedAt ? last : updatedAt), null);
  return (
    <>
      <p className="crumbs">
        <Link href="/leaderboard">Leaderboard</Link>
      </p>
      <h1>{benchmark.title}</h1>
      <p className="lede">{benchmark.summary} Every policy of a run is scored on the same weights, so rows with the same seeds are paired.</p>
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

function boardColumns(rows: readonly Row[]): Column<Row>[] {
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
    { key: "n", head: "seeds", align: "end", value: ({ n }) => n, cell: ({ n, runs }) => <span title={`${count(runs)} runs`}>{count(n)}</span> },
    { key: "tier", head: "tier", value: ({ tier }) => tier, cell: ({ tier }) => <span className="wraps">{tierLabel(tier)}</span>, tip: <TierTip /> },
  ];
}

function bandWords(band: BoardEntry["band"]): string | null {
  if (!band) return null;
  return band.first === band.last ? String(band.first) : `${band.first}–${band.last}`;
}

function asVersion(asked: string | string[] | undefined): number | undefined {
  return typeof asked === "string" && /^[1-9]\d{0,8}$/.test(asked) ? Number(asked) : undefined;
}
