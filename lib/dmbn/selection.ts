/**
 * Selection of running statistics by estimation shift: the walk through a
 * network's batch norms in forward order, which every policy shares, and DMBN's
 * choice. The dissertation's method as we read it: each layer gets the
 * candidate with the least shift, given the choices of the layers before it.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { concat, tidy } from "@tensorflow/tfjs-core";
import type { ChannelStatistics } from "./batch-norm";
import { batchStatistics } from "./batch-norm";
import type { EstimationShift } from "./estimation-shift";
import { channelShift, estimationShift, totalShift } from "./estimation-shift";
import type { RunningStatistics } from "./running-statistics";
import type { BatchNormLayer } from "./trace";

/** Inference on one chunk of inputs, stopped before a batch norm. */
export interface InferenceCursor {
  /** Index of the batch norm whose input is ready; the number of batch norms at the end. */
  readonly layer: number;
  /** That input `[batch, …, channels]`, or the logits at the end. Owned by the cursor. */
  readonly value: Tensor;
  /** A copy at the same batch norm; shares memory until one of the two advances. */
  fork(): InferenceCursor;
  /** The constant that the batch norm adds to the variance. */
  readonly epsilon: number;
  /** Normalizes by `statistics` and runs to the next batch norm or the end. */
  advance(statistics: RunningStatistics | ChannelStatistics): void;
  /**
   * What the batch norm would give by `statistics`: with a residual added and rectified, if that follows. The caller
   * disposes it.
   */
  output(statistics: RunningStatistics): Tensor;
  dispose(): void;
}

/** What this library needs of a network: its batch norms in forward order, and inference that stops at each. */
export interface BatchNormNetwork {
  readonly batchNorms: readonly BatchNormLayer[];
  start(x: Tensor): InferenceCursor;
}

/** A layer's statistics for inference, and those it normalizes by while later layers are measured. */
export interface Choice {
  statistics: RunningStatistics;
  /** Default: `statistics`. */
  passedOn?: RunningStatistics;
}

export interface Walk {
  statistics: RunningStatistics[];
  /**
   * Statistics of each layer's input over all chunks, given the choices of earlier layers; the variance is biased.
   */
  population: RunningStatistics[];
  shift: EstimationShift[];
}

/**
 * Advances `cursors` through all batch norms in forward order. At each it
 * measures the input over all chunks and calls `choose`. One pass over the
 * calibration set; one readback per layer. Afterwards the cursors are at the logits.
 */
export async function walk(
  cursors: readonly InferenceCursor[],
  layers: readonly BatchNormLayer[],
  choose: (layer: number, population: RunningStatistics) => Choice | Promise<Choice>,
): Promise<Walk> {
  const result: Walk = { statistics: [], population: [], shift: [] };
  for (let layer = 0; layer < layers.length; layer++) {
    const population = await populationStatistics(cursors.map((cursor) => cursor.value));
    const { statistics, passedOn = statistics } = await choose(layer, population);
    for (const cursor of cursors) cursor.advance(passedOn);
    result.statistics.push(statistics);
    result.population.push(population);
    result.shift.push(estimationShift(statistics, population));
  }
  return result;
}

/**
 * Mean and biased variance of each channel over all chunks together, merged in
 * float64 (Chan, Golub & LeVeque 1983). GPU → CPU.
 * @param chunks `[batch, …, channels]` each
 */
export async function populationStatistics(chunks: readonly Tensor[]): Promise<RunningStatistics> {
  const channels = chunks[0]!.shape.at(-1)!;
  const measured = tidy(() => concat(chunks.map(batchStatistics)));
  const values = await measured.data<"float32">(); // GPU → CPU
  measured.dispose();
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels); // sums of squares, divided by the count at the end
  let count = 0;
  chunks.forEach((chunk, index) => {
    const added = chunk.size / channels;
    const total = count + added;
    for (let c = 0; c < channels; c++) {
      const chunkMean = values[2 * index * channels + c]!;
      const chunkVariance = values[(2 * index + 1) * channels + c]!;
      const difference = chunkMean - mean[c]!;
      mean[c] = mean[c]! + (difference * added) / total;
      variance[c] = variance[c]! + chunkVariance * added + (difference * difference * count * added) / total;
    }
    count = total;
  });
  for (let c = 0; c < channels; c++) variance[c] = variance[c]! / count;
  return { mean, variance };
}

export interface LeastShift {
  statistics: RunningStatistics;
  /** Index of the chosen candidate; null if channels, or mean and variance, chose separately. */
  candidate: number | null;
  /** Total shift of each candidate as a whole. */
  table: number[];
}

/**
 * The candidate with the least total shift; on a tie, the first.
 * @param perChannel every channel chooses separately
 * @param separate mean and variance choose separately
 */
export function leastShift(
  candidates: readonly RunningStatistics[],
  population: RunningStatistics,
  { perChannel = false, separate = false }: { perChannel?: boolean; separate?: boolean } = {},
): LeastShift {
  if (candidates.length === 0) throw new RangeError("a selection needs at least one candidate");
  const channels = population.mean.length;
  const shifts = candidates.map((candidate) => estimationShift(candidate, population));
  const table = shifts.map(totalShift);
  if (!perChannel && !separate) {
    const candidate = indexOfLeast(table);
    return { statistics: candidates[candidate]!, candidate, table };
  }
  const statistics = { mean: new Float64Array(channels), variance: new Float64Array(channels) };
  for (let c = 0; c < channels; c++) {
    const [means, stds] = [0, 1].map((part) =>
      candidates.map((candidate, k) => {
        if (!perChannel) return part === 0 ? shifts[k]!.mean : shifts[k]!.std;
        return Math.abs(channelShift(candidate, population, c)[part as 0 | 1]);
      }),
    ) as [number[], number[]];
    const ofMean = indexOfLeast(separate ? means : means.map((mean, k) => mean + stds[k]!));
    const ofVariance = separate ? indexOfLeast(stds) : ofMean;
    statistics.mean[c] = candidates[ofMean]!.mean[c]!;
    statistics.variance[c] = candidates[ofVariance]!.variance[c]!;
  }
  return { statistics, candidate: null, table };
}

/** Index of the smallest value, the first on a tie; NaN never wins. */
function indexOfLeast(values: readonly number[]): number {
  let least = 0;
  values.forEach((value, index) => {
    if (value < values[least]! || Number.isNaN(values[least]!)) least = index;
  });
  return least;
}
