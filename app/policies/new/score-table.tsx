"use client";
/** The policy being edited beside the baselines, on one recorded run. */
import { memo } from "react";
import { memoryClass } from "@/app/_components/momentum/memory";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import type { MeasuredRow } from "@/app/_components/tables/metric-columns";
import { measured, metricColumns } from "@/app/_components/tables/metric-columns";
import { percent } from "@/app/_components/text/format";
import type { RunShape } from "@/lib/dmbn/policy";
import { builtInPolicies } from "@/lib/dmbn/policy";
import { scoreFigures } from "@/lib/records";
import type { Difference, PlaygroundScore } from "./protocol";

export const nearestOf = (differences: readonly Difference[]): Difference =>
  differences.reduce((least, next) => (next.different < least.different ? next : least));

interface Row extends MeasuredRow {
  slug: string | null;
  name: string;
  memory: string;
  difference: Difference | null;
}

export const Standing = memo(function Standing({
  score,
  differences,
  baselines,
  memory,
  shape,
}: {
  score: PlaygroundScore;
  differences: readonly Difference[];
  baselines: readonly (PlaygroundScore & { slug: string; name: string })[];
  memory: string;
  shape: RunShape;
}) {
  const rows: Row[] = [
    { slug: null, name: "Your policy", memory, difference: null, ...measured(scoreFigures(score)) },
    ...baselines.map((baseline) => ({
      slug: baseline.slug,
      name: baseline.name,
      memory: memoryClass(
        memoryBadge(builtInPolicies.find(({ slug }) => slug === baseline.slug)!.document, shape).memory,
      ),
      difference: differences.find(({ slug }) => slug === baseline.slug) ?? null,
      ...measured(scoreFigures(baseline)),
    })),
  ];
  const nearest = nearestOf(differences).slug;
  const metric = metricColumns<Row>(rows, (row) => row.memory);
  const columns: Column<Row>[] = [
    {
      key: "policy",
      head: "Policy",
      cell: ({ name, slug }) => (
        <>
          {name}
          {slug === nearest && <span className="margin font-normal"> nearest</span>}
        </>
      ),
    },
    ...metric.slice(0, 2),
    {
      key: "difference",
      head: "yours minus it",
      group: "points",
      align: "end",
      cell: ({ difference, accuracy }) =>
        difference ? points(score.accuracy - accuracy.mean) : <Missing why="itself" />,
    },
    ...metric.slice(2),
    {
      key: "different",
      head: "predictions that differ",
      align: "end",
      cell: ({ difference }) => (difference ? difference.different : <Missing why="itself" />),
    },
  ];
  return (
    <DataTable
      caption="Your policy beside the baselines on this run"
      columns={columns}
      rows={rows}
      rowKey={({ slug }) => slug ?? ""}
      selected=""
    />
  );
});

const points = (difference: number): string =>
  Math.abs(difference) < 0.0005 ? "0.0" : `${difference > 0 ? "+" : ""}${percent(difference)}`;
