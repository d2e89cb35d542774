/** The methods of one run as rows of a table: figures without intervals, and the momentum of each layer. */
import type { ReactNode } from "react";
import type { RunShape } from "@/lib/dmbn/policy";
import type { ByMetric, RecordedMetric } from "@/lib/records";
import { memoryClass } from "../momentum/memory";
import { layerBadge } from "../momentum/memory-badge";
import { MomentumPerLayer } from "../momentum/momentum";
import type { Column } from "./data-table";
import { Missing } from "./data-table";
import type { MeasuredRow } from "./metric-columns";
import { measured, metricColumns } from "./metric-columns";

interface Score extends ByMetric<number, RecordedMetric> {
  method: string;
  policy: { name: string };
  momentumPerLayer: (number | string | null)[];
  edgeOfGrid: string[];
  /** Estimation shift, summed over layers. */
  esmTotal: number;
}

export type MethodRow<Of extends Score = Score> = Omit<Of, keyof MeasuredRow | "esmTotal"> & MeasuredRow;

/** A score as a row of figures without intervals. */
export function methodRow<Of extends Score>(score: Of): MethodRow<Of> {
  const { esmTotal, ...rest } = score;
  return { ...rest, ...measured({ ...score, esm: esmTotal }) } as MethodRow<Of>;
}

type Row = MeasuredRow & Pick<Score, "policy" | "momentumPerLayer" | "edgeOfGrid">;

/**
 * @param name content of the name cell
 * @param byUser whether a user published the run, so that its shift is a claim
 */
export function methodColumns<Of extends Row>(
  rows: readonly Of[],
  shape: RunShape,
  name: (row: Of) => ReactNode,
  { byUser = false }: { byUser?: boolean } = {},
): Column<Of>[] {
  return [
    { key: "method", head: "Method", first: "ascending", value: ({ policy }) => policy.name, cell: name },
    ...metricColumns<Of>(
      rows,
      ({ momentumPerLayer }) => memoryClass(sharedMemory(momentumPerLayer, shape)),
      () => byUser,
    ),
    {
      key: "momentum",
      head: "keeps of the old, per layer",
      cell: ({ momentumPerLayer, edgeOfGrid }) =>
        momentumPerLayer.every((momentum) => momentum === null) ? (
          <Missing why="nothing is averaged, or each channel has its own" />
        ) : (
          <>
            <MomentumPerLayer layers={momentumPerLayer.map((momentum, layer) => layerBadge(momentum, shape, layer))} />
            {edgeOfGrid.length > 0 && <span className="margin"> edge of grid</span>}
          </>
        ),
    },
  ];
}

/** The memory that all layers share; null if they differ. */
function sharedMemory(momenta: readonly (number | string | null)[], shape: RunShape) {
  return new Set(momenta).size === 1 ? layerBadge(momenta[0]!, shape).memory : null;
}
