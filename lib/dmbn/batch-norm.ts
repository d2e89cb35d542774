/**
 * The parts of batch norm: the statistics of a batch, normalization by given
 * statistics, and the gradient through both.
 * Ioffe & Szegedy 2015, §3 and §3.1. Any rank, channels last.
 *
 * Training and inference differ only in the statistics that normalize: those of
 * the batch, or running ones. Nothing here has state.
 */
import type { NamedTensorMap, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import {
  add,
  customGrad,
  greater,
  mean as meanOf,
  mul,
  relu as rectify,
  reshape,
  rsqrt,
  square,
  stack,
  sub,
  sum,
  Tensor,
  tensor2d,
  tidy,
  unstack,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import {
  BATCH_NORM,
  BATCH_STATISTICS,
  NORMALIZE,
  NORMALIZE_GRADIENT,
  NORMALIZE_GRADIENT_OF_SUM,
  runKernel,
} from "./kernels";

export const DEFAULT_EPSILON = 1e-5;

/** `[2, channels]` on the device: the mean of each channel over all other axes, then its variance. */
export type ChannelStatistics = Tensor2D;

export interface NormalizeOptions {
  /** Added to the variance. Default 1e-5, as in PyTorch. */
  epsilon?: number;
  /** Rectify the result: `max(0, y)`. */
  relu?: boolean;
  /** Added to the normalized value before the rectifier; the shape of `x`. */
  residual?: Tensor | null;
}

export interface NormGradients {
  dx: Tensor;
  dscale: Tensor1D;
  doffset: Tensor1D;
  /** Gradient of the residual, if there is one. */
  dresidual: Tensor | null;
}

const channelsOf = (x: Tensor) => {
  const channels = x.shape[x.rank - 1];
  if (x.rank < 2 || channels === undefined)
    throw new RangeError(`batch norm expects rank ≥ 2 with channels last, got shape [${x.shape}]`);
  return channels;
};

const asRows = (x: Tensor) => reshape(x, [-1, channelsOf(x)]);

/**
 * Mean and biased variance of each channel, in two passes with a correction, so
 * that a large mean costs no precision.
 * @param x `[…, channels]`; with one row the variance is 0
 * @returns `[2, channels]`; the caller disposes it
 */
export function batchStatistics(x: Tensor): ChannelStatistics {
  return tidy(() => {
    const rows = asRows(x);
    const [statistics] = runKernel(BATCH_STATISTICS, { x: rows }, {}, () => {
      const roughMean = meanOf(rows, 0);
      const centred = sub(rows, roughMean);
      const correction = meanOf(centred, 0);
      return [stack([add(roughMean, correction), meanOf(square(sub(centred, correction)), 0)])];
    });
    return statistics as Tensor2D;
  });
}

/**
 * Mean and variance of each channel as one tensor `[2, channels]`; a new one even if they already are. CPU → GPU; the
 * caller disposes it.
 */
export function channelStatistics(
  statistics: ChannelStatistics | { mean: ArrayLike<number>; variance: ArrayLike<number> },
): ChannelStatistics {
  if (statistics instanceof Tensor) return statistics.clone();
  const { mean, variance } = statistics;
  const values = new Float32Array(2 * mean.length);
  values.set(mean);
  values.set(variance, mean.length);
  return tensor2d(values, [2, mean.length]);
}

/**
 * `relu?((x − mean) / √(variance + epsilon) · scale + offset + residual?)`, channel by channel.
 * Subtracting first avoids the cancellation in `x·s − mean·s`.
 * @param x `[…, channels]`
 * @returns the shape of `x`; the caller disposes it
 */
export function normalize(
  x: Tensor,
  statistics: ChannelStatistics,
  scale: Tensor,
  offset: Tensor,
  { epsilon = DEFAULT_EPSILON, relu = false, residual = null }: NormalizeOptions = {},
): Tensor {
  return tidy(() => {
    const inputs: NamedTensorMap = { x: asRows(x), statistics, scale, offset };
    if (residual) inputs.residual = asRows(residual);
    const [y] = runKernel(NORMALIZE, inputs, { epsilon, relu }, () => {
      const [mean, variance] = unstack(statistics) as [Tensor, Tensor];
      const factor = mul(rsqrt(add(variance, epsilon)), scale);
      const normalized = add(mul(sub(inputs.x!, mean), factor), offset);
      const summed = residual ? add(normalized, inputs.residual!) : normalized;
      return [relu ? rectify(summed) : summed];
    });
    return reshape(y!, x.shape);
  });
}

/** What a batch norm gives in training. */
export interface BatchNormOutput {
  y: Tensor;
  statistics: ChannelStatistics;
  /** Which values the rectifier passed, if the backend keeps that for its gradient. */
  passed: Tensor | null;
}

/**
 * `normalize(x, batchStatistics(x), scale, offset, options)`, and those statistics.
 * @param x `[…, channels]`
 * @returns `y` in the shape of `x`; the caller disposes all tensors
 */
export function normalizeBatch(
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  { epsilon = DEFAULT_EPSILON, relu = false, residual = null }: NormalizeOptions = {},
): BatchNormOutput {
  const [y, statistics, passed] = tidy(() => {
    const inputs: NamedTensorMap = { x: asRows(x), scale, offset, ...(residual && { residual: asRows(residual) }) };
    const [y, ...rest] = runKernel(BATCH_NORM, inputs, { epsilon, relu }, () => {
      const statistics = batchStatistics(x);
      return [normalize(x, statistics, scale, offset, { epsilon, relu, residual }), statistics];
    });
    return [reshape(y!, x.shape), ...rest];
  });
  return { y: y!, statistics: statistics as Tensor2D, passed: passed ?? null };
}

/**
 * Gradients of `normalizeBatch(x, scale, offset, options)`, through the statistics
 * too.
 * @param dy gradient of the loss with respect to `y`, the shape of `x`
 * @param y the output of the forward pass; read only with `relu`
 * @param passed as `normalizeBatch` gave it, if it did
 * @param more a second gradient with respect to `y`, added to `dy`, if two layers read `y`; the shape of `x`
 * @returns new tensors; the caller disposes them
 */
export function batchNormGradient(
  dy: Tensor,
  {
    x,
    y,
    statistics,
    scale,
    offset,
    passed,
  }: Omit<BatchNormOutput, "passed"> & { x: Tensor; scale: Tensor; offset: Tensor; passed?: Tensor | null },
  {
    epsilon = DEFAULT_EPSILON,
    relu = false,
    residual = false,
    more = null,
  }: { epsilon?: number; relu?: boolean; residual?: boolean; more?: Tensor | null } = {},
): NormGradients {
  const attributes = { epsilon, relu, residual };
  const [dx, dscale, doffset, dresidual] = tidy(() => {
    const inputs = {
      dy: asRows(dy),
      x: asRows(x),
      y: asRows(y),
      statistics,
      scale,
      offset,
      ...(passed && { passed }),
    };
    const outputs = more
      ? runKernel(NORMALIZE_GRADIENT_OF_SUM, { ...inputs, more: asRows(more) }, attributes, () =>
          gradient({ ...inputs, dy: add(inputs.dy, asRows(more)) }),
        )
      : gradient(inputs);
    return outputs.map((output) => (output.rank === 2 ? reshape(output, x.shape) : output));
  });
  return { dx: dx!, dscale: dscale as Tensor1D, doffset: doffset as Tensor1D, dresidual: dresidual ?? null };

  function gradient(
    inputs: Record<"dy" | "x" | "y" | "scale" | "offset", Tensor> & { statistics: ChannelStatistics },
  ): Tensor[] {
    return runKernel(NORMALIZE_GRADIENT, inputs, attributes, () => {
      const [mean, variance] = unstack(statistics) as [Tensor, Tensor];
      const passed = relu ? where(greater(inputs.y, 0), inputs.dy, zerosLike(inputs.dy)) : inputs.dy;
      const inverseStd = rsqrt(add(variance, epsilon));
      const xhat = mul(sub(inputs.x, mean), inverseStd);
      const doffset = sum(passed, 0);
      const dscale = sum(mul(passed, xhat), 0);
      const share = mul(add(doffset, mul(xhat, dscale)), 1 / inputs.x.shape[0]!);
      const dx = mul(sub(passed, share), mul(inverseStd, scale));
      return residual ? [dx, dscale, doffset, passed] : [dx, dscale, doffset];
    });
  }
}

/**
 * Batch norm in training mode as one differentiable op, for networks built on
 * TensorFlow.js's automatic differentiation: `x` is normalized by its own
 * mean and variance.
 * @param x `[…, channels]`
 * @param scale `[channels]`
 * @param offset `[channels]`
 * @returns the shape of `x`; the caller disposes it. The batch's statistics come from `batchStatistics(x)`.
 */
export function batchNorm(
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  { epsilon = DEFAULT_EPSILON }: { epsilon?: number } = {},
): Tensor {
  const op = customGrad((...args) => {
    const [x, scale, offset, save] = args as unknown as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
    const { y, statistics } = normalizeBatch(x, scale, offset, { epsilon });
    save([x, scale, offset, statistics]);
    return {
      value: y,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [x, scale, offset, statistics] = saved as [Tensor, Tensor, Tensor, Tensor2D];
        const { dx, dscale, doffset } = batchNormGradient(dy, { x, y: x, statistics, scale, offset }, { epsilon });
        return [dx, dscale, doffset];
      },
    };
  });
  return op(x, scale, offset);
}
