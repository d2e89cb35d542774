/** The board of one benchmark: methods with mean and interval over seeds, in the view that the address asks for. */

import type { Metadata } from "next";
import Link from "next/link";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { LinkedHover } from "@/app/_components/charts/linked-hover";
import { Button, ButtonLink, SegmentLinks } from "@/app/_components/controls/controls";
import { Menu } from "@/app/_components/controls/menu";
import { Empty } from "@/app/_components/controls/notices";
import { MemoryLegend } from "@/app/_components/momentum/momentum";
import { policyMark } from "@/app/_components/momentum/policy-mark";
import { DataTable } from "@/app/_components/tables/data-table";
import { Fact, Facts } from "@/app/_components/tables/facts";
import { Crumbs } from "@/app/_components/text/crumbs";
import { count, date } from "@/app/_components/text/format";
import { recipeWords } from "@/app/_components/text/recipe-words";
import { ReportedElsewhere } from "@/app/_components/text/reported-elsewhere";
import { Section } from "@/app/_components/text/section";
import { datasetInfo } from "@/lib/datasets/registry";
import type { RunShape } from "@/lib/dmbn/policy";
import { parsePolicy } from "@/lib/dmbn/policy";
import type { Division, SortKey } from "@/lib/leaderboard";
import { changeView, readBoardView, writeBoardView } from "@/lib/leaderboard";
import { findBenchmark } from "@/lib/server/boards/benchmarks";
import type { ShownEntry } from "@/lib/server/boards/page";
import { boardFacets, boardPage, boardRows } from "@/lib/server/boards/page";
import { runShape } from "@/lib/training";
import { BoardChart } from "../board-charts";
import { boardTableColumns, compareForm, rowKey } from "../board-columns";
import {
  ActiveFilters,
  BoardFilters,
  BoardModes,
  ChartLegend,
  ChartMenu,
  ExportMenu,
  exportHref,
  viewHref,
} from "../board-controls";
import { SavedViews } from "../saved-views";

export const dynamic = "force-dynamic";

type Query = Record<string, string | string[] | undefined>;

const benchmarkOf = cache(findBenchmark);

export async function generateMetadata({
  params,
  searchParams,
}: PageProps<"/leaderboard/[benchmark]">): Promise<Metadata> {
  const { version } = readBoardView(await searchParams);
  const benchmark = await benchmarkOf((await params).benchmark, version);
  if (!benchmark) return { title: "Not found" };
  return {
    title: `${benchmark.title}: leaderboard`,
    description: `${benchmark.summary} Every momentum policy on identical weights, with mean and 95 % interval over seeds.`,
  };
}

