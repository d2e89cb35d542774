/** A momentum on a page: a dot in the ramp's colour, and always the value in print. */
import type { VarianceEstimator } from "@/lib/dmbn/policy";
import { memoryClass, memoryRamp } from "./memory";

export interface MemoryBadge {
  /** Position on the ramp: a momentum in [0, 1], `"cumulative"`, or null where nothing is averaged. */
  memory: number | "cumulative" | null;
  /** The momentum in print. */
  label: string;
  /** The variance that a policy averages; left out where nothing is averaged, and of a single layer. */
  variance?: VarianceEstimator;
}

/** "0.99, biased": the unbiased variance goes without saying, as it is PyTorch's. */
export const badgeText = ({ label, variance = "unbiased" }: MemoryBadge): string =>
  variance === "unbiased" ? label : `${label}, ${variance}`;

export function MomentumChip(badge: MemoryBadge) {
  return (
    <span className="momentum">
      <span className={`dot ${memoryClass(badge.memory)}`} />
      {badgeText(badge)}
    </span>
  );
}

/** The momenta of several layers in order, for a cell; a single one if all layers share it. */
export function MomentumPerLayer({ layers }: { layers: readonly MemoryBadge[] }) {
  const [first] = layers;
  if (first && layers.every(({ label }) => label === first.label)) return <MomentumChip {...first} />;
  return (
    <span className="inline-flex gap-3">
      {layers.map((badge, layer) => (
        <MomentumChip key={layer} {...badge} />
      ))}
    </span>
  );
}

/** The ramp's legend. Colour means memory and nothing else. */
export function MemoryLegend() {
  return (
    <figure className="inline-grid gap-1">
      <figcaption className="text-head text-ink-3">Memory: share of the old average kept</figcaption>
      <ul className="ramp">
        {memoryRamp.map((value, step) => (
          <li key={value} className={`memory-${step}`}>
            {value}
          </li>
        ))}
      </ul>
    </figure>
  );
}
