/**
 * Norms over one example at a time (batch-free): group norm, and layer norm,
 * which is group norm with one group. They have no running statistics, so
 * training and inference are the same.
 * Wu & He 2018; Ba, Kiros & Hinton 2016. In XBNBlock (Huang et al., CVPR 2022)
 * they replace some of a network's batch norms.
 */
import type { NamedTensorMap, Tensor, Tensor1D, Tensor3D } from "@tensorflow/tfjs-core";
import {
  add,
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
  tidy,
  unstack,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import type { NormalizeOptions, NormGradients } from "./batch-norm";
import { DEFAULT_EPSILON } from "./batch-norm";
import { GROUP_NORM, GROUP_NORM_GRADIENT, runKernel } from "./kernels";

export interface GroupNormOptions extends NormalizeOptions {
  /** A divisor of the number of channels; 1 is layer norm, the number of channels itself is instance norm. */
  groups: number;
}

/** `y`, and the statistics that its gradient needs: `[2, batch, groups]`, mean and biased variance. */
export interface GroupNormOutput {
  y: Tensor;
  statistics: Tensor3D;
}

const asPositions = (x: Tensor) => reshape(x, [x.shape[0]!, -1, x.shape[x.rank - 1]!]);

/**
 * `relu?((x − mean) / √(variance + epsilon) · scale + offset + residual?)` with mean and
 * variance of each example's group of channels, over all positions.
 * @param x `[batch, …, channels]`
 * @param scale `[channels]`
 * @param offset `[channels]`
 * @returns `y` in the shape of `x`; the caller disposes both tensors
 * @throws RangeError if `groups` does not divide the channels
 */
export function groupNorm(
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  { groups, epsilon = DEFAULT_EPSILON, relu = false, residual = null }: GroupNormOptions,
): GroupNormOutput {
  const channels = x.shape[x.rank - 1]!;
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new RangeError(`group norm needs a number of groups that divides ${channels} channels, got ${groups}`);
  }
  const [y, statistics] = tidy(() => {
    const inputs: NamedTensorMap = { x: asPositions(x), scale, offset };
    if (residual) inputs.residual = asPositions(residual);
    const [y, statistics] = runKernel(GROUP_NORM, inputs, { groups, epsilon, relu }, () => {
      const grouped = split(inputs.x!, groups);
      const roughMean = meanOf(grouped, [1, 3], true);
      const centred = sub(grouped, roughMean);
      const correction = meanOf(centred, [1, 3], true);
      const deviation = sub(centred, correction);
      const variance = meanOf(square(deviation), [1, 3], true);
      const xhat = reshape(mul(deviation, rsqrt(add(variance, epsilon))), inputs.x!.shape);
      const normalized = add(mul(xhat, scale), offset);
      const summed = residual ? add(normalized, inputs.residual!) : normalized;
      const perGroup = [x.shape[0]!, groups];
      return [
        relu ? rectify(summed) : summed,
        stack([reshape(add(roughMean, correction), perGroup), reshape(variance, perGroup)]),
      ];
    });
    return [reshape(y!, x.shape), statistics!];
  });
  return { y: y!, statistics: statistics as Tensor3D };
}

/**
 * Gradients of `groupNorm`.
 * @param dy gradient of the loss with respect to `y`, the shape of `x`
 * @returns new tensors; the caller disposes them
 */
export function groupNormGradient(
  dy: Tensor,
  { x, output, scale }: { x: Tensor; output: GroupNormOutput; scale: Tensor },
  {
    groups,
    epsilon = DEFAULT_EPSILON,
    relu = false,
    residual = false,
  }: { groups: number; epsilon?: number; relu?: boolean; residual?: boolean },
): NormGradients {
  const [dx, dscale, doffset, dresidual] = tidy(() => {
    const { statistics } = output;
    const inputs = { dy: asPositions(dy), x: asPositions(x), y: asPositions(output.y), statistics, scale };
    const outputs = runKernel(GROUP_NORM_GRADIENT, inputs, { groups, epsilon, relu, residual }, () => {
      const [batch, positions, channels] = inputs.x.shape as [number, number, number];
      const perGroup = [batch, 1, groups, 1];
      const [mean, variance] = unstack(statistics) as [Tensor, Tensor];
      const inverseStd = rsqrt(add(reshape(variance, perGroup), epsilon));
      const xhat = mul(sub(split(inputs.x, groups), reshape(mean, perGroup)), inverseStd);
      const passed = relu ? where(greater(inputs.y, 0), inputs.dy, zerosLike(inputs.dy)) : inputs.dy;
      const g = split(mul(passed, scale), groups);
      const meanG = meanOf(g, [1, 3], true);
      const meanGx = meanOf(mul(g, xhat), [1, 3], true);
      const dx = reshape(mul(sub(g, add(meanG, mul(xhat, meanGx))), inverseStd), [batch, positions, channels]);
      const dscale = sum(mul(passed, reshape(xhat, inputs.x.shape)), [0, 1]);
      const doffset = sum(passed, [0, 1]);
      return residual ? [dx, dscale, doffset, passed] : [dx, dscale, doffset];
    });
    return outputs.map((output) => (output.rank === 3 ? reshape(output, x.shape) : output));
  });
  return { dx: dx!, dscale: dscale as Tensor1D, doffset: doffset as Tensor1D, dresidual: dresidual ?? null };
}

/** `[batch, positions, channels]` → `[batch, positions, groups, channels / groups]`. */
function split(x: Tensor, groups: number): Tensor {
  const [batch, positions, channels] = x.shape as [number, number, number];
  return reshape(x, [batch, positions, groups, channels / groups]);
}
