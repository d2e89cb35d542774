/** What DMBN chose in each layer of a regime, seed by seed. */
import { MomentumChip } from "@/app/_components/momentum/momentum";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { significant } from "@/app/_components/text/format";
import { variantLabels } from "@/lib/leaderboard";
import type { MethodSummary, RegimeSummary, Variant } from "@/lib/records";
import { findMethod } from "../regimes";

export function Choices({ regime, variant }: { regime: RegimeSummary; variant: Variant }) {
  const dmbn = findMethod(regime, variant, "dmbn")!;
  type Layer = { layer: string; shift: number; choices: MethodSummary["momentumPerLayer"][number] };
  const rows: Layer[] = dmbn.shiftPerLayer.map(({ layer, shift }, index) => ({
    layer,
    shift,
    choices: dmbn.momentumPerLayer[index] ?? [],
  }));
  const { onEdge, of } = dmbn.edgeOfGrid;
  const columns: Column<Layer>[] = [
    { key: "layer", head: "Layer", cell: ({ layer }) => layer },
    {
      key: "choices",
      head: "keeps of the old (in how many seeds)",
      cell: ({ choices }) => (
        <span className="inline-flex gap-3">
          {[...choices]
            .sort((a, b) => b.seeds - a.seeds)
            .map(({ momentum, seeds }) => (
              <span key={String(momentum)}>
                <MomentumChip
                  memory={typeof momentum === "string" ? "cumulative" : momentum}
                  label={typeof momentum === "string" ? "1 − 1/t" : String(momentum ?? "–")}
                />
                <span className="margin"> ×{seeds}</span>
              </span>
            ))}
        </span>
      ),
    },
    { key: "shift", head: "estimation shift", align: "end", cell: ({ shift }) => significant(shift) },
  ];
  const table = (
    <DataTable
      caption={`What DMBN chose in each layer, ${variantLabels[variant]}`}
      columns={columns}
      rows={rows}
      rowKey={({ layer }) => layer}
    />
  );
  return (
    <div className="mt-5">
      <h3>{variantLabels[variant]}: what DMBN chose</h3>
      <p className="note mb-2">
        {onEdge} of {of} choices lie on the edge of the grid, the first or the last candidate.
      </p>
      {rows.length > 12 ? (
        <details>
          <summary>{rows.length} layers</summary>
          {table}
        </details>
      ) : (
        table
      )}
    </div>
  );
}
