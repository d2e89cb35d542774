/** A policy's momentum and shift in each layer, over the runs that scored it. */

import { MomentaOverRuns } from "@/app/_components/momentum/momenta-over-runs";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { divisionLabels } from "@/app/_components/text/division";
import { significant } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { variantLabels } from "@/lib/leaderboard";
import type { LayerChoices as ChoicesOfBoard } from "@/lib/server/boards/choices";
import type { PolicyDetail } from "@/lib/server/policies/read";
import { runShape } from "@/lib/training";

interface LayerChoicesProps {
  choices: readonly ChoicesOfBoard[];
  details: PolicyDetail;
  policy: MomentumPolicy;
}

export function LayerChoices({ choices, details, policy }: LayerChoicesProps) {
  if (choices.length === 0 || policy.kind === "recalibrate") return null;
  return (
    <Section
      id="chosen"
      title={
        policy.kind === "schedule"
          ? "Its shift, layer by layer"
          : policy.by === "drift"
            ? "What it came to, layer by layer"
            : "What it chose, layer by layer"
      }
      note="Over the runs that scored it; beside a momentum, in how many. Layers in forward order."
    >
      <ChoicesTable choices={choices} name={details.name} />
    </Section>
  );
}

/** One row per layer and board: the momenta that its runs used or chose. */
function ChoicesTable({ choices, name }: { choices: readonly ChoicesOfBoard[]; name: string }) {
  const rows = choices.flatMap(({ benchmark, variant, division, layers }) =>
    layers.map((layer, index) => ({
      ...layer,
      index,
      board: `${benchmark.title}, ${variantLabels[variant]}, ${divisionLabels[division]}`,
      shape: runShape(benchmark.recipe, variant),
    })),
  );
  type Layer = (typeof rows)[number];
  const columns: Column<Layer>[] = [
    {
      key: "layer",
      head: "Layer",
      cell: ({ name, board }) => (
        <>
          {name}
          <span className="folded"> {board}</span>
        </>
      ),
    },
    {
      key: "board",
      head: "board",
      wide: true,
      cell: ({ index, board }) => (index === 0 ? board : <span className="sr-only">{board}</span>),
    },
    {
      key: "momenta",
      head: "keeps of the old",
      cell: ({ momenta, shape, index }) => <MomentaOverRuns momenta={momenta} shape={shape} layer={index} />,
    },
    ...(rows.some(({ edges }) => edges > 0)
      ? [
          {
            key: "edges",
            head: "at the edge of the grid",
            align: "end",
            cell: ({ edges, momenta }) => `${edges} of ${momenta.length}`,
          } satisfies Column<Layer>,
        ]
      : []),
    { key: "shift", head: "estimation shift", align: "end", cell: ({ shift }) => significant(shift) },
  ];
  return (
    <DataTable
      caption={`Momentum and estimation shift of each layer under ${name}`}
      columns={columns}
      rows={rows}
      rowKey={({ board, index }) => `${board}/${index}`}
    />
  );
}
