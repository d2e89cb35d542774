/** One training step of the benchmarks' MLP on WASM, ours and tf.layers', and PyTorch's on the CPU. */
import { cast, dispose, layers, type LayersModel, oneHot, sequential, tensor1d, tensor2d, tidy, train } from "@tensorflow/tfjs";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { buildGraph, Network, seededWeights } from "@/lib/models";
import { softmaxCrossEntropy } from "@/lib/training/loss";
import { sgd } from "@/lib/training/optimizer";
import { fastest } from "./measure";

const widths = [256, 128, 64];
const inputs = 784;
const classes = 10;
const STEPS = 60;
const ROUNDS = 6;

const wave = (size: number) => Float32Array.from({ length: size }, (_, index) => Math.sin(index * 0.618) * 2);
const labelsOf = (batch: number) => Int32Array.from({ length: batch }, (_, index) => (index * 7) % classes);

/** Images a second of our step. */
export async function ours(batch: number): Promise<number> {
  const graph = buildGraph({ model: "mlp", width: 1, epsilon: 1e-5 }, "bn", [inputs], classes);
  const network = new Network(graph, seededWeights(graph, 1));
  const optimizer = sgd(network.parameters, { momentum: 0.9, weightDecay: 0 });
  const [images, labels] = [wave(batch * inputs), labelsOf(batch)];
  const step = () =>
    tidy(() => {
      const tape = network.train(tensor2d(images, [batch, inputs]));
      const { dlogits } = softmaxCrossEntropy(tape.logits, tensor1d(labels, "int32"));
      optimizer.step(network.gradients(tape, dlogits), 0.01);
    });
  for (let warmUp = 0; warmUp < 20; warmUp++) step();
  const seconds = await fastest(ROUNDS, () => {
    for (let index = 0; index < STEPS; index++) step();
  });
  optimizer.dispose();
  network.dispose();
  return (STEPS * batch) / seconds;
}

/** Images a second of the same network in tf.layers, on the backend in use. */
export async function tfLayers(batch: number): Promise<number> {
  const model: LayersModel = sequential({
    layers: [
      ...widths.flatMap((units, index) => [
        layers.dense({ units, useBias: false, ...(index === 0 ? { inputShape: [inputs] } : {}) }),
        layers.batchNormalization(),
        layers.reLU(),
      ]),
      layers.dense({ units: classes, activation: "softmax" }),
    ],
  });
  model.compile({ optimizer: train.momentum(0.01, 0.9), loss: "categoricalCrossentropy" });
  const x = tensor2d(wave(batch * inputs), [batch, inputs]);
  const y = tidy(() => cast(oneHot(tensor1d(labelsOf(batch), "int32"), classes), "float32"));
  for (let warmUp = 0; warmUp < 2; warmUp++) await model.trainOnBatch(x, y);
  const steps = 6;
  const seconds = await fastest(3, async () => {
    for (let index = 0; index < steps; index++) await model.trainOnBatch(x, y);
  });
  dispose([x, y]);
  model.dispose();
  return (steps * batch) / seconds;
}

/** Images a second of the same network in PyTorch, or why there are none. */
export function pyTorch(batch: number, threads: number): number | string {
  const program = fileURLToPath(new URL("./mlp_torch.py", import.meta.url));
  for (const python of ["/usr/bin/python3", "python3"]) {
    const { status, stdout } = spawnSync(python, [program, String(batch), String(threads)], { encoding: "utf8", timeout: 120_000 });
    if (status === 0) return Number(stdout.trim());
  }
  return "no PyTorch here: install Debian's python3-torch and libopenblas0";
}
