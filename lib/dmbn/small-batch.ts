/**
 * Our closed form for networks that were trained on small batches, where a layer divided by a deviation that is smaller
 * and noisier than the population's. Without labels and without candidates.
 */
import { dispose } from "@tensorflow/tfjs-core";
import type { RunningStatistics } from "./running-statistics";
import type { InferenceCursor } from "./selection";
import { populationStatistics } from "./selection";

/** Where the correction takes place. */
export interface CorrectionSite {
  /** Calibration examples before the batch norm. */
  cursors: readonly InferenceCursor[];
  /** Values of a channel in a batch of training, at least 2. */
  values: number;
  /** Whether it is the network's last batch norm. */
  isLast: boolean;
}

/** The shift is sought within ± this many corrected deviations, by so many halvings. */
const MOST_SHIFT = 1;
const HALVINGS = 8;

/**
 * In training a layer divides by the deviation s of B values, and E[1/s] = a/σ with `a = √(B/2) Γ((B−1)/2) / Γ(B/2)`; so
 * σ becomes a·σ, and the mean moves until each channel's output has the mean that it had. At the last batch norm σ
 * becomes j·σ, `j = √(2/B) Γ((B−1)/2) / Γ((B−2)/2)`, at B = 2 one half. σ² includes the layer's constant. B counts
 * positions too: in a convolution a is near 1 (to take B for the examples alone cost .14 points on eight development
 * runs). It does not minimize the estimation shift. GPU → CPU.
 */
export async function forSmallBatches(
  { mean, variance }: RunningStatistics,
  { cursors, values, isLast }: CorrectionSite,
): Promise<RunningStatistics> {
  const { epsilon } = cursors[0]!;
  const factor = isLast ? lastFactor(values) : deviationFactor(values);
  const scaled = variance.map((value) => Math.max(0, factor ** 2 * (value + epsilon) - epsilon));
  if (isLast) return { mean, variance: scaled };
  const moved = (shift: Float64Array): RunningStatistics => ({
    mean: mean.map((value, c) => value - shift[c]! * Math.sqrt(scaled[c]! + epsilon)),
    variance: scaled,
  });
  const target = await outputMeans(cursors, { mean, variance });
  return moved(await whereReached(target, (shift) => outputMeans(cursors, moved(shift))));
}

/**
 * Where each of several monotone functions reaches its target, between `−MOST_SHIFT` and `MOST_SHIFT`: by halving the
 * interval, then along the line between its ends. 0 for a function that is constant.
 */
async function whereReached(
  target: Float64Array,
  values: (at: Float64Array) => Promise<Float64Array>,
): Promise<Float64Array> {
  const low = target.map(() => -MOST_SHIFT);
  const high = target.map(() => MOST_SHIFT);
  const [atLow, atHigh] = [await values(low), await values(high)];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = low.map((value, c) => (value + high[c]!) / 2);
    const found = await values(middle);
    for (let c = 0; c < target.length; c++) {
      const isBelow = atHigh[c]! > atLow[c]! ? found[c]! < target[c]! : found[c]! > target[c]!;
      const [end, atEnd] = isBelow ? [low, atLow] : [high, atHigh];
      end[c] = middle[c]!;
      atEnd[c] = found[c]!;
    }
  }
  return low.map((value, c) => {
    if (atHigh[c] === atLow[c]) return value === -MOST_SHIFT || high[c] === MOST_SHIFT ? 0 : value;
    const share = (target[c]! - atLow[c]!) / (atHigh[c]! - atLow[c]!);
    return value + Math.min(1, Math.max(0, share)) * (high[c]! - value);
  });
}

/** The mean of each channel of a batch norm's outputs, over all cursors. GPU → CPU. */
async function outputMeans(cursors: readonly InferenceCursor[], statistics: RunningStatistics): Promise<Float64Array> {
  const outputs = cursors.map((cursor) => cursor.output(statistics));
  const { mean } = await populationStatistics(outputs);
  dispose(outputs);
  return mean;
}

/** `Γ((n−1)/2) / Γ(n/2)` for n ≥ 2, by its recurrence. */
function gammaRatio(n: number): number {
  let ratio = n % 2 === 0 ? Math.sqrt(Math.PI) : 2 / Math.sqrt(Math.PI);
  for (let k = n % 2 === 0 ? 2 : 3; k < n; k += 2) ratio *= (k - 1) / k;
  return ratio;
}

/** `E[1/s] σ` for the deviation s of B ≥ 2 normal values: a above. */
const deviationFactor = (values: number) => Math.sqrt(values / 2) * gammaRatio(values);

/** j above. */
const lastFactor = (values: number) => (values === 2 ? 0.5 : Math.sqrt(2 / values) / gammaRatio(values - 1));
