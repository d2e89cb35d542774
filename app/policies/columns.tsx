/** The gallery's columns: name, rank on a board, memory, curve, rule, source. */

import Link from "next/link";
import { MetricTip } from "@/app/_components/controls/tip";
import { policyCurve } from "@/app/_components/momentum/curves";
import { memoryClass } from "@/app/_components/momentum/memory";
import type { memoryBadge } from "@/app/_components/momentum/memory-badge";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import { MomentumSparkline } from "@/app/_components/momentum/momentum-curve";
import { Rule } from "@/app/_components/momentum/rule";
import type { Column } from "@/app/_components/tables/data-table";
import { Missing } from "@/app/_components/tables/data-table";
import type { IntervalScale } from "@/app/_components/tables/interval";
import { IntervalMark, intervalScale, MeanAndMargin, scaleLabel } from "@/app/_components/tables/interval";
import type { MomentumPolicy, RunShape } from "@/lib/dmbn/policy";
import type { BoardEntry } from "@/lib/leaderboard";
import { formatBand } from "@/lib/leaderboard";
import type { PolicySummary } from "@/lib/server/policies/read";
import type { sortable } from "./view";

export type Row = PolicySummary & {
  policy: MomentumPolicy;
  badge: ReturnType<typeof memoryBadge>;
  entry: BoardEntry | null;
};

export function policyColumns(entries: readonly BoardEntry[], run: RunShape): Column<Row>[] {
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
      value: ({ badge }) => (badge.memory === "cumulative" ? 1 : badge.memory),
      cell: ({ badge }) => <MomentumChip {...badge} />,
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
      cell: ({ entry }) => formatBand(entry?.band ?? null) ?? <Missing why="not ranked" />,
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
      head: scaleLabel(scale),
      cell: ({ entry, badge }) =>
        entry && <IntervalMark {...entry.accuracy} scale={scale} memory={memoryClass(badge.memory)} />,
    },
  ];
}
