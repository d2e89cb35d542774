/**
 * What follows from a recipe and a variant alone, without data, weights or a backend: what any record of such a run must
 * say.
 */
import { datasetInfo } from "@/lib/datasets/registry";
import { batchNormsOf, buildGraph, parameterCount } from "@/lib/models";
import { leastBatchSize } from "@/lib/models/least-batch-size";
import type { Recipe, Variant } from "@/lib/records";
import { shapeOf } from "./run-shape";

export interface RunFacts {
  /** Training examples before the recipe holds any back. */
  trainExamples: number;
  leastBatchSize: number;
  steps: number;
  /** Trainable values of the network. */
  parameters: number;
  /** In forward order. */
  batchNorms: readonly { name: string; channels: number }[];
}

/**
 * The facts of a run of `recipe` on the whole of its data set. A recipe that doesn't fit its data has one step per
 * epoch, as in `shapeOf`.
 * @throws RangeError for an unknown data set
 */
export function runFacts(recipe: Recipe, variant: Variant): RunFacts {
  const { shape, classes, trainCount } = datasetInfo(recipe.dataset);
  const graph = buildGraph(recipe, variant, shape, classes.length);
  const batchNorms = batchNormsOf(graph);
  return {
    trainExamples: trainCount,
    leastBatchSize: leastBatchSize(recipe.model, variant, shape),
    steps: shapeOf(recipe, trainCount - recipe.calibrationSize - recipe.validationSize, batchNorms).steps,
    parameters: parameterCount(graph),
    batchNorms: batchNorms.map(({ name, channels }) => ({ name, channels })),
  };
}
