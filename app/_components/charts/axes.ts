/** Scales, ticks and labels that the charts share. */
import { scaleLinear, scaleLog } from "d3-scale";

export interface ChartAxis {
  label: string;
  /** Default: linear. Momentum always stands on a log axis of its window. */
  scale?: "linear" | "log";
  /** Default: what the series span. */
  domain?: readonly [number, number];
  ticks?: readonly number[] | undefined;
  format?: (value: number) => string;
}

/** From values to a fraction of the plot. */
export function makeScale(axis: ChartAxis, values: readonly number[], range: readonly [number, number], nice: boolean) {
  const finite = values.filter(Number.isFinite);
  const domain = axis.domain ?? (finite.length > 0 ? [Math.min(...finite), Math.max(...finite)] : [0, 1]);
  const padded = domain[0] === domain[1] ? [domain[0]! - 0.5, domain[1]! + 0.5] : [...domain];
  if (axis.scale === "log") return scaleLog(padded, range);
  const scale = scaleLinear(padded, range);
  return nice && !axis.domain ? scale.nice(4) : scale;
}

/** Where a scale is marked. */
export function ticks(axis: ChartAxis, scale: ReturnType<typeof makeScale>, about: number): number[] {
  if (axis.scale !== "log") return scale.ticks(about);
  const [low, high] = scale.domain() as [number, number];
  const powers = [];
  for (let power = Math.ceil(Math.log10(low) - 1e-9); 10 ** power <= high * (1 + 1e-9); power++)
    powers.push(10 ** power);
  return powers.length < 2 ? scale.ticks(about) : powers;
}

/** Moves labels apart until none covers another, 14 px a line, inside the plot. */
export function spread<Label extends { at: number }>(labels: Label[], height: number): Label[] {
  const gap = 14;
  const sorted = [...labels].sort((a, b) => a.at - b.at);
  for (let i = 1; i < sorted.length; i++) sorted[i]!.at = Math.max(sorted[i]!.at, sorted[i - 1]!.at + gap);
  const excess = (sorted.at(-1)?.at ?? 0) - height;
  if (excess > 0) {
    for (let i = sorted.length - 1, limit = height; i >= 0; i--, limit -= gap)
      sorted[i]!.at = Math.min(sorted[i]!.at, limit);
  }
  return sorted;
}

/** A value as the axis prints it. */
export const format = (axis: ChartAxis, value: number): string =>
  axis.format?.(value) ?? String(Number(value.toPrecision(4)));
