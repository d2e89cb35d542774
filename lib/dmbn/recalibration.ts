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
