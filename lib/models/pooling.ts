/** Layers without parameters that change an image's size. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { AvgPoolGrad, engine, MaxPoolGrad, maxPool as maxPooled, mean, reshape } from "@tensorflow/tfjs-core";
import type { Layer } from "./layer";

/** The maximum of each 2×2 square, stride 2; an odd last row or column is dropped. */
export function maxPool(): Layer {
  return {
    kind: "max-pool",
    outputShape: ([input]) => [Math.floor(input![0]! / 2), Math.floor(input![1]! / 2), input![2]!],
    parameters: () => [],
    forward: ([x]) => ({ y: maxPooled(x as Tensor4D, 2, 2, "valid"), saved: [] }),
    backward(dy, [x], { y }, _parameters, wantsInput) {
      const dx = () =>
        engine().runKernel<Tensor>(
          MaxPoolGrad,
          { dy, input: x!, output: y },
          { filterSize: [2, 2], strides: [2, 2], pad: "valid" },
        );
      return { inputs: [wantsInput ? dx() : null], parameters: [] };
    },
  };
}

/** The mean over all positions: `[batch, height, width, channels]` → `[batch, channels]`. */
export function globalAveragePool(): Layer {
  return {
    kind: "global-average-pool",
    outputShape: ([input]) => [input![2]!],
    parameters: () => [],
    forward: ([x]) => ({ y: mean(x!, [1, 2]), saved: [] }),
    backward(dy, [x], _activation, _parameters, wantsInput) {
      const [batch, height, width, channels] = x!.shape as [number, number, number, number];
      const dx = () =>
        engine().runKernel<Tensor>(
          AvgPoolGrad,
          { dy: reshape(dy, [batch, 1, 1, channels]), input: x! },
          { filterSize: [height, width], strides: [1, 1], pad: "valid" },
        );
      return { inputs: [wantsInput ? dx() : null], parameters: [] };
    },
  };
}

/** `[batch, …]` → `[batch, product of the rest]`. */
export function flatten(): Layer {
  return {
    kind: "flatten",
    outputShape: ([input]) => [input!.reduce((size, extent) => size * extent, 1)],
    parameters: () => [],
    forward: ([x]) => ({ y: reshape(x!, [x!.shape[0]!, -1]), saved: [] }),
    backward: (dy, [x], _activation, _parameters, wantsInput) => ({
      inputs: [wantsInput ? reshape(dy, x!.shape) : null],
      parameters: [],
    }),
  };
}
