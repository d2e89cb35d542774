/**
 * The networks whose training is timed on a machine, and the runs that are timed: an epoch of 128 batches of noise in
 * the shape of a data set. The learning rate is 0, so that every step does the same work on the same weights.
 */
import type { Dataset } from "@/lib/datasets";
import { datasetInfo } from "@/lib/datasets";
import type { Graph } from "@/lib/models";
import { buildGraph } from "@/lib/models";
import type { MeasuredNetwork, Recipe } from "@/lib/records";
import type { RunPlan } from "./plan";
import { planRun } from "./plan";

/** As many steps as one readback covers. */
const STEPS = 128;

const networks: Record<MeasuredNetwork, Pick<Recipe, "dataset" | "model" | "width" | "batchSize">> = {
  mlp: { dataset: "mnist", model: "mlp", width: 1, batchSize: 64 },
  cnn: { dataset: "cifar-10", model: "cnn", width: 1, batchSize: 32 },
  "resnet-50": { dataset: "cifar-10", model: "resnet-50", width: 1 / 4, batchSize: 32 },
};

/** The run that is timed for a network; always the same. */
export function measuredPlan(network: MeasuredNetwork): RunPlan {
  const chosen = networks[network];
  const recipe: Recipe = {
    ...chosen,
    epochs: 1,
    maxSteps: null,
    learningRate: 0,
    learningRateSchedule: "constant",
    optimizer: "sgd",
    sgdMomentum: 0.9,
    weightDecay: 0,
    epsilon: 1e-5,
    calibrationSize: 0,
    validationSize: 0,
    augment: false,
  };
  return planRun({ recipe, variant: "bn", seed: 1, dataset: noise(chosen.dataset, STEPS * chosen.batchSize) });
}

/**
 * Multiplications and additions that training on one image takes at least: those of its products and convolutions,
 * forward and twice backward.
 */
export function operationsPerImage(network: MeasuredNetwork): number {
  const { dataset, model, width } = networks[network];
  const { shape, classes } = datasetInfo(dataset);
  return 6 * multiplications(buildGraph({ model, width, epsilon: 1e-5 }, "bn", shape, classes.length));
}

/** Of the forward pass: each kernel's weights, once for each position of the output. */
function multiplications({ nodes }: Graph): number {
  return nodes.reduce((sum, { shape, parameters }) => {
    const positions = product(shape.slice(0, -1));
    const kernels = parameters.filter((parameter) => parameter.shape.length > 1);
    return sum + positions * kernels.reduce((weights, kernel) => weights + product(kernel.shape), 0);
  }, 0);
}

const product = (extents: readonly number[]): number => extents.reduce((result, extent) => result * extent, 1);

function noise(slug: string, count: number): Dataset {
  const info = datasetInfo(slug);
  const [height, width, channels] = info.shape;
  const images = new Uint8Array(count * height * width * channels);
  for (let index = 0; index < images.length; index++) images[index] = hash(index) >>> 24; // `from` takes half a second
  const labels = Uint8Array.from({ length: count }, (_, index) => hash(index) % info.classes.length);
  return {
    info,
    train: { images, labels, count },
    test: { images: images.subarray(0, height * width * channels), labels: labels.subarray(0, 1), count: 1 },
    normalization: { mean: Array<number>(channels).fill(0.5), std: Array<number>(channels).fill(0.3) },
    subset: null,
    hash: "",
  };
}

/** Mixes the bits of an index: the finalizer of MurmurHash3 (Appleby 2011). */
function hash(index: number): number {
  let bits = Math.imul(index ^ (index >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
