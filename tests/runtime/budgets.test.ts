/**
 * What a training step costs a GPU, on a device that counts: a change that adds a
 * dispatch or an upload fails here, with the programs that it runs.
 */
import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { type Dataset, datasetInfo } from "@/lib/datasets";
import { type Graph, Network, seededWeights } from "@/lib/models";
import { mlp } from "@/lib/models/mlp";
import { startBackend } from "@/lib/runtime";
import { planRun } from "@/lib/training";
import { DeviceSteps } from "@/lib/training/device-steps";
import { createOptimizer } from "@/lib/training/optimizer";
import { recorder } from "@/lib/training/recorder";
import { type Recipe, recipeSchema } from "@/lib/training/recipe";
import { type CountingDevice, type Counts, provideCountingDevice } from "../support/counting-device";
import { shortRecipe } from "../support/digits";

const BATCH = 128;

/** As `slug` describes it, and black. */
function blackImages(slug: string): Dataset {
  const info = datasetInfo(slug)!;
  const [height, width, channels] = info.shape;
  const split = (count: number) => ({ images: new Uint8Array(count * height * width * channels), labels: new Uint8Array(count), count });
  return { info, train: split(5 * BATCH + 200), test: split(1), normalization: { mean: Array<number>(channels).fill(0.5), std: Array<number>(channels).fill(0.5) }, subset: null, hash: "" };
}

let device: CountingDevice;

/** The MLP that the published counts of TensorFlow.js are of: 784-256-256-10. */
const twoNorms = mlp([28, 28, 1], 10, [256, 256], { variant: "bn", width: 1, epsilon: 1e-5 });

const stepsOn = (dataset: string, recipe: Partial<Recipe>, graph?: Graph) => {
  const planned = planRun({ recipe: recipeSchema.parse({ ...shortRecipe, width: 1, batchSize: BATCH, calibrationSize: 100, validationSize: 100, ...recipe, dataset }), variant: "bn", seed: 1, dataset: blackImages(dataset) });
  const plan = { ...planned, graph: graph ?? planned.graph };
  const network = new Network(plan.graph, seededWeights(plan.graph, 1));
  const optimizer = createOptimizer(plan.recipe, network.parameters);
  const steps = new DeviceSteps({ plan, network, optimizer, now: () => 0 }, recorder()!);
  return { steps, dispose: () => [steps, optimizer, network].forEach((part) => part.dispose()) };
};

/** What one step asks, once it is recorded. */
async function perStep(dataset: string, recipe: Partial<Recipe>, graph?: Graph) {
  const { steps, dispose } = stepsOn(dataset, recipe, graph);
  await steps.run(0, 3);
  await steps.run(3, 1); // what the readback of one report takes besides is there now
  expect(steps.fault).toBeNull();
  device.reset();
  await steps.run(4, 1);
  // The slice that is read back, and the clock that is set before, are of a handful of steps together.
  const { dispatches, boundBytes, uploadedBytes, byLabel } = { ...device.counts };
  dispose();
  return { dispatches: dispatches - 1, gigabytes: boundBytes / 1e9, uploadedBytes: uploadedBytes - 12, byLabel };
}

const told = (byLabel: Counts["byLabel"]) =>
  Object.entries(byLabel)
    .sort(([, a], [, b]) => b.boundBytes - a.boundBytes)
    .map(([label, { dispatches, boundBytes }]) => `${dispatches} ${label} (${(boundBytes / 1e6).toFixed(1)} MB)`)
    .join(", ");

describe("a recorded training step, batch 128", () => {
  beforeAll(async () => {
    device = provideCountingDevice();
    await startBackend("webgpu", { wasmPaths: "" });
  });

  it.each([
    // tf.layers takes 167, 308 and 3,609 dispatches for the first, third and last of these, and .04, 4.1 and 147 GB.
    { what: "784-256-256-10", dataset: "mnist", recipe: { model: "mlp" as const }, graph: twoNorms, dispatches: 25, gigabytes: 0.02 },
    { what: "the MLP", dataset: "mnist", recipe: { model: "mlp" as const }, dispatches: 33, gigabytes: 0.02 },
    { what: "the MLP, by Adam", dataset: "mnist", recipe: { model: "mlp" as const, optimizer: "adam" as const }, dispatches: 35, gigabytes: 0.02 },
    { what: "the CNN", dataset: "cifar-10", recipe: { model: "cnn" as const, augment: true }, dispatches: 59, gigabytes: 0.9 },
    { what: "ResNet-50", dataset: "cifar-10", recipe: { model: "resnet-50" as const }, dispatches: 566, gigabytes: 30 },
  ])("of $what takes at most $dispatches dispatches and $gigabytes GB, and uploads nothing", async ({ what, dataset, recipe, graph, ...budget }) => {
    const { dispatches, gigabytes, uploadedBytes, byLabel } = await perStep(dataset, recipe, graph);
    expect(uploadedBytes).toBe(0);
    expect(dispatches, told(byLabel)).toBeLessThanOrEqual(budget.dispatches);
    expect(gigabytes, told(byLabel)).toBeLessThanOrEqual(budget.gigabytes);
  }, 120_000);

  it("leaves as many buffers and tensors as before after a thousand of them", async () => {
    const { steps, dispose } = stepsOn("mnist", { model: "mlp", epochs: 1 });
    await steps.run(0, 3);
    await steps.run(0, 4);
    const before = { ...device.counts };
    const tensors = memory().numTensors;
    for (let times = 0; times < 250; times++) await steps.run(0, 4);
    expect({ buffers: device.counts.buffers, aliveBytes: device.counts.aliveBytes, tensors: memory().numTensors }).toEqual({ buffers: before.buffers, aliveBytes: before.aliveBytes, tensors });
    dispose();
  });
});
