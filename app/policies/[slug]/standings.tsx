/** A policy's scores and ranks. */

import Link from "next/link";
import { ButtonLink } from "@/app/_components/controls/controls";
import { Empty } from "@/app/_components/controls/notices";
import { memoryClass } from "@/app/_components/momentum/memory";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import type { MeasuredRow } from "@/app/_components/tables/metric-columns";
import { metricColumns } from "@/app/_components/tables/metric-columns";
import { TierTip, tierLabel } from "@/app/_components/tables/tier-label";
import { divisionLabels } from "@/app/_components/text/division";
import { Section } from "@/app/_components/text/section";
import type { MomentumPolicy, RunShape } from "@/lib/dmbn/policy";
import { isPeriodic } from "@/lib/dmbn/policy";
import type { Benchmark } from "@/lib/leaderboard";
import { bandInWords, formatBand, variantLabels } from "@/lib/leaderboard";
import type { Standing } from "@/lib/server/boards/standings";
import type { PolicyDetail } from "@/lib/server/policies/read";
import { runShape } from "@/lib/training";
import { ScoringProgress } from "./scoring-progress";

export function Standings({
  details,
  policy,
  reference,
}: {
  details: PolicyDetail;
  policy: MomentumPolicy;
  reference: Benchmark;
}) {
  const run = runShape(reference.recipe);
  return (
    <Section id="standings" title="What it scored, and where">
      <ScoringProgress scoring={details.scoring} />
      {details.answer && <p className="lede">{details.answer}</p>}
      {details.standings.length > 0 ? (
        <DataTable
          caption={`Where ${details.name} stands on each board: mean ± half the 95 % interval`}
          columns={standingColumns(details.standings, policy, run)}
          rows={details.standings.map(measured)}
          rowKey={({ benchmark, entry }) => `${benchmark.slug}@${benchmark.version}/${entry.division}/${entry.variant}`}
        />
      ) : (
        <Empty
          title="Nobody has published a run that scored it yet"
          actions={
            <ButtonLink href="/train" kind="primary">
              Train now
            </ButtonLink>
          }
        >
          Tick it before you train: scoring one more policy costs a run next to nothing.{" "}
          {isPeriodic(policy)
            ? "It reads the weights of every period’s end, which no recording keeps, so the boards of the server’s " +
              "own runs leave it out."
            : "On the boards of the server’s own runs it appears once they are recorded."}
        </Empty>
      )}
    </Section>
  );
}

type Row = Standing & MeasuredRow;

const measured = (standing: Standing): Row => ({ ...standing, ...standing.entry });

function standingColumns(standings: readonly Standing[], policy: MomentumPolicy, run: RunShape): Column<Row>[] {
  const memory = memoryClass(memoryBadge(policy, run).memory);
  return [
    {
      key: "benchmark",
      head: "Board",
      cell: ({ benchmark, entry }) => (
        <>
          <Link href={`/leaderboard/${benchmark.slug}${entry.division === "open" ? "?division=open" : ""}`}>
            {benchmark.title}
          </Link>
          <span className="folded">
            {" "}
            {variantLabels[entry.variant]}, {divisionLabels[entry.division]}
          </span>
        </>
      ),
    },
    { key: "division", head: "division", wide: true, cell: ({ entry }) => divisionLabels[entry.division] },
    { key: "variant", head: "variant", wide: true, cell: ({ entry }) => variantLabels[entry.variant] },
    ...metricColumns<Row>(
      standings.map(measured),
      () => memory,
      ({ entry }) => entry.division === "open",
    ),
    {
      key: "rank",
      head: "rank",
      align: "end",
      cell: ({ entry: { band, standing }, place, of }) => {
        const words = bandInWords(band, standing);
        return words ? (
          <>
            {words}
            <span className="margin"> {formatBand(band)}</span>
          </>
        ) : (
          <span className="margin">
            {place} of {of} by mean
          </span>
        );
      },
    },
    { key: "n", head: "seeds", align: "end", cell: ({ entry }) => entry.n },
    {
      key: "compare",
      head: "against another",
      cell: ({ benchmark, entry }) => (
        <Link
          href={
            `/compare?benchmark=${benchmark.slug}&methods=${entry.method}` +
            (entry.division === "open" ? "&division=open" : "")
          }
          aria-label={`Compare on ${benchmark.title}, ${variantLabels[entry.variant]}, ${divisionLabels[entry.division]}`}
        >
          compare with …
        </Link>
      ),
    },
    {
      key: "tier",
      head: "tier",
      cell: ({ entry }) => <span className="wraps">{tierLabel(entry.tier)}</span>,
      tip: <TierTip />,
    },
  ];
}
