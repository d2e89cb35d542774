/** The loss and the optimizers on WebGPU; optimizers change weights where they lie. */
import { ADAM, ADAM_STEP, SGD_STEP, SOFTMAX_CROSS_ENTROPY } from "@/lib/training/kernels";
import { gridFor, INDEX, runProgram, THREADS, type WebGPUKernels } from "./webgpu-program";

interface StepAttributes {
  learningRate: number;
  momentum: number;
  weightDecay: number;
  /** From 1. */
  step: number;
}

/** WGSL: `largest` logit and `sum` of exponentials of the row that begins at `start`. */
const SOFTMAX = `
  var largest = logits[start];
  for (var k = 1; k < uniforms.classes; k = k + 1) { largest = max(largest, logits[start + k]); }
  var sum = 0.0;
  for (var k = 0; k < uniforms.classes; k = k + 1) { sum = sum + exp(logits[start + k] - largest); }`;

export const trainingKernels: WebGPUKernels<StepAttributes> = {
  [SOFTMAX_CROSS_ENTROPY]({ logits, labels }, _attributes, backend) {
    const [batch, classes] = logits!.shape as [number, number];
    const inputs = { logits: logits!, labels: labels! };
    const dlogits = runProgram(backend, {
      key: "cross_entropy_gradient",
      inputs,
      shape: [batch, classes],
      integers: { batch, classes },
      grid: gridFor(batch),
      code: `
fn main() {${INDEX("uniforms.batch")}
  let start = index * uniforms.classes;${SOFTMAX}
  for (var k = 0; k < uniforms.classes; k = k + 1) {
    let target_ = select(0.0, 1.0, k == labels[index]);
    result[start + k] = (exp(logits[start + k] - largest) / sum - target_) / f32(uniforms.batch);
  }
}`,
    });
    const loss = runProgram(backend, {
      key: "cross_entropy",
      inputs,
      shape: [],
      integers: { batch, classes },
      grid: [1, 1, 1],
      code: `
var<workgroup> losses : array<f32, ${THREADS}>;
fn main() {
  let at = i32(localId.x);
  var own = 0.0;
  for (var row = at; row < uniforms.batch; row = row + ${THREADS}) {
    let start = row * uniforms.classes;${SOFTMAX}
    own = own + log(sum) + largest - logits[start + labels[row]];
  }
  losses[at] = own;
  workgroupBarrier();
  for (var half = ${THREADS / 2}; half > 0; half = half / 2) {
    if (at < half) { losses[at] = losses[at] + losses[at + half]; }
    workgroupBarrier();
  }
  if (at == 0) { result[0] = losses[0] / f32(uniforms.batch); }
}`,
    });
    return [loss, dlogits];
  },

  [SGD_STEP]({ weight, velocity, gradient }, { learningRate, momentum, weightDecay }, backend) {
    const total = weight!.shape.reduce((size, extent) => size * extent, 1);
    const common = { integers: { total }, grid: gridFor(total) };
    runProgram(
      backend,
      {
        ...common,
        key: "sgd_velocity",
        inputs: { weight: weight!, gradient: gradient! },
        shape: velocity!.shape,
        floats: { momentum, weightDecay },
        code: `
fn main() {${INDEX("uniforms.total")}
  result[index] = uniforms.momentum * result[index] + gradient[index] + uniforms.weightDecay * weight[index];
}`,
      },
      velocity,
    );
    runProgram(
      backend,
      {
        ...common,
        key: "sgd_weight",
        inputs: { velocity: velocity! },
        shape: weight!.shape,
        floats: { learningRate },
        code: `
fn main() {${INDEX("uniforms.total")}
  result[index] = result[index] - uniforms.learningRate * velocity[index];
}`,
      },
      weight,
    );
    return [];
  },

  [ADAM_STEP]({ weight, first, second, gradient }, { learningRate, weightDecay, step }, backend) {
    const total = weight!.shape.reduce((size, extent) => size * extent, 1);
    const common = { integers: { total }, grid: gridFor(total) };
    const { beta1, beta2, epsilon } = ADAM;
    const moment = (key: string, tensor: typeof first, decay: number, term: string) =>
      runProgram(
        backend,
        {
          ...common,
          key,
          inputs: { weight: weight!, gradient: gradient! },
          shape: tensor!.shape,
          floats: { decay, fresh: 1 - decay, weightDecay },
          code: `
fn main() {${INDEX("uniforms.total")}
  let decayed = gradient[index] + uniforms.weightDecay * weight[index];
  result[index] = uniforms.decay * result[index] + uniforms.fresh * ${term};
}`,
        },
        tensor,
      );
    moment("adam_first", first, beta1, "decayed");
    moment("adam_second", second, beta2, "decayed * decayed");
    runProgram(
      backend,
      {
        ...common,
        key: "adam_weight",
        inputs: { first: first!, second: second! },
        shape: weight!.shape,
        floats: { rate: learningRate / (1 - beta1 ** step), correction: 1 / Math.sqrt(1 - beta2 ** step), epsilon },
        code: `
fn main() {${INDEX("uniforms.total")}
  result[index] = result[index] - uniforms.rate * first[index] / (sqrt(second[index]) * uniforms.correction + uniforms.epsilon);
}`,
      },
      weight,
    );
    return [];
  },
};
