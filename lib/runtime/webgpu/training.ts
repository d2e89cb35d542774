/** WebGPU kernels of a training step: its beginning and end, the loss, and the optimizers, which update in place. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import {
  ADAM,
  ADAM_STEP,
  BEGIN_STEP,
  GATHER_BATCH,
  SGD_STEP,
  SOFTMAX_CROSS_ENTROPY,
  STORE_REPORT,
} from "@/lib/training/kernels";
import type { CapturingBackend, WebGPUKernels } from "./backend";
import { sideBySide } from "./capture";
import { gridFor, INDEX, sizeOf } from "./program";

interface StepAttributes {
  count: number;
  rate: number;
  correction: number;
  momentum: number;
  weightDecay: number;
  batch: number;
  height: number;
  width: number;
  channels: number;
}

type Inputs = Record<string, TensorInfo | undefined>;

/** WGSL: `largest` logit and `sum` of exponentials of the row that begins at `start`. */
const SOFTMAX = `
    var largest = logits[start];
    for (var k = 1; k < uniforms.classes; k = k + 1) { largest = max(largest, logits[start + k]); }
    var sum = 0.0;
    for (var k = 0; k < uniforms.classes; k = k + 1) { sum = sum + exp(logits[start + k] - largest); }`;

/** Threads of the single workgroup that computes a batch's loss. */
const LOSS_THREADS = 256;

/** The inputs `name0`, `name1` … */
const listed = (inputs: Inputs, name: string, count: number) =>
  Array.from({ length: count }, (_, index) => inputs[`${name}${index}`]!);

/** Where each tensor begins in an array of all, side by side, and the length of that array; in values. */
function placesOf(tensors: readonly TensorInfo[]): { places: number[]; length: number } {
  const { offsets, total } = sideBySide(tensors.map((tensor) => 4 * sizeOf(tensor)));
  return { places: offsets.map((offset) => offset / 4), length: total / 4 };
}

/**
 * A step of an optimizer: one dispatch for all parameters, which lie side by side.
 * @param changed names of the tensors to update in place, one of each per parameter
 * @param update WGSL that updates the parameter at `index`
 */
function optimize(
  backend: CapturingBackend,
  key: string,
  inputs: Inputs,
  { count, rate, correction = 1 }: StepAttributes,
  changed: readonly string[],
  floats: Record<string, number>,
  update: string,
): TensorInfo[] {
  const rates = inputs.rates ?? backend.makeTensorInfo([2], "float32", Float32Array.of(rate, correction));
  const gradient = listed(inputs, "gradient", count);
  const { length } = placesOf(gradient);
  backend.run({
    key,
    inputs: { gradient, rates },
    outputs: Object.fromEntries(changed.map((name) => [name, listed(inputs, name, count)])),
    integers: { length },
    floats,
    grid: gridFor(length),
    code: `
fn main() {${INDEX("uniforms.length")}${update}
}`,
  });
  if (!inputs.rates) backend.disposeData(rates.dataId);
  return [];
}

