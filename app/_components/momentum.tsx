/** A momentum as the pages show it: the ramp's dot and always the printed value. */
import { memoryClass, memoryRamp } from "./memory";

export interface MomentumMark {
  /** Where on the ramp: a momentum in [0, 1], `"cumulative"`, or null where nothing is averaged. */
  memory: number | "cumulative" | null;
  /** What is printed beside the dot. */
  label: string;
}

export function MomentumChip({ memory, label }: MomentumMark) {
  return (
    <span className="momentum">
      <span className={`dot ${memoryClass(memory)}`} />
      {label}
    </span>
  );
}

/** The dots of several layers in order, for a cell; the values are its text alternative. */
export function MomentumPerLayer({ layers }: { layers: readonly MomentumMark[] }) {
  return (
    <span className="momentum" title={layers.map(({ label }) => label).join(", ")}>
      {layers.map(({ memory }, layer) => (
        <span key={layer} className={`dot ${memoryClass(memory)}`} style={{ marginInlineEnd: -4 }} />
      ))}
      <span style={{ marginInlineStart: 4 }}>{layers.map(({ label }) => label).join(" · ")}</span>
    </span>
  );
}

/** The ramp with its values; colour stands for memory and for nothing else. */
export function MemoryLegend() {
  return (
    <figure className="inline-grid gap-1">
      <figcaption className="text-head text-ink-3">Colour is memory: the share of the old average that a batch leaves</figcaption>
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
