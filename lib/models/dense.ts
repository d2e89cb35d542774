/** A fully connected layer: `y = x · kernel (+ bias)`, `[batch, inputs]` → `[batch, units]`. */
import { add, matMul, sum } from "@tensorflow/tfjs-core";
import { CHANNEL_SUM, DENSE, DENSE_GRADIENT, runKernel } from "@/lib/dmbn";
import type { Layer } from "./layer";

export interface DenseOptions {
  /** Off where a norm follows, since the norm's offset does the same. */
  bias?: boolean;
  /** Whether its kernel starts from zeros. */
  zeros?: boolean;
}

export function dense(units: number, { bias = false, zeros = false }: DenseOptions = {}): Layer {
  return {
    kind: "dense",
    outputShape: () => [units],
    parameters: ([input]) => [
      { name: "kernel", shape: [input![0]!, units], initial: zeros ? 0 : { fanIn: input![0]! } },
      ...(bias ? [{ name: "bias", shape: [units], initial: 0 }] : []),
    ],
    forward([x], [kernel, biases]) {
      if (!biases) return { y: matMul(x!, kernel!), saved: [] };
      const inputs = { x: x!, kernel: kernel!, bias: biases };
      const [y] = runKernel(DENSE, inputs, {}, () => [add(matMul(x!, kernel!), biases)]);
      return { y: y!, saved: [] };
    },
    backward(dy, [x], _activation, [kernel], wantsInput) {
      const ofKernel = () => matMul(x!, dy, true, false);
      return {
        inputs: [wantsInput ? matMul(dy, kernel!, false, true) : null],
        parameters: bias
          ? runKernel(DENSE_GRADIENT, { x: x!, dy }, {}, () => [
              ofKernel(),
              ...runKernel(CHANNEL_SUM, { x: dy }, {}, () => [sum(dy, 0)]),
            ])
          : [ofKernel()],
      };
    },
  };
}
