/** The networks whose training is timed: ours, and those that peers train too. */
import type { Dataset } from "@/lib/datasets";
import { datasetInfo } from "@/lib/datasets";
import { benchmarks } from "@/lib/leaderboard/benchmarks";
import type { Recipe } from "@/lib/records";
import type { RunPlan } from "@/lib/training";
import { planRun } from "@/lib/training";

export interface TimedNetwork {
  title: string;
  /** The board whose recipe it has. */
  board: string;
  recipe: Pick<Recipe, "model" | "width" | "batchSize">;
  /** Steps of one round, about a quarter of a second. */
  steps: number;
  /** Whether a whole run is timed too, with its evaluations on the way. */
  wholeRun: boolean;
}

export const networks = {
  mlp: {
    title: "MLP, batch 64",
    board: "mnist-mlp",
    recipe: { model: "mlp", width: 1, batchSize: 64 },
    steps: 120,
    wholeRun: true,
  },
  "mlp-deep": {
    title: "deep MLP, batch 4",
    board: "mnist-mlp-deep-b4",
    recipe: { model: "mlp-deep", width: 1, batchSize: 4 },
    steps: 1000,
    wholeRun: true,
  },
  cnn: {
    title: "CNN, batch 32",
    board: "cifar-10-cnn",
    recipe: { model: "cnn", width: 1, batchSize: 32 },
    steps: 2,
    wholeRun: false,
  },
  "resnet-50": {
    title: "ResNet-50, width 1/8, batch 32",
    board: "cifar-10-cnn",
    recipe: { model: "resnet-50", width: 1 / 8, batchSize: 32 },
    steps: 2,
    wholeRun: false,
  },
} satisfies Record<string, TimedNetwork>;

export type NetworkName = keyof typeof networks;

/** The run of a network that is timed. */
export const planOf = (name: NetworkName): RunPlan => noisePlan(networks[name].board, networks[name].recipe);

/** A board's run of another network or batch, on noise in the shape of its data set, as many images as the real one has. */
export function noisePlan(board: string, recipe: Partial<Recipe>): RunPlan {
  const { recipe: ofBoard } = benchmarks.find(({ slug }) => slug === board)!;
  const dataset = noise(ofBoard.dataset, ofBoard.testSize ?? 1000);
  return planRun({ recipe: { ...ofBoard, ...recipe }, variant: "bn", seed: 1, dataset });
}

function noise(slug: string, testImages: number): Dataset {
  const info = datasetInfo(slug);
  const [height, width, channels] = info.shape;
  const split = (count: number) => {
    const images = new Uint8Array(count * height * width * channels);
    for (let index = 0; index < images.length; index++) images[index] = (index * 2_654_435_761) >>> 24; // `from` is slow
    return {
      images,
      labels: Uint8Array.from({ length: count }, (_, index) => (index * 7) % info.classes.length),
      count,
    };
  };
  return {
    info,
    train: split(info.trainCount),
    test: split(testImages),
    normalization: { mean: Array<number>(channels).fill(0.5), std: Array<number>(channels).fill(0.3) },
    subset: null,
    hash: "",
  };
}
