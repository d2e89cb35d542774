/**
 * The axes of a chart: scales, ticks and their labels, and labels that don't overlap. Pages draw them as HTML around an
 * SVG that stretches, the command as one SVG of fixed size.
 */
import { scaleLinear, scaleLog } from "d3-scale";
import { extent } from "./extent";

export interface ChartAxis {
  label: string;
  /** Default: linear. Memory always has a log axis, of its window in batches. */
  scale?: "linear" | "log";
  /** Default: the range of the values. */
  domain?: readonly [number, number];
  /** Default: round numbers; powers of ten on a log axis that spans two of them. */
  ticks?: readonly number[] | undefined;
  /** Default: four significant digits. */
  format?: (value: number) => string;
}

interface AxisLayout {
  /** The values to cover if the axis has no domain. */
  values: readonly number[];
  /** Positions of the axis's ends, in the drawing's units. */
  range: readonly [number, number];
  /** Approximate number of ticks, if the axis lists none. */
  ticks: number;
  /** Extends a linear axis to round numbers, for about this many ticks; not if it has a domain. */
  nice?: number;
  /** Gives ticks just enough digits to differ, ignoring the axis's format, unless they are huge or tiny. Default: false. */
  plainTicks?: boolean;
}

interface Tick {
  value: number;
  /** In the drawing's units. */
  at: number;
  label: string;
}

export interface FramedAxis {
  label: string;
  /** Maps a value to its position in the drawing. */
  scale: Scale;
  ticks: readonly Tick[];
}

type Scale = NonNullable<ReturnType<typeof scaleOf>>;

/** The axis's frame; null if no scale holds its values: none of them is finite, or they lie infinitely far apart. */
export function frameAxis(axis: ChartAxis, layout: AxisLayout): FramedAxis | null {
  const scale = scaleOf(axis, layout);
  if (!scale) return null;
  const digits = scale.tickFormat(layout.ticks);
  const largest = scale.domain().reduce((most, end) => Math.max(most, Math.abs(end)), 0);
  const plain = layout.plainTicks && largest < 1e6 && largest >= 1e-4;
  const label = (value: number) => (plain ? digits(value) : formatValue(axis, value));
  return {
    label: axis.label,
    scale,
    ticks: (axis.ticks ?? ticksOf(axis, scale, layout.ticks)).map((value) => ({
      value,
      at: scale(value),
      label: label(value),
    })),
  };
}

/** A value in the axis's format. */
export const formatValue = (axis: ChartAxis, value: number): string =>
  axis.format?.(value) ?? String(Number(value.toPrecision(4)));

function scaleOf(axis: ChartAxis, { values, range, nice }: AxisLayout) {
  const logarithmic = axis.scale === "log";
  const domain = axis.domain ?? domainOf(logarithmic ? values.filter((value) => value > tiniest) : values, logarithmic);
  if (!domain) return null;
  if (logarithmic) return scaleLog(domain, range);
  const scale = scaleLinear(domain, range);
  return nice !== undefined && !axis.domain ? scale.nice(nice) : scale;
}

/** A range that is narrower than this share of its values is rounding, and ticks in it would have the same label. */
const narrowest = 1e-9;

/** Numbers below have too few bits to divide a range by. */
const tiniest = 1e-290;

/** The range of the values, widened if it is next to none; null if it has no finite length. */
function domainOf(values: readonly number[], logarithmic: boolean): readonly [number, number] | null {
  const range = values.length > 0 ? extent(values) : { low: 1, high: 1 };
  if (!range || !Number.isFinite(range.high - range.low)) return null;
  const { low, high } = range;
  const largest = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > Math.max(tiniest, narrowest * largest)) return [low, high];
  const margin = logarithmic ? low / 2 : Math.max(0.5, largest / 1e6);
  return [low - margin, high + margin];
}

function ticksOf(axis: ChartAxis, scale: Scale, about: number): number[] {
  if (axis.scale !== "log") return scale.ticks(about);
  const [low, high] = scale.domain() as [number, number];
  const powers = [];
  for (let power = Math.ceil(Math.log10(low) - 1e-9); 10 ** power <= high * (1 + 1e-9); power++)
    powers.push(10 ** power);
  const stride = Math.ceil(powers.length / 12);
  return powers.length < 2 ? scale.ticks(about) : powers.filter((_, index) => index % stride === 0);
}

/**
 * Positions of labels, moved down until none overlaps the one above, and up again where they would leave the plot.
 * @param gap line height
 * @param limit lowest position
 * @returns in the order of `heights`
 */
export function spreadLabels(heights: readonly number[], gap: number, limit = Number.POSITIVE_INFINITY): number[] {
  const placed = [...heights];
  const fromTop = heights.map((_, index) => index).sort((a, b) => heights[a]! - heights[b]!);
  for (const [rank, index] of fromTop.entries())
    if (rank > 0) placed[index] = Math.max(placed[index]!, placed[fromTop[rank - 1]!]! + gap);
  for (const [rank, index] of fromTop.reverse().entries()) placed[index] = Math.min(placed[index]!, limit - rank * gap);
  return placed;
}
