/** Estimation shift and momentum of each batch-norm layer under one method. */
import type { ReactNode } from "react";
import type { RunShape } from "@/lib/dmbn/policy";
import type { LayerShift } from "@/lib/records";
import { layerBadge } from "../momentum/memory-badge";
import { MomentumChip } from "../momentum/momentum";
import { significant } from "../text/format";
import type { Column } from "./data-table";
import { DataTable, Missing } from "./data-table";

interface LayerTableProps {
  score: {
    esm: readonly LayerShift[];
    momentumPerLayer: readonly (number | string | null)[];
    edgeOfGrid: readonly string[];
  };
  /** The method's name, for the caption. */
  name: string;
  shape: RunShape;
}

export function LayerTable({ score, name, shape }: LayerTableProps) {
  const rows = score.esm.map((shift, index) => ({
    ...shift,
    index,
    momentum: score.momentumPerLayer[index] ?? null,
    edge: score.edgeOfGrid.includes(shift.layer),
  }));
  type Layer = (typeof rows)[number];
  const figure = (
    key: "mean" | "std" | "relativeMean" | "relativeStd",
    head: ReactNode,
    group: string,
  ): Column<Layer> => ({ key, head, group, align: "end", cell: (row) => significant(row[key]) });
  const columns: Column<Layer>[] = [
    { key: "layer", head: "Layer", cell: ({ layer }) => layer },
    {
      key: "momentum",
      head: "keeps of the old",
      cell: ({ momentum, edge, index }) =>
        momentum === null ? (
          <Missing why="nothing is averaged, or each channel has its own" />
        ) : (
          <>
            <MomentumChip {...layerBadge(momentum, shape, index)} />
            {edge && <span className="margin"> edge of grid</span>}
          </>
        ),
    },
    figure("mean", "‖μ̂ − μ‖", "estimation shift"),
    figure("std", "‖σ̂ − σ‖", "estimation shift"),
    figure("relativeMean", "mean, in σ", "RMS over channels"),
    figure("relativeStd", "deviation, in σ", "RMS over channels"),
  ];
  return (
    <DataTable
      caption={`Estimation shift and momentum of each batch-norm layer under ${name}`}
      columns={columns}
      rows={rows}
      rowKey={({ index }) => String(index)}
    />
  );
}