export default async function BoardPage({ params, searchParams }: PageProps<"/leaderboard/[benchmark]">) {
  const [{ benchmark: slug }, query] = await Promise.all([params, searchParams]);
  const view = readBoardView(query);
  const path = `/leaderboard/${slug}`;
  if (fromForm(query, view)) redirect(viewHref(path, view));
  const [found, facets, drawn] = await Promise.all([
    boardPage(slug, view),
    boardFacets(slug, view),
    view.chart ? boardRows(slug, chartView(view), { take: drawnMethods }) : null,
  ]);
  if (!found) notFound();
  const { benchmark, of } = found;
  const run = runShape(benchmark.recipe);
  const marked = (rows: readonly ShownEntry[]) =>
    rows.map((row) => ({ ...row, mark: policyMark(parsePolicy(row.document), run) }));
  const [rows, pinned] = [marked(found.rows), marked(found.pinned)];
  const pinHref = (key: string) =>
    viewHref(path, {
      ...view,
      pin: view.pin.includes(key) ? view.pin.filter((one) => one !== key) : [...view.pin, key],
    });
  const columns = boardTableColumns([...pinned, ...rows], view, pinHref);
  const latest = found.rows.reduce<Date | null>(
    (last, { updatedAt }) => (last && last > updatedAt ? last : updatedAt),
    null,
  );
  const division = (division: Division) =>
    viewHref(path, changeView(view, { division, tier: [], device: [], columns: undefined }));
  return (
    <>
      <Crumbs path={[{ href: "/leaderboard", title: "Leaderboard" }]} />
      <div className="flex flex-wrap items-start justify-between gap-3">
        <h1>{benchmark.title}</h1>
        <ButtonLink href={`/train?benchmark=${benchmark.slug}`} kind="primary" prefetch={false}>
          Train now
        </ButtonLink>
      </div>
      <p className="lede">
        {benchmark.summary} Every policy of a run is scored on the same weights, so rows with the same seeds are paired.
      </p>
      <div className="board mt-4">
        <div className="board-divisions">
          <SegmentLinks
            label="Division"
            options={[
              { href: division("open"), label: "Runs by users", current: view.division === "open" },
              { href: division("closed"), label: "Recomputed by the server", current: view.division === "closed" },
            ]}
          />
        </div>
        {of > 0 && (
          <div className="board-legend">
            <MemoryLegend />
          </div>
        )}
        {of > 0 ? (
          <>
            <div className="board-bar">
              <BoardFilters path={path} view={view} facets={facets} />
              <ChartMenu path={path} view={view} />
              <ExportMenu
                slug={benchmark.slug}
                version={benchmark.version}
                view={view}
                rows={found.found + pinned.length}
              />
              <Menu label="View">
                <BoardModes path={path} view={view} />
                <SavedViews href={viewHref(path, view)} />
              </Menu>
            </div>
            <ActiveFilters path={path} view={view} found={found.found + pinned.length} of={of} />
            {view.chart && drawn && (
              <div>
                <ChartLegend path={path} view={view} facets={facets} />
                <BoardChart
                  chart={view.chart}
                  rows={marked(drawn.rows)}
                  cut={drawn.cut}
                  file={exportHref(slug, benchmark.version, view, "csv")}
                />
                <LinkedHover />
              </div>
            )}
            <div className="board-table">
              <DataTable
                caption={`${benchmark.title}, version ${benchmark.version}: ${view.seeds === "each" ? "every seed of every method" : "methods with mean ± half the 95 % interval over seeds"}`}
                columns={columns}
                rows={rows}
                pinned={pinned}
                rowKey={rowKey}
                nameColumn="method"
                className={view.density}
                ordered
                linked={view.chart !== undefined}
                sorting={{
                  sort: view.sort && view.direction ? { key: view.sort, direction: view.direction } : null,
                  href: (sort) =>
                    viewHref(
                      path,
                      changeView(view, { sort: sort?.key as SortKey | undefined, direction: sort?.direction }),
                    ),
                }}
              />
              {rows.length + pinned.length === 0 && (
                <Empty title="No method matches" actions={<ButtonLink href={path}>Show all {count(of)}</ButtonLink>}>
                  Search fewer words, or take a filter away above.
                </Empty>
              )}
            </div>
            <div className="board-notes">
              {view.seeds !== "each" && rows.length > 0 && <CompareForm benchmark={benchmark} view={view} />}
              <Pages path={path} view={view} next={found.next} previous={found.previous} />
              <p className="note mt-2">
                {divisionWords[view.division]}{" "}
                {view.seeds === "each"
                  ? "Each seed by itself: no interval. Ranks are the method’s."
                  : "Mean ± half the 95 % t-interval over seeds; a single seed gives none."}{" "}
                {count(found.found + pinned.length)} of {count(of)} {view.seeds === "each" ? "rows" : "methods"}
                {latest && `, last changed ${date(latest)}`}. Without a sort: highest{" "}
                {view.seeds === "each" ? "" : "mean "}accuracy first. Momenta are chosen on training data only.
              </p>
            </div>
          </>
        ) : view.division === "closed" ? (
          <Empty
            title="The server has no held-out runs of this benchmark yet"
            actions={<ButtonLink href={division("open")}>See runs by users</ButtonLink>}
          >
            Those of the digits are recorded in the first minute after a start. Others are recorded where their data is:{" "}
            <code>npm run -s dmbench -- trajectory --benchmark {benchmark.slug} --held-out 5</code>
          </Empty>
        ) : (
          <Empty
            title="No run has been published for this benchmark"
            actions={<ButtonLink href={division("closed")}>See what the server recomputed</ButtonLink>}
          >
            One run in your browser scores every policy at once and fills this board.
          </Empty>
        )}
      </div>
      {benchmark.dataset === "fashion-mnist" && <ReportedElsewhere />}
      <Details benchmark={benchmark} run={run} />
    </>
  );
}

