"use client";
/** What DMBN would choose for each layer if the training stopped now. */
import { layerBadge } from "@/app/_components/momentum/memory-badge";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { count, significant } from "@/app/_components/text/format";
import type { Observation } from "@/lib/training";
import { runShape } from "@/lib/training";
import type { VariantProgress } from "./progress";
import type { TrainingSettings } from "./protocol";

export function LayersNow({ current, settings }: { current: VariantProgress; settings: TrainingSettings }) {
  const latest = current.observations.at(-1);
  if (!latest) return null;
  const shape = runShape(settings.recipe);
  type Layer = Observation["layers"][number];
  const columns: Column<Layer>[] = [
    { key: "layer", head: "Layer", cell: ({ layer }) => layer },
    {
      key: "momentum",
      head: "DMBN would keep",
      cell: ({ momentum }) => <MomentumChip {...layerBadge(momentum, shape)} />,
    },
    { key: "shift", head: "shift at 0.9", align: "end", cell: ({ shift }) => significant(shift) },
  ];
  return (
    <div className="mt-4 max-w-[32rem]">
      <h3>If training stopped at step {count(latest.step)}</h3>
      <DataTable
        caption="What DMBN would choose for each layer now"
        columns={columns}
        rows={latest.layers}
        rowKey={({ layer }) => layer}
      />
    </div>
  );
}
