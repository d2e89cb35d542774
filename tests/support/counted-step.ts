/** The GPU work of a captured training step, on a counting device, which must be the current backend. */
import type { Dataset } from "@/lib/datasets";
import { datasetInfo } from "@/lib/datasets";
import type { Graph } from "@/lib/models";
import { Network, seededWeights } from "@/lib/models";
import { dense } from "@/lib/models/dense";
import { mlp } from "@/lib/models/mlp";
import type { Recipe } from "@/lib/records";
import { recipeSchema } from "@/lib/records";
import type { RunPlan } from "@/lib/training";
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

/** The networks whose counts in TensorFlow.js are known, and the benchmarks' MLP with each optimizer. */
export const countedNetworks = {
  twoNorms: {
    what: "784-256-256-10",
    dataset: "mnist",
    recipe: { model: "mlp" },
    graph: mlp([28, 28, 1], dense(10, { bias: true }), [256, 256], { variant: "bn", width: 1, epsilon: 1e-5 }),
  },
  mlp: { what: "the MLP", dataset: "mnist", recipe: { model: "mlp" } },
  adam: { what: "the MLP, by Adam", dataset: "mnist", recipe: { model: "mlp", optimizer: "adam" } },
  cnn: { what: "the CNN", dataset: "cifar-10", recipe: { model: "cnn", augment: true } },
  resnet: { what: "ResNet-50", dataset: "cifar-10", recipe: { model: "resnet-50" } },
} satisfies Record<string, CountedNetwork>;

/** A data set of black images, in the shape that `slug` describes. */
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

/** The plan of a short run over black images. */
export function planOn({ dataset, recipe, graph }: CountedNetwork): RunPlan {
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
  return { ...planned, graph: graph ?? planned.graph };
}

export function stepsOn(counted: CountedNetwork) {
  const plan = planOn(counted);
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

/** @throws Error if the step can't be captured */
export async function countStep(network: CountedNetwork, device: CountingDevice): Promise<StepCounts> {
  const { steps, dispose } = stepsOn(network);
  await steps.run(0, 3);
  await steps.run(3, 1); // warms up: allocates what the readback of a report needs
  if (steps.fault) throw new Error(steps.fault);
  device.reset();
  await steps.run(4, 1);
  const { uploadedBytes, byLabel } = structuredClone(device.counts);
  dispose();
  // Reading back a slice and setting the clock happen once per batch of steps, so they don't count for one step.
  const { SliceProgram: _, ...perStep } = byLabel;
  return {
    dispatches: sum(perStep, "dispatches"),
    gigabytes: sum(perStep, "boundBytes") / 1e9,
    uploadedBytes: uploadedBytes - CLOCK_BYTES,
    programs: formatPrograms(perStep),
  };
}

const CLOCK_BYTES = 12;

const sum = (byLabel: Counts["byLabel"], key: "dispatches" | "boundBytes") =>
  Object.values(byLabel).reduce((total, counted) => total + counted[key], 0);

const formatPrograms = (byLabel: Counts["byLabel"]) =>
  Object.entries(byLabel)
    .sort(([, a], [, b]) => b.boundBytes - a.boundBytes)
    .map(([label, { dispatches, boundBytes }]) => `${dispatches} ${label} (${(boundBytes / 1e6).toFixed(1)} MB)`)
    .join(", ");
