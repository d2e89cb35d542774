/**
 * The job that a backend must compute rightly before it is trusted: a few
 * training steps of a small network with every kind of layer; and the job on
 * which backends are timed, steps of the benchmarks' MLP.
 */
import { dispose, linspace, reshape, sin, type Tensor, tensor1d, tidy } from "@tensorflow/tfjs-core";
import { buildGraph, GraphBuilder, INPUT, Network, seededWeights } from "@/lib/models";
import { convolution } from "@/lib/models/convolution";
import { dense } from "@/lib/models/dense";
import { batchNormLayer, groupNormLayer } from "@/lib/models/norm";
import { globalAveragePool, maxPool } from "@/lib/models/pooling";
import { sgd } from "./optimizer";
import { trainStep } from "./step";

const CLASSES = 3;
const BATCH = 8;

/** Losses of four steps, then logits: they differ where any forward or backward kernel is wrong. */
async function compute(): Promise<number[]> {
  const builder = new GraphBuilder([6, 6, 2]);
  let x = builder.add("conv1", convolution(4, { size: 3 }), INPUT);
  const skip = (x = builder.add("norm1", batchNormLayer({ epsilon: 1e-5, relu: true }), x));
  x = builder.add("conv2", convolution(4, { size: 3 }), x);
  x = builder.add("norm2", groupNormLayer({ groups: 2, epsilon: 1e-5, relu: true }), x);
  x = builder.add("conv3", convolution(4, { size: 1 }), x);
  x = builder.add("norm3", batchNormLayer({ epsilon: 1e-5, relu: true }), x, skip);
  x = builder.add("pool", maxPool(), x);
  x = builder.add("mean", globalAveragePool(), x);
  builder.add("logits", dense(CLASSES, { bias: true }), x);
  const graph = builder.graph();

  const network = new Network(graph, seededWeights(graph, 1));
  const optimizer = sgd(network.parameters, { momentum: 0.9, weightDecay: 0 });
  const images = tidy(() => reshape(sin(linspace(0, 100, BATCH * 72)), [BATCH, 6, 6, 2]));
  const labels = tensor1d(Array.from({ length: BATCH }, (_, index) => index % CLASSES), "int32");
  const numbers: number[] = [];
  for (let step = 0; step < 4; step++) {
    const [loss, logits] = tidy(() => {
      const { loss, logits } = trainStep({ network, optimizer }, images, labels, optimizer.rates(0.05, step + 1));
      return [loss as Tensor, logits];
    });
    numbers.push(...(await loss!.data()), ...(step === 3 ? await logits!.data() : []));
    dispose([loss!, logits!]);
  }
  dispose([images, labels]);
  optimizer.dispose();
  network.dispose();
  return numbers;
}

/** Three training steps of the benchmarks' MLP at batch 64, and one readback. */
async function work(): Promise<void> {
  const graph = buildGraph({ model: "mlp", width: 1, epsilon: 1e-5 }, "bn", [784], 10);
  const network = new Network(graph, seededWeights(graph, 1));
  const optimizer = sgd(network.parameters, { momentum: 0.9, weightDecay: 0 });
  const images = tidy(() => reshape(sin(linspace(0, 1e4, 64 * 784)), [64, 784]));
  const labels = tensor1d(Array.from({ length: 64 }, (_, index) => index % 10), "int32");
  for (let step = 0; step < 3; step++) {
    const loss = tidy(() => trainStep({ network, optimizer }, images, labels, optimizer.rates(0.05, step + 1)).loss);
    if (step === 2) await loss.data(); // GPU → CPU
    loss.dispose();
  }
  dispose([images, labels]);
  optimizer.dispose();
  network.dispose();
}

/** For `chooseBackend`: float32 roundings differ between backends, wrong kernels differ by far more. */
export const selfTest = { compute, work, tolerance: 2e-3 };
