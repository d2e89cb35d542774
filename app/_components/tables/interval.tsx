/** A mean with its interval, drawn in a table cell on a scale that the column's heading states. */
import { scaleLinear } from "d3-scale";
import { intervalExtent } from "@/lib/charts/extent";
import { percent } from "../text/format";

export interface IntervalScale {
  low: number;
  high: number;
  ticks: number[];
}

/** A scale with round ends that covers every mean and interval, clamped to [0, 1]; null without rows. */
export function intervalScale(
  rows: readonly { mean: number; low: number | null; high: number | null }[],
): IntervalScale | null {
  const range = intervalExtent(rows);
  if (!range) return null;
  const { low: least, high: most } = range;
  const scale = scaleLinear([Math.max(0, least), Math.min(1, Math.max(most, least + 0.01))], [0, 1]).nice(5);
  const [low, high] = scale.domain() as [number, number];
  return { low: Math.max(0, low), high: Math.min(1, high), ticks: scale.ticks(5) };
}

/** "84 to 90", for the heading above the drawn intervals. */
export function scaleLabel({ low, high }: IntervalScale): string {
  const decimals = high - low < 0.02 ? 1 : 0;
  return `${percent(low, decimals)} to ${percent(high, decimals)}`;
}

interface IntervalMarkProps {
  mean: number;
  /** Null if a single seed gives no interval. */
  low: number | null;
  high: number | null;
  scale: IntervalScale;
  /** The ramp's CSS class, from `memoryClass`. */
  memory?: string;
}

const width = 140;
const middle = 10;

/** Decorative: the numbers are in the cell before it. */
export function IntervalMark({ mean, low, high, scale, memory }: IntervalMarkProps) {
  const x = scaleLinear([scale.low, scale.high], [5, width - 5]).clamp(true);
  return (
    <svg className={`interval ${memory ?? ""}`} viewBox={`0 0 ${width} 20`} aria-hidden="true">
      <path
        className="track"
        d={`M0 ${middle}H${width}${scale.ticks.map((tick) => `M${x(tick).toFixed(1)} ${middle - 3}v6`).join("")}`}
      />
      {low !== null && high !== null && <line className="span" x1={x(low)} x2={x(high)} y1={middle} y2={middle} />}
      <circle className="mean" cx={x(mean)} cy={middle} r={4} />
    </svg>
  );
}

/** A margin never rounds to zero: 0.04 rather than 0.0. */
const margin = (half: number): string => percent(half, half < 0.0005 ? 2 : 1);

/** "93.4 ± 0.2" in percent, the margin in a lighter colour; without an interval, the mean alone. */
export function MeanAndMargin({ mean, low, high }: { mean: number; low: number | null; high: number | null }) {
  return (
    <>
      {percent(mean)}
      {low !== null && high !== null && <span className="margin"> ± {margin((high - low) / 2)}</span>}
    </>
  );
}
