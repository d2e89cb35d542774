/** A fully connected layer: `y = x · kernel (+ bias)`, `[batch, inputs]` → `[batch, units]`. */
import { add, matMul, sum } from "@tensorflow/tfjs-core";
import { CHANNEL_SUM, runKernel } from "@/lib/dmbn";
import type { Layer } from "./layer";

/** @param bias leave it off if a norm follows, since the norm's offset does the same */
export function dense(units: number, { bias = false }: { bias?: boolean } = {}): Layer {
  return {
    kind: "dense",
    outputShape: () => [units],
    parameters: ([input]) => [
      { name: "kernel", shape: [input![0]!, units], initial: { fanIn: input![0]! } },
      ...(bias ? [{ name: "bias", shape: [units], initial: 0 }] : []),
    ],
    forward([x], [kernel, biases]) {
      const product = matMul(x!, kernel!);
      return { y: biases ? add(product, biases) : product, saved: [] };
    },
    backward(dy, [x], _activation, [kernel], wantsInput) {
      return {
        inputs: [wantsInput ? matMul(dy, kernel!, false, true) : null],
        parameters: [
          matMul(x!, dy, true, false),
          ...(bias ? runKernel(CHANNEL_SUM, { x: dy }, {}, () => [sum(dy, 0)]) : []),
        ],
      };
    },
  };
}
