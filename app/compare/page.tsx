/** Two to four methods of a board, or runs, side by side: is the difference real, and what is behind it? */
import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { cache } from "react";
import { siteOrigin } from "@/lib/server/site-origin";
import "./compare.css";
import type { CompareView } from "@/lib/leaderboard";
import { compareHref, readCompareView } from "@/lib/leaderboard";
import { compareMethods } from "@/lib/server/boards/compare";
import { boardPage } from "@/lib/server/boards/read";
import { compareRuns } from "@/lib/server/runs/compare";
import { recentRuns } from "@/lib/server/runs/read";
import { Choose, Notes } from "./choose";
import { Methods } from "./methods";
import { comparedMethods, heading } from "./methods-names";
import { Runs } from "./runs";

export const dynamic = "force-dynamic";

/** Most methods or runs to choose from when adding one. */
const OFFERED = 200;

/** Cached by URL, which equal views share. */
const methodsAt = cache(async (address: string) => {
  const view = readCompareView(Object.fromEntries(new URL(address, "http://site").searchParams));
  return view.benchmark
    ? compareMethods({ ...view, benchmark: view.benchmark, version: view.version ?? undefined })
    : null;
});

export async function generateMetadata({ searchParams }: PageProps<"/compare">): Promise<Metadata> {
  const view = readCompareView(await searchParams);
  const comparison = view.runs.length > 0 ? null : await methodsAt(compareHref(view));
  const title =
    comparison && comparison.methods.length > 1
      ? `${heading(comparedMethods(comparison.methods))} ${comparison.benchmark.title}`
      : "Compare";
  return {
    title,
    description:
      "Methods and runs side by side: differences with their intervals, McNemar's test, settings, layers " +
      "and classes.",
  };
}

export default async function ComparePage({ searchParams }: PageProps<"/compare">) {
  const [params, requestHeaders] = await Promise.all([searchParams, headers()]);
  const view = readCompareView(params);
  const address = `${siteOrigin(requestHeaders)}${compareHref(view)}`;
  if (view.runs.length > 0) return <ComparedRuns view={view} address={address} />;
  if (!view.benchmark) return <Choose />;
  const comparison = await methodsAt(compareHref(view));
  if (!comparison) notFound();
  if (comparison.methods.length === 0)
    return (
      <Choose
        unknown={comparison.unknown}
        board={{ slug: comparison.benchmark.slug, title: comparison.benchmark.title, division: view.division }}
      />
    );
  const board = await boardPage(
    view.benchmark,
    { division: view.division, ...(view.version !== null && { version: view.version }) },
    { take: OFFERED },
  );
  const others = (board?.rows ?? []).filter(
    ({ method }) => !comparison.methods.some(({ entry }) => entry.method === method),
  );
  return (
    <>
      <Notes view={view} unknown={comparison.unknown} what="method of this board" />
      <Methods view={view} comparison={comparison} others={others} address={address} />
    </>
  );
}

async function ComparedRuns({ view, address }: { view: CompareView; address: string }) {
  const comparison = await compareRuns({ runs: view.runs, policy: view.policy ?? undefined });
  const [first] = comparison.runs;
  if (!first) return <Choose unknown={comparison.unknown} />;
  const recent = first.benchmark ? await recentRuns({ benchmark: first.benchmark, take: 50 }) : [];
  return (
    <>
      <Notes view={view} unknown={comparison.unknown} what="run" />
      <Runs
        view={view}
        comparison={comparison}
        others={recent.filter(({ id }) => !comparison.runs.some((run) => run.id === id))}
        address={address}
      />
    </>
  );
}