export const trainingKernels: WebGPUKernels<StepAttributes> = {
  [SOFTMAX_CROSS_ENTROPY]({ logits, labels }, _attributes, backend) {
    const [batch, classes] = logits!.shape as [number, number];
    return backend.run({
      key: "cross_entropy",
      inputs: { logits: logits!, labels: labels! },
      outputs: { loss: { shape: [] }, dlogits: { shape: [batch, classes] } },
      integers: { batch, classes },
      workgroup: [LOSS_THREADS, 1, 1],
      grid: [1, 1, 1],
      code: `
var<workgroup> losses : array<f32, ${LOSS_THREADS}>;
fn main() {
  let at = i32(localId.x);
  var threadLoss = 0.0;
  for (var row = at; row < uniforms.batch; row = row + ${LOSS_THREADS}) {
    let start = row * uniforms.classes;${SOFTMAX}
    threadLoss = threadLoss + log(sum) + largest - logits[start + labels[row]];
    for (var k = 0; k < uniforms.classes; k = k + 1) {
      let wanted = select(0.0, 1.0, k == labels[row]);
      dlogits[start + k] = (exp(logits[start + k] - largest) / sum - wanted) / f32(uniforms.batch);
    }
  }
  losses[at] = threadLoss;
  workgroupBarrier();
  for (var half = ${LOSS_THREADS / 2}; half > 0; half = half / 2) {
    if (at < half) { losses[at] = losses[at] + losses[at + half]; }
    workgroupBarrier();
  }
  if (at == 0) { loss[0] = losses[0] / f32(uniforms.batch); }
}`,
    });
  },

  [SGD_STEP]: (inputs, attributes, backend) =>
    optimize(
      backend,
      "sgd",
      inputs,
      attributes,
      ["weight", "velocity"],
      { momentum: attributes.momentum, weightDecay: attributes.weightDecay },
      `
    let updated = uniforms.momentum * velocity[index] + gradient[index]
      + uniforms.weightDecay * weight[index];
    velocity[index] = updated;
    weight[index] = weight[index] - rates[0] * updated;`,
    ),

  [ADAM_STEP](inputs, attributes, backend) {
    const { beta1, beta2, epsilon } = ADAM;
    const floats = { beta1, fresh1: 1 - beta1, beta2, fresh2: 1 - beta2, epsilon, weightDecay: attributes.weightDecay };
    return optimize(
      backend,
      "adam",
      inputs,
      attributes,
      ["weight", "first", "second"],
      floats,
      `
    let decayed = gradient[index] + uniforms.weightDecay * weight[index];
    let mean = uniforms.beta1 * first[index] + uniforms.fresh1 * decayed;
    let square = uniforms.beta2 * second[index] + uniforms.fresh2 * decayed * decayed;
    first[index] = mean;
    second[index] = square;
    weight[index] = weight[index] - rates[0] * mean / (sqrt(square) / rates[1] + uniforms.epsilon);`,
    );
  },

  [BEGIN_STEP]({ clock, table, rates }, { batch }, backend) {
    backend.run({
      key: "begin_step",
      inputs: { table: table! },
      outputs: { clock: clock!, rates: rates! },
      integers: { batch },
      workgroup: [1, 1, 1],
      grid: [1, 1, 1],
      code: `
fn main() {
  clock[0] = clock[0] + uniforms.batch;
  clock[1] = clock[1] + 1;
  clock[2] = clock[2] + 1;
  rates[0] = table[2 * clock[1]];
  rates[1] = table[2 * clock[1] + 1];
}`,
    });
    return [];
  },

  [GATHER_BATCH]({ pixels, labels, order, values, clock }, { batch, height, width, channels }, backend) {
    const shape = [batch, height, width, channels];
    const total = batch * height * width * channels;
    return backend.run({
      key: "gather_batch",
      inputs: { pixels: pixels!, allLabels: labels!, order: order!, values: values!, clock: clock! },
      outputs: { images: { shape }, labels: { shape: [batch], dtype: "int32" } },
      integers: { total, height, width, channels },
      grid: gridFor(total),
      code: `
fn main() {${INDEX("uniforms.total")}
  let size = uniforms.height * uniforms.width * uniforms.channels;
  let place = index / size;
  let example = order[2 * (clock[0] + place)];
  let shift = order[2 * (clock[0] + place) + 1];
  let channel = index % uniforms.channels;
  let position = index % size / uniforms.channels;
  let row = position / uniforms.width + ((shift >> 1u) & 15) - 8;
  let shifted = position % uniforms.width + ((shift >> 5u) & 15) - 8;
  let column = select(shifted, uniforms.width - 1 - shifted, (shift & 1) == 1);
  var value = 0.0;
  if (row >= 0 && row < uniforms.height && shifted >= 0 && shifted < uniforms.width) {
    let byte = example * size + (row * uniforms.width + column) * uniforms.channels + channel;
    value = values[channel * 256 + ((pixels[byte / 4] >> u32(byte % 4 * 8)) & 255)];
  }
  images[index] = value;
  if (index % size == 0) { labels[place] = allLabels[example]; }
}`,
    });
  },

  [STORE_REPORT](inputs, { count }, backend) {
    const { ring, clock } = inputs;
    const parts = listed(inputs, "part", count);
    const { places } = placesOf(parts);
    const size = ring!.shape[1]!;
    // A report has no gaps between its parts. By part: where it begins in the report, and how far from there it lies.
    let from = 0;
    const gaps = parts.flatMap((part, index): [string, number][] => {
      const start = from;
      from += sizeOf(part);
      return [
        [`start${index}`, start],
        [`gap${index}`, places[index]! - start],
      ];
    });
    return backend.run({
      key: `store_report_${count}`,
      inputs: { parts, clock: clock! },
      outputs: { ring: ring! },
      integers: { size, ...Object.fromEntries(gaps) },
      grid: gridFor(size),
      code: `
fn main() {${INDEX("uniforms.size")}
  var gap = 0;
  ${parts.map((_, index) => `if (index >= uniforms.start${index}) { gap = uniforms.gap${index}; }`).join("\n  ")}
  ring[clock[2] * uniforms.size + index] = parts[index + gap];
}`,
    });
  },
};
