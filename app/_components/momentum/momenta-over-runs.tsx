/** The distinct momenta of one layer over several runs, most frequent first, with the number of runs. */
import type { RunShape } from "@/lib/dmbn/policy";
import { layerBadge } from "./memory-badge";
import { MomentumChip } from "./momentum";

type LayerMomentum = number | string | null;

interface MomentaOverRunsProps {
  /** One per run: a constant, a candidate's expression, or null where channels differ. */
  momenta: readonly LayerMomentum[];
  shape: RunShape;
  /** The layer's index in forward order, from 0. */
  layer: number;
}

export function MomentaOverRuns({ momenta, shape, layer }: MomentaOverRunsProps) {
  return (
    <span className="inline-flex gap-3">
      {counted(momenta).map(({ momentum, runs }) => (
        <span key={String(momentum)}>
          <MomentumChip
            {...(momentum === null ? { memory: null, label: "several" } : layerBadge(momentum, shape, layer))}
          />
          {runs < momenta.length && <span className="margin"> ×{runs}</span>}
        </span>
      ))}
    </span>
  );
}

function counted(momenta: readonly LayerMomentum[]): { momentum: LayerMomentum; runs: number }[] {
  const runs = new Map<LayerMomentum, number>();
  for (const momentum of momenta) runs.set(momentum, (runs.get(momentum) ?? 0) + 1);
  return [...runs].map(([momentum, runs]) => ({ momentum, runs })).sort((a, b) => b.runs - a.runs);
}
