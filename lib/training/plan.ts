/** What a run will be, before anything is allocated: its network, its data and its length. */
import type { Dataset, TrainingIndices } from "@/lib/datasets";
import { shuffledOrder, split } from "@/lib/datasets";
import type { RunShape } from "@/lib/dmbn/policy";
import type { Graph } from "@/lib/models";
import { batchNormsOf, buildGraph } from "@/lib/models";
import type { Recipe, Variant } from "@/lib/records";

export interface RunPlan {
  recipe: Recipe;
  variant: Variant;
  seed: number;
  dataset: Dataset;
  graph: Graph;
  indices: TrainingIndices;
  /** What momentum policies may know of the run. */
  shape: RunShape;
}

/**
 * @throws RangeError where the recipe does not fit the data set: the splits are larger than it, or a batch larger than
 * what is left to train on
 */
export function planRun({
  recipe,
  variant,
  seed,
  dataset,
}: Pick<RunPlan, "recipe" | "variant" | "seed" | "dataset">): RunPlan {
  const { info } = dataset;
  const { calibrationSize, validationSize } = recipe;
  const indices = split(dataset, { calibrationSize, validationSize });
  const stepsPerEpoch = Math.floor(indices.train.length / recipe.batchSize);
  if (stepsPerEpoch === 0)
    throw new RangeError(
      `batchSize must be at most the ${indices.train.length} training examples of ${info.slug}, got ${recipe.batchSize}`,
    );
  const graph = buildGraph(recipe, variant, info.shape, info.classes.length);
  const allSteps = stepsPerEpoch * recipe.epochs;
  return {
    recipe,
    variant,
    seed,
    dataset,
    graph,
    indices,
    shape: {
      steps: Math.min(allSteps, recipe.maxSteps ?? allSteps),
      stepsPerEpoch,
      epochs: recipe.epochs,
      batchSize: recipe.batchSize,
      learningRate: recipe.learningRate,
      layers: batchNormsOf(graph).map(({ channels }) => ({ channels })),
    },
  };
}

/** The training examples of an epoch (from 0) in their order. */
export const examplesOfEpoch = ({ indices: { train }, seed }: RunPlan, epoch: number): Uint32Array =>
  shuffledOrder(train.length, seed, epoch).map((position) => train[position]!);
