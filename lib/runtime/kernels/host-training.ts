/** The loss and the optimizers over typed arrays; optimizers change weights where they lie. */
import { ADAM, ADAM_STEP, SGD_STEP, SOFTMAX_CROSS_ENTROPY } from "@/lib/training/kernels";
import type { HostKernels } from "../host-memory";

interface StepAttributes {
  learningRate: number;
  momentum: number;
  weightDecay: number;
  /** From 1. */
  step: number;
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
      for (let k = 0; k < classes; k++) dlogits[from + k] = (Math.exp(values[from + k]! - largest) / sum - (k === target ? 1 : 0)) / batch;
    }
    loss[0] = total / batch;
    return outputs;
  },

  [SGD_STEP]({ weight, velocity, gradient }, { learningRate, momentum, weightDecay }, memory) {
    const [w, v, g] = [weight!, velocity!, gradient!].map(memory.floats) as [Float32Array, Float32Array, Float32Array];
    for (let index = 0; index < w.length; index++) {
      const kept = momentum * v[index]! + g[index]! + weightDecay * w[index]!;
      v[index] = kept;
      w[index] = w[index]! - learningRate * kept;
    }
    return [];
  },

  [ADAM_STEP]({ weight, first, second, gradient }, { learningRate, weightDecay, step }, memory) {
    const [w, m, v, g] = [weight!, first!, second!, gradient!].map(memory.floats) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const { beta1, beta2, epsilon } = ADAM;
    const rate = learningRate / (1 - beta1 ** step);
    const correction = Math.sqrt(1 - beta2 ** step);
    for (let index = 0; index < w.length; index++) {
      const decayed = g[index]! + weightDecay * w[index]!;
      const mean = beta1 * m[index]! + (1 - beta1) * decayed;
      const square = beta2 * v[index]! + (1 - beta2) * decayed * decayed;
      m[index] = mean;
      v[index] = square;
      w[index] = w[index]! - (rate * mean) / (Math.sqrt(square) / correction + epsilon);
    }
    return [];
  },
};
