/** One training step of the benchmarks' networks: ours and tf.layers' on WASM, and PyTorch's on the CPU. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { LayersModel } from "@tensorflow/tfjs";
import { cast, dispose, layers, oneHot, sequential, tensor, tensor1d, tidy, train } from "@tensorflow/tfjs";
import { buildGraph, Network, seededWeights } from "@/lib/models";
import { sgd } from "@/lib/training/optimizer";
import { trainStep } from "@/lib/training/steps/step";
import { fastest } from "./measure";

/** A network and its batch; the steps of one round take about a tenth of a second. */
export interface StepSettings {
  model: "mlp" | "cnn" | "resnet-50";
  width: number;
  input: readonly number[];
  batch: number;
  steps: number;
}

export const mlp: StepSettings = { model: "mlp", width: 1, input: [784], batch: 64, steps: 60 };
export const cnn: StepSettings = { model: "cnn", width: 1, input: [32, 32, 3], batch: 32, steps: 2 };

export const mlpWidths = [256, 128, 64];
const cnnFilters = [32, 32, 64, 64];
const classes = 10;
export const ROUNDS = 6;

export const size = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);
export const wave = (count: number) => Float32Array.from({ length: count }, (_, index) => Math.sin(index * 0.618) * 2);
export const labelsOf = (batch: number) => Int32Array.from({ length: batch }, (_, index) => (index * 7) % classes);

/** Images per second of our step. */
export async function ours({ model, width, input, batch, steps }: StepSettings): Promise<number> {
  const graph = buildGraph({ model, width, epsilon: 1e-5 }, "bn", input, classes);
  const network = new Network(graph, seededWeights(graph, 1));
  const optimizer = sgd(network.parameters, { momentum: 0.9, weightDecay: 0 });
  const [images, labels] = [wave(batch * size(input)), labelsOf(batch)];
  const step = () =>
    tidy(() => {
      trainStep(
        { network, optimizer },
        tensor(images, [batch, ...input]),
        tensor1d(labels, "int32"),
        optimizer.rates(0.01, 1),
      );
    });
  for (let warmUp = 0; warmUp < Math.ceil(steps / 3); warmUp++) step();
  const seconds = await fastest(ROUNDS, () => {
    for (let index = 0; index < steps; index++) step();
  });
  optimizer.dispose();
  network.dispose();
  return (steps * batch) / seconds;
}

/** The same network in tf.layers, and a training step with its own optimizer, on the active backend. */
export function tfLayersStep(
  { model: kind, input, batch }: Omit<StepSettings, "width" | "steps">,
  widths: readonly number[] = mlpWidths,
) {
  const inputOf = (index: number) => (index === 0 ? { inputShape: [...input] } : {});
  const hidden =
    kind === "mlp"
      ? widths.flatMap((units, index) => [
          layers.dense({ units, useBias: false, ...inputOf(index) }),
          layers.batchNormalization(),
          layers.reLU(),
        ])
      : [
          ...cnnFilters.flatMap((filters, index) => [
            layers.conv2d({ filters, kernelSize: 3, padding: "same", useBias: false, ...inputOf(index) }),
            layers.batchNormalization(),
            layers.reLU(),
            ...(index % 2 === 1 ? [layers.maxPooling2d({ poolSize: 2 })] : []),
          ]),
          layers.flatten(),
        ];
  const model: LayersModel = sequential({
    layers: [...hidden, layers.dense({ units: classes, activation: "softmax" })],
  });
  model.compile({ optimizer: train.momentum(0.01, 0.9), loss: "categoricalCrossentropy" });
  const x = tensor(wave(batch * size(input)), [batch, ...input]);
  const y = tidy(() => cast(oneHot(tensor1d(labelsOf(batch), "int32"), classes), "float32"));
  return {
    once: async () => void (await model.trainOnBatch(x, y)),
    dispose() {
      dispose([x, y]);
      model.dispose();
    },
  };
}

/** Images per second of the MLP in tf.layers; its convolutions have no gradient on WASM. */
export async function tfLayers(settings: StepSettings): Promise<number> {
  const { once, dispose } = tfLayersStep(settings);
  for (let warmUp = 0; warmUp < 2; warmUp++) await once();
  const steps = 6;
  const seconds = await fastest(3, async () => {
    for (let index = 0; index < steps; index++) await once();
  });
  dispose();
  return (steps * settings.batch) / seconds;
}

/** Images per second of the same network in PyTorch, or why there is no figure. */
export function pyTorch({ model, batch, steps }: StepSettings, threads: number): number | string {
  const program = fileURLToPath(new URL("./step_torch.py", import.meta.url));
  for (const python of ["/usr/bin/python3", "python3"]) {
    const { status, stdout } = spawnSync(python, [program, model, ...[batch, steps, threads].map(String)], {
      encoding: "utf8",
      timeout: 120_000,
    });
    if (status === 0) return Number(stdout.trim());
  }
  return "no PyTorch here: install Debian's python3-torch and libopenblas0";
}

/**
 * Images per second of the MLP in jax-js on WebAssembly, or why there is no figure. Runs in a separate process, since
 * our threads change how memory is allocated.
 */
export function jaxJs(): number | string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", fileURLToPath(new URL("./step_jax.ts", import.meta.url))],
    { encoding: "utf8", timeout: 120_000 },
  );
  return status === 0
    ? Number(stdout.trim())
    : `jax-js: ${stderr.split("\n").find((line) => line.includes("Error")) ?? `ended with ${status}`}`;
}
