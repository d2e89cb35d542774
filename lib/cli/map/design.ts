/**
 * What the map of momenta measures: batch × steps × network × data set. One recipe for all, so that a cell differs from
 * its neighbours only in what the map is drawn over.
 */
import { builtInPolicies } from "@/lib/dmbn/policy";
import type { Reading } from "@/lib/leaderboard";
import { staticReadings, varianceEstimators } from "@/lib/leaderboard";
import type { ModelName, Recipe } from "@/lib/records";
import { recipeSchema } from "@/lib/records";
import type { Regime } from "../cells/plan";

export const mapBatchSizes = [1, 2, 4, 8, 16, 32, 64, 128, 256] as const;
export const mapSteps = [100, 300, 1000, 3000, 10_000] as const;

/** Seeds of a cell: 10 give an interval of a few tenths of a point. */
export const mapSeeds = 10;

interface Network {
  model: ModelName;
  width: number;
}

/** The CNN at a quarter of its width: the whole map takes two cores about two hours. */
export const mapNetworks = [
  { model: "mlp", width: 1 },
  { model: "mlp-deep", width: 1 },
  { model: "cnn", width: 0.25 },
] as const satisfies Network[];

/** Held back for recalibration and DMBN, and how many test images score; left out: all. */
export const mapDatasets = {
  digits: { calibrationSize: 150 },
  "fashion-mnist": { calibrationSize: 1000, testSize: 2000 },
} as const;
type MapDataset = keyof typeof mapDatasets;

/**
 * A run trains on at most so many images, repetitions counted: what would cost more than all smaller batches together
 * is not measured.
 */
const mostImages = 1_300_000;

/** Of large images a convolution costs ten times as much as an MLP, to train and to score. */
const fewer = { mostImages: 320_000, calibrationSize: 500, testSize: 1000 } as const;

/** 0.02 at batch 64, and by the square root of the batch, so that the noise of a step's gradient stays the same. */
const learningRate = (batchSize: number) => Number((0.02 * Math.sqrt(batchSize / 64)).toPrecision(4));

/** Every static momentum under each estimator; what they are compared with. */
const policies: readonly Reading[] = [
  ...varianceEstimators.flatMap(staticReadings),
  ...builtInPolicies.filter(({ slug }) => ["dmbn", "dmbn-biased", "precise-bn"].includes(slug)),
];

/** Every regime of the map, by data set, network, batch. Batch norm of an MLP needs two images in a batch. */
export const mapRegimes: readonly Regime[] = (Object.keys(mapDatasets) as MapDataset[]).flatMap((dataset) =>
  mapNetworks.flatMap((network) =>
    mapBatchSizes
      .filter((batchSize) => batchSize > 1 || network.model === "cnn")
      .map((batchSize) => regimeOf(dataset, network, batchSize)),
  ),
);

function regimeOf(dataset: MapDataset, { model, width }: Network, batchSize: number): Regime {
  const limits = dataset === "fashion-mnist" && model === "cnn" ? fewer : { mostImages };
  const scoredAt = mapSteps.filter((steps) => steps * batchSize <= limits.mostImages);
  const { mostImages: _, ...size } = limits;
  const recipe: Partial<Recipe> = {
    dataset,
    model,
    width,
    batchSize,
    learningRate: learningRate(batchSize),
    epochs: 1000,
    maxSteps: scoredAt.at(-1)!,
    ...mapDatasets[dataset],
    ...size,
  };
  return { slug: `${dataset}-${model}-b${batchSize}`, recipe: recipeSchema.parse(recipe), policies, scoredAt };
}
