/** The embedded digits, and a run on them that is short enough for a test. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Dataset } from "@/lib/datasets";
import { loadDataset } from "@/lib/datasets";
import type { Recipe } from "@/lib/records";

let loaded: Promise<Dataset> | undefined;

export const digits = (): Promise<Dataset> =>
  (loaded ??= loadDataset("digits", (name) =>
    readFile(fileURLToPath(new URL(`../../public/datasets/digits/${name}`, import.meta.url))),
  ));

export const shortRecipe: Recipe = {
  dataset: "digits",
  model: "mlp",
  width: 0.25,
  epochs: 2,
  maxSteps: null,
  batchSize: 32,
  learningRate: 0.05,
  learningRateSchedule: "constant",
  optimizer: "sgd",
  sgdMomentum: 0.9,
  weightDecay: 0,
  epsilon: 1e-5,
  calibrationSize: 200,
  validationSize: 100,
  augment: false,
};
