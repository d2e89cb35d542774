/** The plan of a run, before anything is allocated: its network, data and length. */
import type { Dataset, TrainingIndices } from "@/lib/datasets";
import { shuffledOrder, split, withTestSize } from "@/lib/datasets";
import type { RunShape } from "@/lib/dmbn/policy";
import type { Graph } from "@/lib/models";
import { batchNormsOf, buildGraph } from "@/lib/models";
import { leastBatchSize, twoExamples } from "@/lib/models/least-batch-size";
import type { Recipe, Variant } from "@/lib/records";
import { shapeOf } from "./run-shape";

export interface RunPlan {
  recipe: Recipe;
  variant: Variant;
  seed: number;
  /** With the recipe's part of the test split. */
  dataset: Dataset;
  graph: Graph;
  indices: TrainingIndices;
  /** What momentum policies may know about the run. */
  shape: RunShape;
}

/**
 * Plans a run of `recipe` on `dataset`.
 * @throws RangeError if the recipe doesn't fit the data set: its splits or its test size are too large, a batch is larger than the
 * remaining training split, or batch norm would get one value per channel
 */
export function planRun({
  recipe,
  variant,
  seed,
  dataset: whole,
}: Pick<RunPlan, "recipe" | "variant" | "seed" | "dataset">): RunPlan {
  const dataset = withTestSize(whole, recipe.testSize);
  const { info } = dataset;
  const { batchSize, calibrationSize, validationSize } = recipe;
  const indices = split(dataset, { calibrationSize, validationSize });
  const examples = indices.train.length;
  if (batchSize > examples)
    throw new RangeError(
      `batchSize must be at most the ${examples} training examples of ${info.slug}, got ${batchSize}`,
    );
  if (batchSize < leastBatchSize(recipe.model, variant, info.shape))
    throw new RangeError(`batchSize of ${recipe.model} must be ${twoExamples}, got ${batchSize}`);
  const graph = buildGraph(recipe, variant, info.shape, info.classes.length);
  return { recipe, variant, seed, dataset, graph, indices, shape: shapeOf(recipe, examples, batchNormsOf(graph)) };
}

/** The training examples of an epoch (from 0) in order. */
export const examplesOfEpoch = ({ indices: { train }, seed }: RunPlan, epoch: number): Uint32Array =>
  shuffledOrder(train.length, seed, epoch).map((position) => train[position]!);
