/** The board of one benchmark: methods with mean and interval over seeds, in the view that the URL describes. */
import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { ButtonLink, SegmentLinks } from "@/app/_components/controls/controls";
import { alternates } from "@/app/_components/frame/alternates";
import { MemoryLegend } from "@/app/_components/momentum/momentum";
import { Crumbs } from "@/app/_components/text/crumbs";
import { ReportedElsewhere } from "@/app/_components/text/reported-elsewhere";
import type { Division } from "@/lib/leaderboard";
import { changeView, embedHref, fitFrame, frameHtml, readBoardView } from "@/lib/leaderboard";
import type { BenchmarkInfo } from "@/lib/server/boards/benchmarks";
import { findBenchmark } from "@/lib/server/boards/benchmarks";
import { boardFacets } from "@/lib/server/boards/facets";
import { boardPage, boardRows } from "@/lib/server/boards/read";
import { hasDataset } from "@/lib/server/datasets";
import { recentRuns } from "@/lib/server/runs/read";
import { publishedResults } from "@/lib/server/scoring/published-results";
import { runsOf } from "@/lib/server/scoring/recording";
import { siteOrigin } from "@/lib/server/site-origin";
import { regimeOfRecipe } from "@/lib/server/study";
import { ticketCounts } from "@/lib/server/tickets/counts";
import { viewHref } from "../board-addresses";
import { BoardBody } from "./board-body";
import { chartView, fromForm, MOST_DRAWN } from "./chart-view";
import { Details } from "./details";
import { EmptyBoard } from "./empty-board";
import { UsersRuns } from "./users-runs";

export const dynamic = "force-dynamic";

const benchmarkOf = cache(findBenchmark);

const POLICIES_COMPARED = "Every momentum policy on identical weights, with mean and 95 % interval over seeds.";

export async function generateMetadata({
  params,
  searchParams,
}: PageProps<"/leaderboard/[benchmark]">): Promise<Metadata> {
  const { version } = readBoardView(await searchParams);
  const benchmark = await benchmarkOf((await params).benchmark, version);
  if (!benchmark) return { title: "Not found" };
  const query = version ? `?version=${version}` : "";
  const path = `/leaderboard/${benchmark.slug}${query}`;
  return {
    title: `${benchmark.title}: leaderboard`,
    description: `${benchmark.summary} ${POLICIES_COMPARED}`,
    alternates: alternates({
      ...(version && { canonical: path }), // its other views are this page
      title: benchmark.title,
      feed: `/api/v1/benchmarks/${benchmark.slug}/feed.xml${query}`,
      croissant: `/api/v1/benchmarks/${benchmark.slug}/croissant${query}`,
      embeddable: siteOrigin(await headers()) + path,
    }),
  };
}

const closedLabel = ({ rankedOn }: BenchmarkInfo): string =>
  rankedOn === "published" ? "Published results" : "Recomputed by the server";

export default async function BoardPage({ params, searchParams }: PageProps<"/leaderboard/[benchmark]">) {
  const [{ benchmark: slug }, query] = await Promise.all([params, searchParams]);
  const view = readBoardView(query);
  const path = `/leaderboard/${slug}`;
  if (fromForm(query, view)) redirect(viewHref(path, view));
  const [requestHeaders, board, facets, drawn] = await Promise.all([
    headers(),
    boardPage(slug, view),
    boardFacets(slug, view),
    view.chart ? boardRows(slug, chartView(view), { take: MOST_DRAWN }) : null,
  ]);
  if (!board) notFound();
  const { benchmark, of } = board;
  const [regime, stored] = await Promise.all([
    regimeOfRecipe(benchmark.recipe),
    benchmarkOf(slug, view.version), // as for the title: one query
  ]);
  const closed = view.division === "closed" ? stored : null;
  const [recorded, published] = closed ? await Promise.all([runsOf(closed), publishedResults(closed)]) : [null, null];
  const [runs, tickets] =
    stored && view.division === "open"
      ? await Promise.all([
          recentRuns({ benchmark: { slug, version: stored.version }, take: 10 }),
          ticketCounts({ benchmarkId: stored.id }),
        ])
      : [[], null];
  const divisionHref = (division: Division) =>
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
              { href: divisionHref("closed"), label: closedLabel(benchmark), current: view.division === "closed" },
              { href: divisionHref("open"), label: "Runs by users", current: view.division === "open" },
            ]}
          />
        </div>
        {of > 0 && (
          <div className="board-legend">
            <MemoryLegend />
          </div>
        )}
        {of > 0 ? (
          <BoardBody
            path={path}
            view={view}
            board={board}
            embed={frameHtml({
              address: siteOrigin(requestHeaders) + embedHref(path, { division: view.division, version: view.version }),
              title: `${benchmark.title}: leaderboard`,
              width: "100%",
              height: fitFrame().height,
            })}
            recorded={recorded}
            published={published}
            facets={facets}
            drawn={drawn}
          />
        ) : (
          <EmptyBoard
            benchmark={benchmark}
            division={view.division}
            divisionHref={divisionHref}
            hasData={await hasDataset(benchmark.dataset)}
            regime={regime}
          />
        )}
      </div>
      {tickets && <UsersRuns runs={runs} tickets={tickets} />}
      {benchmark.dataset === "fashion-mnist" && <ReportedElsewhere />}
      <Details benchmark={benchmark} regime={regime} />
    </>
  );
}