/** Where ticked rows lead: a plain form, so that it works without a script. */
function CompareForm({
  benchmark,
  view: { division, version },
}: {
  benchmark: { slug: string };
  view: ReturnType<typeof readBoardView>;
}) {
  return (
    <form id={compareForm} action="/compare" className="mt-3 flex flex-wrap items-center gap-3">
      <input type="hidden" name="benchmark" value={benchmark.slug} />
      {division === "open" && <input type="hidden" name="division" value="open" />}
      {version !== undefined && <input type="hidden" name="version" value={version} />}
      <Button type="submit">Compare ticked rows</Button>
      <span className="note">Two to four: is the difference real, and what is behind it?</span>
    </form>
  );
}

function Pages({
  path,
  view: { after: _after, before: _before, ...view },
  next,
  previous,
}: {
  path: string;
  view: ReturnType<typeof readBoardView>;
  next: string | null;
  previous: string | null;
}) {
  if (!next && !previous) return null;
  return (
    <nav className="mt-3 flex flex-wrap gap-3" aria-label="Pages">
      {previous && <Link href={viewHref(path, view)}>First page</Link>}
      {previous && (
        <Link href={viewHref(path, { ...view, before: previous })} rel="prev">
          Previous
        </Link>
      )}
      {next && (
        <Link href={viewHref(path, { ...view, after: next })} rel="next">
          Next
        </Link>
      )}
    </nav>
  );
}

function Details({
  benchmark,
  run,
}: {
  benchmark: { slug: string; version: number; recipe: Parameters<typeof recipeWords>[0]; dataset: string };
  run: RunShape;
}) {
  const dataset = datasetInfo(benchmark.dataset);
  const { calibrationSize, validationSize } = benchmark.recipe;
  return (
    <Section id="benchmark" title="The benchmark">
      <Facts>
        <Fact name="Name and version">
          {benchmark.slug}, version {benchmark.version}. A change would be a new version with a board of its own.
        </Fact>
        <Fact name="Data set">
          <a href={dataset.source}>{dataset.name}</a>, version {dataset.version}: {count(dataset.trainCount)} training
          and {count(dataset.testCount)} test examples. {dataset.attribution} {dataset.licence}.
        </Fact>
        <Fact name="Recipe">{recipeWords(benchmark.recipe)}</Fact>
        <Fact name="Steps">
          {count(run.steps)}, {count(run.stepsPerEpoch)} an epoch
        </Fact>
        <Fact name="Held back">
          {count(calibrationSize)} training examples to measure population statistics, {count(validationSize)} for
          validation
        </Fact>
      </Facts>
    </Section>
  );
}

const divisionWords: Record<Division, string> = {
  open: "What people trained in their browsers and published; the server derives every figure from the predictions they sent.",
  closed:
    "Each policy replayed by the server on its own held-out training runs, whose seeds it drew itself and shows to nobody.",
};

/** Dots that can still be told apart, and pointed at. */
const drawnMethods = 400;

/**
 * What a chart draws of a view: the best methods, whatever the table is sorted by; by β also what constants are held
 * against.
 */
function chartView({ pin, ...view }: ReturnType<typeof readBoardView>): ReturnType<typeof readBoardView> {
  const references =
    view.chart === "momentum"
      ? ["bn/dmbn", "bn/precise-bn", "bn-bfn/dmbn", "bn-bfn/precise-bn"].filter(
          (method) => view.variant.length === 0 || view.variant.some((variant) => method.startsWith(`${variant}/`)),
        )
      : [];
  return changeView({ ...view, pin: [...new Set([...pin, ...references])] }, { sort: undefined, direction: undefined });
}

/**
 * Whether a form wrote this address: with fields left empty, and columns that are the usual ones. It is tidied, so that
 * a view has one address.
 */
function fromForm(query: Query, view: ReturnType<typeof readBoardView>): boolean {
  const given = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => [value ?? []].flat().map((one) => [name, one])),
  );
  return (
    [...given.values()].includes("") ||
    (given.has("columns") && given.getAll("columns").join() !== writeBoardView(view).getAll("columns").join())
  );
}
