/**
 * The self-test that a backend must pass before it is trusted: a few training
 * steps of a small network with every kind of layer. Also the job that times
 * backends: steps of the benchmarks' MLP.
 */
import { dispose, linspace, reshape, sin, tensor1d, tidy } from "@tensorflow/tfjs-core";
import type { Dataset } from "@/lib/datasets";
import { datasetInfo } from "@/lib/datasets";
import { buildGraph, GraphBuilder, INPUT, Network, seededWeights } from "@/lib/models";
import { convolution } from "@/lib/models/convolution";
import { dense } from "@/lib/models/dense";
import { batchNormLayer, groupNormLayer } from "@/lib/models/norm";
import { globalAveragePool, maxPool } from "@/lib/models/pooling";
import type { Recipe } from "@/lib/records";
import { sgd } from "./optimizer";
import { planRun } from "./plan";
import { startSteps } from "./steps";
import { trainStep } from "./steps/step";

const BATCH = 8;

/** Three batches of images, all different. */
const images = {
  images: Uint8Array.from({ length: 3 * BATCH * 64 }, (_, index) => Math.imul(index, 0x9e3779b1) >>> 24),
  labels: Uint8Array.from({ length: 3 * BATCH }, (_, index) => (index * 7) % 10),
  count: 3 * BATCH,
};

const recipe: Recipe = {
  dataset: "digits",
  model: "mlp",
  width: 1,
  epochs: 2,
  maxSteps: null,
  batchSize: BATCH,
  learningRate: 0.05,
  learningRateSchedule: "cosine",
  optimizer: "sgd",
  sgdMomentum: 0.9,
  weightDecay: 0,
  epsilon: 1e-5,
  calibrationSize: 0,
  validationSize: 0,
  augment: true,
};

/**
 * Losses and batch statistics of five steps, computed as in a run. They are wrong if any forward or backward kernel is
 * wrong, or if a batch is assembled wrongly.
 */
async function compute(): Promise<number[]> {
  const builder = new GraphBuilder([8, 8, 1]);
  let x = builder.add("conv1", convolution(16, { size: 3 }), INPUT);
  x = builder.add("norm1", batchNormLayer({ epsilon: 1e-5, relu: true }), x);
  const skip = x;
  x = builder.add("conv2", convolution(16, { size: 3 }), x); // as wide as Winograd's tiles on WASM must be
  x = builder.add("norm2", groupNormLayer({ groups: 2, epsilon: 1e-5, relu: true }), x);
  x = builder.add("conv3", convolution(16, { size: 1 }), x);
  x = builder.add("norm3", batchNormLayer({ epsilon: 1e-5, relu: true }), x, skip);
  x = builder.add("pool", maxPool(), x);
  x = builder.add("mean", globalAveragePool(), x);
  builder.add("logits", dense(10, { bias: true }), x);

  const dataset: Dataset = {
    info: datasetInfo("digits"),
    train: images,
    test: images,
    normalization: { mean: [0.5], std: [0.25] },
    subset: null,
    hash: "",
  };
  const plan = { ...planRun({ recipe, variant: "bn", seed: 1, dataset }), graph: builder.graph() };
  const network = new Network(plan.graph, seededWeights(plan.graph, 1));
  const optimizer = sgd(network.parameters, { momentum: 0.9, weightDecay: 0 });
  const steps = startSteps({ plan, network, optimizer, now: () => 0 });
  const numbers = [...(await steps.run(0, 3)), ...(await steps.run(3, 2))];
  for (const part of [steps, optimizer, network]) part.dispose();
  return numbers;
}

/** Three training steps of the benchmarks' MLP at batch 64, and one readback. */
async function work(): Promise<void> {
  const graph = buildGraph({ model: "mlp", width: 1, epsilon: 1e-5 }, "bn", [784], 10);
  const network = new Network(graph, seededWeights(graph, 1));
  const optimizer = sgd(network.parameters, { momentum: 0.9, weightDecay: 0 });
  const images = tidy(() => reshape(sin(linspace(0, 1e4, 64 * 784)), [64, 784]));
  const labels = tensor1d(
    Array.from({ length: 64 }, (_, index) => index % 10),
    "int32",
  );
  for (let step = 0; step < 3; step++) {
    const loss = tidy(() => trainStep({ network, optimizer }, images, labels, optimizer.rates(0.05, step + 1)).loss);
    if (step === 2) await loss.data(); // GPU → CPU
    loss.dispose();
  }
  dispose([images, labels]);
  optimizer.dispose();
  network.dispose();
}

/** The probe for `chooseBackend`. The tolerance allows for float32 rounding; a wrong kernel is off by far more. */
export const selfTest = { compute, work, tolerance: 2e-3 };
