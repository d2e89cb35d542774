/** The shape of the run that a recipe asks for: what a policy's schedule is drawn and evaluated on. */
import type { RunShape } from "@/lib/dmbn/policy";
import { datasetInfo } from "@/lib/datasets/registry";
import type { Recipe } from "@/lib/training/recipe";

/** Hidden widths stand for the layers of an MLP; schedules that read `channels` are drawn for its first. */
const firstLayerChannels = 256;

/** Steps and epochs of `recipe` on the full training split, less what it holds back. @throws RangeError for an unknown data set */
export function runShape(recipe: Recipe): RunShape {
  const examples = datasetInfo(recipe.dataset).trainCount - recipe.calibrationSize - recipe.validationSize;
  const stepsPerEpoch = Math.max(1, Math.floor(examples / recipe.batchSize));
  const steps = Math.min(recipe.maxSteps ?? Number.POSITIVE_INFINITY, stepsPerEpoch * recipe.epochs);
  const { epochs, batchSize, learningRate } = recipe;
  return { steps, stepsPerEpoch, epochs, batchSize, learningRate, layers: [{ channels: Math.round(firstLayerChannels * recipe.width) }] };
}
