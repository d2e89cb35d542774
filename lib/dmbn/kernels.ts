/**
 * The ops of batch norm, group norm and dense layers that a backend may implement itself: it
 * registers a TensorFlow.js kernel under one of these names. Without a kernel
 * the op is composed from tfjs-core ops and gives the same numbers.
 */
import type { NamedAttrMap, NamedTensorMap, Tensor } from "@tensorflow/tfjs-core";
import { engine, getBackend, getKernel, tidy } from "@tensorflow/tfjs-core";

/** inputs `{ x [rows, C] }` → `[statistics [2, C]]`: mean, then biased variance. */
export const BATCH_STATISTICS = "DMBench.BatchStatistics";

/** inputs `{ x [rows, C] }` → `[sum [C]]`, over the rows. */
export const CHANNEL_SUM = "DMBench.ChannelSum";

/** inputs `{ x [B, I], kernel [I, U], bias [U] }` → `[y [B, U]]`: `x · kernel + bias`. */
export const DENSE = "DMBench.Dense";

/** inputs `{ x [B, I], dy [B, U] }` → `[dkernel [I, U], dbias [U]]`. */
export const DENSE_GRADIENT = "DMBench.DenseGradient";

/**
 * inputs `{ x [rows, C], scale, offset, residual? }`, attrs `{ epsilon, relu }` → `[y [rows, C], statistics [2, C],
 * passed?]`: batch norm by the batch's own statistics. `passed` may say which values the rectifier passed, in a form
 * that only the backend's own gradient reads.
 */
export const BATCH_NORM = "DMBench.BatchNorm";

/**
 * inputs `{ x [rows, C], statistics [2, C], scale, offset, residual? }`, attrs `{ epsilon, relu }`
 * → `[y [rows, C]]`.
 */
export const NORMALIZE = "DMBench.Normalize";

/**
 * inputs `{ dy, x, y, statistics, scale, offset, passed? }`, attrs `{ epsilon, relu, residual }`
 * → `[dx, dscale, doffset, dresidual?]`; `passed` if `BATCH_NORM` gave it.
 */
export const NORMALIZE_GRADIENT = "DMBench.NormalizeGradient";

/**
 * `NORMALIZE_GRADIENT` of `dy + more`, with `more` as a further input, for a `y` that two layers read. The kernel adds
 * on the fly, so the sum takes no memory.
 */
export const NORMALIZE_GRADIENT_OF_SUM = "DMBench.NormalizeGradientOfSum";

/**
 * inputs `{ x [N, positions, C], scale, offset, residual? }`, attrs `{ groups, epsilon, relu }`
 * → `[y, statistics [2, N, G]]`.
 */
export const GROUP_NORM = "DMBench.GroupNorm";

/**
 * inputs `{ dy, x, y, statistics, scale }`, attrs `{ groups, epsilon, relu, residual }`
 * → `[dx, dscale, doffset, dresidual?]`.
 */
export const GROUP_NORM_GRADIENT = "DMBench.GroupNormGradient";

/**
 * The outputs of the current backend's kernel `name`, or of `compose` if the
 * backend has none. The caller disposes them; temporaries are disposed here.
 */
export function runKernel(
  name: string,
  inputs: NamedTensorMap,
  attrs: NamedAttrMap,
  compose: () => Tensor[],
): Tensor[] {
  if (getKernel(name, getBackend()) == null) return tidy(compose);
  return engine().runKernel<Tensor[]>(name, inputs, attrs);
}
