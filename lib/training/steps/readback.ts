/**
 * What a training step tells, packed into one tensor so that several steps cost one readback: its loss, and each batch
 * norm's statistics.
 */
import type { Scalar, Tensor1D } from "@tensorflow/tfjs-core";
import { concat, reshape } from "@tensorflow/tfjs-core";
import type { BatchStatistics, ChannelStatistics } from "@/lib/dmbn";
import type { BatchNormNode } from "@/lib/models";

/** @returns `[1 + 2 · channels]`: the loss, then mean and biased variance of each batch norm */
export const packReport = (loss: Scalar, statistics: readonly ChannelStatistics[]): Tensor1D =>
  concat([reshape(loss, [1]), ...statistics.map((layer) => reshape(layer, [-1]))]) as Tensor1D;

/** The numbers of a packed report; variances made unbiased by the values behind them. */
export function readReport(
  row: Float32Array,
  batchNorms: readonly BatchNormNode[],
  batchSize: number,
): { loss: number; batches: BatchStatistics[] } {
  let at = 1;
  const batches = batchNorms.map(({ channels, positions }): BatchStatistics => {
    const mean = row.subarray(at, at + channels);
    const biased = row.subarray(at + channels, (at += 2 * channels));
    const count = batchSize * positions;
    return { mean, variance: count > 1 ? biased.map((value) => (value * count) / (count - 1)) : biased, count };
  });
  return { loss: row[0]!, batches };
}
