/** A training recipe in one line. */
import type { Recipe } from "@/lib/records";
import { count } from "./format";

export const optimizerLabels: Record<Recipe["optimizer"], string> = { sgd: "SGD", adam: "Adam" };

/** "mlp · batch 64 · 3 epochs · SGD, learning rate 0.02". */
export function describeRecipe({
  model,
  width,
  batchSize,
  epochs,
  maxSteps,
  optimizer,
  learningRate,
  learningRateSchedule,
}: Recipe): string {
  return [
    width === 1 ? model : `${model}, width × ${width}`,
    `batch ${count(batchSize)}`,
    maxSteps === null ? `${count(epochs)} ${epochs === 1 ? "epoch" : "epochs"}` : `at most ${count(maxSteps)} steps`,
    `${optimizerLabels[optimizer]}, learning rate ` +
      `${learningRate}${learningRateSchedule === "constant" ? "" : `, ${learningRateSchedule}`}`,
  ].join(" · ");
}
