/**
 * Statistics measured after training, with the final weights: what `recalibrate`
 * policies do besides measuring layer after layer in inference mode.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { concat, dispose, tidy } from "@tensorflow/tfjs-core";
import { batchStatistics } from "./batch-norm";
import type { RecalibratePolicy } from "./policy/policy";
import type { RunningStatistics } from "./running-statistics";
import type { InferenceCursor } from "./selection";
import { populationStatistics } from "./selection";
import type { BatchNormLayer } from "./trace";

/**
 * Statistics of each layer in training mode, where each batch normalizes by its own: the mean of the batches' means,
 * and the mean of their unbiased variances (`update_bn` of torch.optim.swa_utils, and older versions of fvcore's
 * PreciseBN) or the biased variance of all their values (`pooled`, its newer versions). In float64. GPU → CPU once a
 * layer.
 * @param batches cursors before the first batch norm, one for each batch, of equal sizes; disposed here
 */
export async function trainingModeStatistics(
  batches: Iterable<InferenceCursor>,
  layers: readonly BatchNormLayer[],
  variance: "mean" | "pooled",
): Promise<RunningStatistics[]> {
  const measured: Tensor[][] = layers.map(() => []); // [layer][batch], [2, channels] each
  const counts = layers.map(() => 0);
  for (const cursor of batches) {
    for (const [layer, { channels }] of layers.entries()) {
      counts[layer] = cursor.value.size / channels;
      const statistics = batchStatistics(cursor.value);
      measured[layer]!.push(statistics);
      cursor.advance(statistics);
    }
    cursor.dispose();
  }
  return Promise.all(
    layers.map(async ({ channels }, layer) => {
      const all = tidy(() => concat(measured[layer]!));
      dispose(measured[layer]!);
      const values = await all.data<"float32">(); // GPU → CPU
      all.dispose();
      return averageOf(values, channels, counts[layer]!, variance);
    }),
  );
}

/** @param values `[batches, 2, channels]`: means, then biased variances */
function averageOf(values: Float32Array, channels: number, count: number, kind: "mean" | "pooled"): RunningStatistics {
  const batches = values.length / (2 * channels);
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  for (let batch = 0; batch < batches; batch++) {
    for (let c = 0; c < channels; c++) {
      mean[c]! += values[2 * batch * channels + c]! / batches;
      variance[c]! += values[(2 * batch + 1) * channels + c]! / batches;
    }
  }
  for (let c = 0; c < channels; c++) {
    if (kind === "mean") {
      variance[c] = count > 1 ? (variance[c]! * count) / (count - 1) : 0;
      continue;
    }
    for (let batch = 0; batch < batches; batch++)
      variance[c]! += (values[2 * batch * channels + c]! - mean[c]!) ** 2 / batches;
  }
  return { mean, variance };
}

/** Where a correction takes place. */
export interface CorrectionSite {
  /** Calibration examples before the batch norm. */
  cursors: readonly InferenceCursor[];
  /** Examples in a batch of training. */
  batchSize: number;
  /** Whether it is the network's last batch norm. */
  isLast: boolean;
}

/** `measured` after a policy's correction. GPU → CPU. */
export async function corrected(
  measured: RunningStatistics,
  correction: Exclude<Correction, { by: "loss" }>,
  site: CorrectionSite,
): Promise<RunningStatistics> {
  return correction.by === "small-batch" ? forSmallBatches(measured, site) : byConstants(measured, correction);
}

type Correction = NonNullable<RecalibratePolicy["correction"]>;
type Constants = Pick<Extract<Correction, { by: "constants" }>, "shift" | "scale">;

/** μ + shift·σ, and scale·σ. */
export const byConstants = ({ mean, variance }: RunningStatistics, { shift, scale }: Constants): RunningStatistics => ({
  mean: mean.map((value, c) => value + shift * Math.sqrt(variance[c]!)),
  variance: variance.map((value) => scale * scale * value),
});

/** Every pair of a correction by loss. */
export const correctionsOf = ({ shifts, scales }: Extract<Correction, { by: "loss" }>): Constants[] =>
  scales.flatMap((scale) => shifts.map((shift) => ({ shift, scale })));

/** The shift is sought within ± this many corrected deviations, by so many halvings. */
const MOST_SHIFT = 1;
const HALVINGS = 8;

/**
 * Our closed form for small batches. In training a layer divides by the deviation s of B values, and E[1/s] = a/σ with
 * `a = √(B/2) Γ((B−1)/2) / Γ(B/2)`; so σ becomes a·σ, and the mean moves until each channel's output has the mean that
 * it had. At the last batch norm σ becomes j·σ, `j = √(2/B) Γ((B−1)/2) / Γ((B−2)/2)`, at B = 2 one half. σ² includes
 * the layer's constant. No labels and no candidates; it does not minimize the estimation shift.
 */
async function forSmallBatches(
  { mean, variance }: RunningStatistics,
  { cursors, batchSize, isLast }: CorrectionSite,
): Promise<RunningStatistics> {
  const { epsilon } = cursors[0]!;
  const factor = isLast ? lastFactor(batchSize) : deviationFactor(batchSize);
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
const deviationFactor = (batchSize: number) => Math.sqrt(batchSize / 2) * gammaRatio(batchSize);

/** j above. */
const lastFactor = (batchSize: number) =>
  batchSize === 2 ? 0.5 : Math.sqrt(2 / batchSize) / gammaRatio(batchSize - 1);
