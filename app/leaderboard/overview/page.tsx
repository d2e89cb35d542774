/** All boards at once: each policy is a line over every benchmark and variant, filtered by ranges on the axes. */
import type { Metadata } from "next";
import { LinkedHover } from "@/app/_components/charts/linked-hover";
import { ButtonLink, SegmentLinks } from "@/app/_components/controls/controls";
import { Empty } from "@/app/_components/controls/notices";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import { MemoryLegend } from "@/app/_components/momentum/momentum";
import { DataTable } from "@/app/_components/tables/data-table";
import { Crumbs } from "@/app/_components/text/crumbs";
import { plural } from "@/app/_components/text/format";
import { parsePolicy } from "@/lib/dmbn/policy";
import { divisions } from "@/lib/leaderboard";
import { overview } from "@/lib/server/boards/overview";
import { runShape } from "@/lib/training";
import { axesOf, within } from "./axes";
import type { Row } from "./lines";
import { finding, Lines } from "./lines";
import { RangeForm } from "./range-form";
import { columnsOf, ROWS_SHOWN } from "./table";

export const metadata: Metadata = {
  title: "All boards at once",
  description: "How accurate each momentum policy is on every benchmark: one line a policy, with ranges to narrow by.",
};

export const dynamic = "force-dynamic";

export default async function OverviewPage({ searchParams }: PageProps<"/leaderboard/overview">) {
  const query = await searchParams;
  const division = divisions.find((name) => name === query.division) ?? divisions[0];
  const boards = await overview(division);
  const axes = axesOf(boards, query);
  const rows = boards.policies.map(
    (policy): Row => ({
      ...policy,
      badge: boards.axes[0]
        ? memoryBadge(parsePolicy(policy.document), runShape(boards.axes[0].benchmark.recipe))
        : { memory: null, label: "" },
    }),
  );
  const inside = rows.filter(({ accuracy }) =>
    axes.every(({ min, max }, index) => within(accuracy[index] ?? null, min, max)),
  );
  return (
    <>
      <Crumbs path={[{ href: "/leaderboard", title: "Leaderboard" }]} />
      <h1>All boards at once</h1>
      <p className="lede">
        Each line is a policy, each axis a benchmark and variant with its own scale of accuracy. Figures of different
        benchmarks don&rsquo;t mix; the order of policies on them can be seen.
      </p>
      <div className="mt-4 flex flex-wrap items-end justify-between gap-3">
        <SegmentLinks
          label="Division"
          options={[
            { href: "/leaderboard/overview", label: "Recomputed by the server", current: division === "closed" },
            { href: "/leaderboard/overview?division=open", label: "Runs by users", current: division === "open" },
          ]}
        />
        <MemoryLegend />
      </div>
      {axes.length === 0 ? (
        <Empty
          title="No board of this division has a method yet"
          actions={<ButtonLink href="/train">Train now</ButtonLink>}
        >
          The server records its own runs in the first minute after a start; runs by users come from the training page.
        </Empty>
      ) : (
        <>
          <figure className="figure mt-4">
            <figcaption>
              <h2>{finding(axes, inside)}</h2>
              <p className="note">
                {plural(rows.length, "policy", "policies")}, those on most boards. Drag along an axis to keep a range of
                it, press it to let go; or write the range below. Point at a line to see its row.
              </p>
            </figcaption>
            <Lines axes={axes} rows={rows} inside={new Set(inside)} />
          </figure>
          <RangeForm axes={axes} division={division} />
          <div className="section">
            {inside.length > 0 ? (
              <DataTable
                caption="Policies within the ranges, with their accuracy on every board"
                columns={columnsOf(axes)}
                rows={inside.slice(0, ROWS_SHOWN)}
                rowKey={({ slug }) => slug}
                linked
              />
            ) : (
              <Empty title="No policy lies within all these ranges">Widen one of them.</Empty>
            )}
            {inside.length > ROWS_SHOWN && (
              <p className="note mt-2">
                The first {ROWS_SHOWN} of {plural(inside.length, "policy", "policies")}.
              </p>
            )}
          </div>
          <LinkedHover />
        </>
      )}
    </>
  );
}
