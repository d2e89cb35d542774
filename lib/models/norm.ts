/**
 * Norm layers of a network: batch norm, or a batch-free norm in its place.
 * An optional second input is added to the normalized value (a residual
 * connection), and `relu` rectifies the sum.
 */
import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { batchNormGradient, groupNorm, groupNormGradient, normalizeBatch } from "@/lib/dmbn";
import type { Layer, Shape } from "./layer";

export interface NormOptions {
  epsilon: number;
  relu?: boolean;
}

const parameters = ([input]: readonly Shape[]) => {
  const channels = input![input!.length - 1]!;
  return [
    { name: "scale", shape: [channels], initial: 1 },
    { name: "offset", shape: [channels], initial: 0 },
  ];
};

export interface BatchNorm extends Layer {
  readonly kind: "batch-norm";
  readonly options: Required<NormOptions>;
}

/** Batch norm; in training it saves the batch's statistics, `[2, channels]`. */
export function batchNormLayer({ epsilon, relu = false }: NormOptions): BatchNorm {
  return {
    kind: "batch-norm",
    options: { epsilon, relu },
    outputShape: ([input]) => [...input!],
    parameters,
    forward([x, residual], [scale, offset]) {
      const options = { epsilon, relu, residual: residual ?? null };
      const { y, statistics, passed } = normalizeBatch(x!, scale!, offset!, options);
      return { y, saved: passed ? [statistics, passed] : [statistics] };
    },
    takesSum: true,
    backward(dy, [x, residual], { y, saved }, [scale, offset], _wantsInput, more) {
      const [statistics, passed] = saved as [Tensor2D, Tensor?];
      const { dx, dresidual, dscale, doffset } = batchNormGradient(
        dy,
        { x: x!, y, statistics, scale: scale!, offset: offset!, passed: passed ?? null },
        { epsilon, relu, residual: residual !== undefined, more: more ?? null },
      );
      return { inputs: residual ? [dx, dresidual] : [dx], parameters: [dscale, doffset] };
    },
  };
}

/** Group norm with `groups` groups; 1 on `[batch, features]` is layer norm. */
export function groupNormLayer({ groups, epsilon, relu = false }: NormOptions & { groups: number }): Layer {
  return {
    kind: "group-norm",
    outputShape: ([input]) => [...input!],
    parameters,
    forward([x, residual], [scale, offset]) {
      const { y, statistics } = groupNorm(x!, scale!, offset!, { groups, epsilon, relu, residual: residual ?? null });
      return { y, saved: [statistics] };
    },
    backward(dy, [x, residual], { y, saved }, [scale]) {
      const output = { y, statistics: saved[0] as Tensor3D };
      const { dx, dresidual, dscale, doffset } = groupNormGradient(
        dy,
        { x: x!, output, scale: scale! },
        { groups, epsilon, relu, residual: residual !== undefined },
      );
      return { inputs: residual ? [dx, dresidual] : [dx], parameters: [dscale, doffset] };
    },
  };
}

export const isBatchNorm = (layer: Layer): layer is BatchNorm => layer.kind === "batch-norm";
