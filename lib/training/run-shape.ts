/** The shape of a run: what momentum policies may know about it. Their schedules are evaluated and drawn on it. */
import { datasetInfo } from "@/lib/datasets/registry";
import type { RunShape } from "@/lib/dmbn/policy";
import { plainBatchNorms } from "@/lib/models/plain-norms";
import { residualBatchNorms } from "@/lib/models/residual-norms";
import type { Recipe, Variant } from "@/lib/records";

/**
 * The shape of a run of `recipe` on `examples` training examples. The last, partial batch of an epoch is dropped; an
 * epoch has at least one step.
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

/** Names and channels of the batch norms, in forward order. */
export const runLayers = ({ model, width }: Recipe, variant: Variant = "bn") =>
  model === "resnet-50" ? residualBatchNorms(width, variant) : plainBatchNorms(model, width, variant);

/**
 * The shape of a run of `recipe` on the full training split minus what the recipe holds back. Needs no data.
 * @throws RangeError for an unknown data set
 */
export function runShape(recipe: Recipe, variant: Variant = "bn"): RunShape {
  const examples = datasetInfo(recipe.dataset).trainCount - recipe.calibrationSize - recipe.validationSize;
  return shapeOf(recipe, examples, runLayers(recipe, variant));
}
