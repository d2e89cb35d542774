/**
 * The report of a training step, its loss and every batch norm's statistics, packed into one tensor, so that
 * several steps need only one readback.
 */
import type { Scalar, Tensor1D } from "@tensorflow/tfjs-core";
import { concat, reshape } from "@tensorflow/tfjs-core";
import type { BatchStatistics, ChannelStatistics } from "@/lib/dmbn";
import type { BatchNormNode } from "@/lib/models";

/** @returns `[1 + 2 · channels]`: the loss, then mean and biased variance of each batch norm */
export const packReport = (loss: Scalar, statistics: readonly ChannelStatistics[]): Tensor1D =>
  concat([reshape(loss, [1]), ...statistics.map((layer) => reshape(layer, [-1]))]) as Tensor1D;

/** Unpacks a report in place; variances become unbiased, using the number of values per channel. */
export function readReport(
  row: Float32Array,
  batchNorms: readonly BatchNormNode[],
  batchSize: number,
): { loss: number; batches: BatchStatistics[] } {
  let offset = 1;
  const batches = batchNorms.map(({ channels, positions }): BatchStatistics => {
    const mean = row.subarray(offset, offset + channels);
    const variance = row.subarray(offset + channels, offset + 2 * channels);
    offset += 2 * channels;
    const count = batchSize * positions;
    if (count > 1) for (let c = 0; c < channels; c++) variance[c] = (variance[c]! * count) / (count - 1);
    return { mean, variance, count };
  });
  return { loss: row[0]!, batches };
}
