/** A paired difference with its interval, drawn on one scale around zero. */
import { scaleLinear } from "d3-scale";

interface DifferenceMarkProps {
  mean: number;
  low: number | null;
  high: number | null;
  /** Half the width of the scale, in the unit of the difference. */
  reach: number;
  /** Differences up to this count as ties: drawn as a band. */
  tieMargin: number;
}

const width = 140;
const middle = 10;

/** Half the width of a scale that covers all of them. */
export function reachOf(
  differences: readonly { mean: number; low: number | null; high: number | null }[],
  tieMargin: number,
): number {
  return differences
    .flatMap(({ mean, low, high }) => [mean, low ?? 0, high ?? 0])
    .reduce((most, value) => Math.max(most, Math.abs(value)), 2 * tieMargin);
}

/** Decorative: the numbers are in the cell before it. */
export function DifferenceMark({ mean, low, high, reach, tieMargin }: DifferenceMarkProps) {
  const x = scaleLinear([-reach, reach], [5, width - 5]).clamp(true);
  return (
    <svg className="interval" viewBox={`0 0 ${width} 20`} aria-hidden="true">
      <rect className="ties" x={x(-tieMargin)} width={x(tieMargin) - x(-tieMargin)} y={2} height={16} />
      <line className="track" x1={0} x2={width} y1={middle} y2={middle} />
      <line className="zero" x1={x(0)} x2={x(0)} y1={2} y2={18} />
      {low !== null && high !== null && <line className="span" x1={x(low)} x2={x(high)} y1={middle} y2={middle} />}
      <circle className="mean" cx={x(mean)} cy={middle} r={4} />
    </svg>
  );
}
