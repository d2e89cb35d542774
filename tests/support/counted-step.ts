/** What a captured training step asks of a GPU, on a device that counts. The device must be the backend in use. */
import type { Dataset } from "@/lib/datasets";
import { datasetInfo } from "@/lib/datasets";
import type { Graph } from "@/lib/models";
import { Network, seededWeights } from "@/lib/models";
import { mlp } from "@/lib/models/mlp";
import type { Recipe } from "@/lib/records";
import { recipeSchema } from "@/lib/records";
import { planRun } from "@/lib/training";
import { createOptimizer } from "@/lib/training/optimizer";
import { stepCapture } from "@/lib/training/steps/capture";
import { DeviceSteps } from "@/lib/training/steps/device";
import type { CountingDevice, Counts } from "./counting-device";
import { shortRecipe } from "./digits";

export const COUNTED_BATCH = 128;

export interface CountedNetwork {
  what: string;
  dataset: string;
  recipe: Partial<Recipe>;
  graph?: Graph;
}

/** The networks that TensorFlow.js's counts are known of, and the benchmarks' MLP with each optimizer. */
export const countedNetworks = {
  twoNorms: {
    what: "784-256-256-10",
    dataset: "mnist",
    recipe: { model: "mlp" },
    graph: mlp([28, 28, 1], 10, [256, 256], { variant: "bn", width: 1, epsilon: 1e-5 }),
  },
  mlp: { what: "the MLP", dataset: "mnist", recipe: { model: "mlp" } },
  adam: { what: "the MLP, by Adam", dataset: "mnist", recipe: { model: "mlp", optimizer: "adam" } },
  cnn: { what: "the CNN", dataset: "cifar-10", recipe: { model: "cnn", augment: true } },
  resnet: { what: "ResNet-50", dataset: "cifar-10", recipe: { model: "resnet-50" } },
} satisfies Record<string, CountedNetwork>;

/** As `slug` describes it, and black. */
function blackImages(slug: string): Dataset {
  const info = datasetInfo(slug);
  const [height, width, channels] = info.shape;
  const split = (count: number) => ({
    images: new Uint8Array(count * height * width * channels),
    labels: new Uint8Array(count),
    count,
  });
  return {
    info,
    train: split(5 * COUNTED_BATCH + 200),
    test: split(1),
    normalization: { mean: Array<number>(channels).fill(0.5), std: Array<number>(channels).fill(0.5) },
    subset: null,
    hash: "",
  };
}

export function stepsOn({ dataset, recipe, graph }: CountedNetwork) {
  const planned = planRun({
    recipe: recipeSchema.parse({
      ...shortRecipe,
      width: 1,
      epochs: 1,
      batchSize: COUNTED_BATCH,
      calibrationSize: 100,
      validationSize: 100,
      ...recipe,
      dataset,
    }),
    variant: "bn",
    seed: 1,
    dataset: blackImages(dataset),
  });
  const plan = { ...planned, graph: graph ?? planned.graph };
  const network = new Network(plan.graph, seededWeights(plan.graph, 1));
  const optimizer = createOptimizer(plan.recipe, network.parameters);
  const steps = new DeviceSteps({ plan, network, optimizer, now: () => 0 }, stepCapture()!);
  const dispose = () => {
    for (const part of [steps, optimizer, network]) part.dispose();
  };
  return { steps, dispose };
}

export interface StepCounts {
  dispatches: number;
  gigabytes: number;
  uploadedBytes: number;
  /** The programs, those that touch most memory first. */
  programs: string;
}

/** @throws Error where the step can't be captured */
export async function countStep(network: CountedNetwork, device: CountingDevice): Promise<StepCounts> {
  const { steps, dispose } = stepsOn(network);
  await steps.run(0, 3);
  await steps.run(3, 1); // what the readback of one report takes besides is there now
  if (steps.fault) throw new Error(steps.fault);
  device.reset();
  await steps.run(4, 1);
  const { uploadedBytes, byLabel } = structuredClone(device.counts);
  dispose();
  // The slice that is read back, and the clock that is set before, are of a handful of steps together.
  const { SliceProgram: _, ...own } = byLabel;
  return {
    dispatches: sum(own, "dispatches"),
    gigabytes: sum(own, "boundBytes") / 1e9,
    uploadedBytes: uploadedBytes - CLOCK_BYTES,
    programs: told(own),
  };
}

const CLOCK_BYTES = 12;

const sum = (byLabel: Counts["byLabel"], key: "dispatches" | "boundBytes") =>
  Object.values(byLabel).reduce((total, counted) => total + counted[key], 0);

const told = (byLabel: Counts["byLabel"]) =>
  Object.entries(byLabel)
    .sort(([, a], [, b]) => b.boundBytes - a.boundBytes)
    .map(([label, { dispatches, boundBytes }]) => `${dispatches} ${label} (${(boundBytes / 1e6).toFixed(1)} MB)`)
    .join(", ");
