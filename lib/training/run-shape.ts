/** The shape of the run that a recipe asks for: what a policy's schedule is drawn and evaluated on. */

import { datasetInfo } from "@/lib/datasets/registry";
import type { RunShape } from "@/lib/dmbn/policy";
import { plainBatchNorms } from "@/lib/models/plain-norms";
import type { Recipe, Variant } from "@/lib/records";

/** Batch-norm layers by name; of a residual network the stem's stands for all. */
export const runLayers = (recipe: Recipe, variant: Variant = "bn") =>
  plainBatchNorms(recipe, variant) ?? [{ name: "stem-norm", channels: Math.max(1, Math.round(64 * recipe.width)) }];

/**
 * Steps, epochs and layers of `recipe` on the full training split, less what it holds back. @throws RangeError for an
 * unknown data set
 */
export function runShape(recipe: Recipe, variant: Variant = "bn"): RunShape {
  const examples = datasetInfo(recipe.dataset).trainCount - recipe.calibrationSize - recipe.validationSize;
  const stepsPerEpoch = Math.max(1, Math.floor(examples / recipe.batchSize));
  const steps = Math.min(recipe.maxSteps ?? Number.POSITIVE_INFINITY, stepsPerEpoch * recipe.epochs);
  const { epochs, batchSize, learningRate } = recipe;
  return {
    steps,
    stepsPerEpoch,
    epochs,
    batchSize,
    learningRate,
    layers: runLayers(recipe, variant).map(({ channels }) => ({ channels })),
  };
}
