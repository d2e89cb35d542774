/** The shape of a run: what momentum policies may know of it, and what their schedules are drawn and evaluated on. */
import { datasetInfo } from "@/lib/datasets/registry";
import type { RunShape } from "@/lib/dmbn/policy";
import { plainBatchNorms } from "@/lib/models/plain-norms";
import type { Recipe, Variant } from "@/lib/records";

/**
 * The shape of a run of `recipe` on `examples` training examples. The last, partial batch of an epoch is dropped; at
 * least one step an epoch is assumed.
 * @param layers the batch norms, in forward order
 */
export function shapeOf(recipe: Recipe, examples: number, layers: readonly { channels: number }[]): RunShape {
  const { epochs, batchSize, learningRate, maxSteps } = recipe;
  const stepsPerEpoch = Math.max(1, Math.floor(examples / batchSize));
  return {
    steps: Math.min(stepsPerEpoch * epochs, maxSteps ?? Infinity),
    stepsPerEpoch,
    epochs,
    batchSize,
    learningRate,
    layers: layers.map(({ channels }) => ({ channels })),
  };
}

/** Batch-norm layers by name. A residual network is represented by its stem's alone. */
export const runLayers = (recipe: Recipe, variant: Variant = "bn") =>
  plainBatchNorms(recipe, variant) ?? [{ name: "stem-norm", channels: Math.max(1, Math.round(64 * recipe.width)) }];

/**
 * The shape of a run of `recipe` on the full training split less what the recipe holds back, known without the data.
 * @throws RangeError for an unknown data set
 */
export function runShape(recipe: Recipe, variant: Variant = "bn"): RunShape {
  const examples = datasetInfo(recipe.dataset).trainCount - recipe.calibrationSize - recipe.validationSize;
  return shapeOf(recipe, examples, runLayers(recipe, variant));
}
