/** The loss and the optimizers over typed arrays. Optimizers update weights in place. */
import { ADAM, ADAM_STEP, SGD_STEP, SOFTMAX_CROSS_ENTROPY } from "@/lib/training/kernels";
import type { HostKernels } from "./memory";

interface StepAttributes {
  count: number;
  rate: number;
  correction: number;
  momentum: number;
  weightDecay: number;
}

export const trainingKernels: HostKernels<StepAttributes> = {
  [SOFTMAX_CROSS_ENTROPY]({ logits, labels }, _attributes, memory) {
    const [batch, classes] = logits!.shape as [number, number];
    const outputs = [memory.allocate([]), memory.allocate([batch, classes])];
    const values = memory.floats(logits!);
    const targets = memory.integers(labels!);
    const [loss, dlogits] = outputs.map(memory.floats) as [Float32Array, Float32Array];
    let total = 0;
    for (let n = 0; n < batch; n++) {
      const from = n * classes;
      let largest = -Infinity;
      for (let k = 0; k < classes; k++) largest = Math.max(largest, values[from + k]!);
      let sum = 0;
      for (let k = 0; k < classes; k++) sum += Math.exp(values[from + k]! - largest);
      const target = targets[n]!;
      total += Math.log(sum) + largest - values[from + target]!;
      for (let k = 0; k < classes; k++)
        dlogits[from + k] = (Math.exp(values[from + k]! - largest) / sum - (k === target ? 1 : 0)) / batch;
    }
    loss[0] = total / batch;
    return outputs;
  },

  [SGD_STEP](inputs, { count, rate, momentum, weightDecay }, memory) {
    for (let k = 0; k < count; k++) {
      const [w, v, g] = ["weight", "velocity", "gradient"].map((name) => memory.floats(inputs[`${name}${k}`]!)) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      for (let index = 0; index < w.length; index++) {
        const velocity = momentum * v[index]! + g[index]! + weightDecay * w[index]!;
        v[index] = velocity;
        w[index] = w[index]! - rate * velocity;
      }
    }
    return [];
  },

  [ADAM_STEP](inputs, { count, rate, correction, weightDecay }, memory) {
    const { beta1, beta2, epsilon } = ADAM;
    for (let k = 0; k < count; k++) {
      const [w, m, v, g] = ["weight", "first", "second", "gradient"].map((name) =>
        memory.floats(inputs[`${name}${k}`]!),
      ) as [Float32Array, Float32Array, Float32Array, Float32Array];
      for (let index = 0; index < w.length; index++) {
        const decayed = g[index]! + weightDecay * w[index]!;
        const mean = beta1 * m[index]! + (1 - beta1) * decayed;
        const square = beta2 * v[index]! + (1 - beta2) * decayed * decayed;
        m[index] = mean;
        v[index] = square;
        w[index] = w[index]! - (rate * mean) / (Math.sqrt(square) / correction + epsilon);
      }
    }
    return [];
  },
};
