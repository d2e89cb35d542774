/**
 * A training recipe: everything that decides a run's weights besides the variant and the seed. A benchmark fixes one; a
 * run may have its own.
 */

import { z } from "zod";
import { modelNames, variantNames } from "./names";
import { textSchema } from "./text";

export const recipeSchema = z.strictObject({
  /** Slug of the data set in `lib/datasets`. */
  dataset: textSchema({ max: 64 }),
  model: z.enum(modelNames),
  /** Multiplies every hidden width; 1 is the published network. */
  width: z.number().gt(0).max(4).default(1),
  /** Passes over the training split; the last, partial batch of each is dropped. */
  epochs: z.int().min(1).max(1000),
  /** Stops after this many steps, even inside an epoch; null: all epochs. */
  maxSteps: z.int().min(1).max(1_000_000).nullable().default(null),
  batchSize: z.int().min(1).max(4096),
  learningRate: z.number().gt(0).max(10),
  learningRateSchedule: z.enum(["constant", "step", "cosine"]).default("constant"),
  optimizer: z.enum(["sgd", "adam"]).default("sgd"),
  /** Momentum of SGD, not of batch norm. */
  sgdMomentum: z.number().min(0).lt(1).default(0.9),
  weightDecay: z.number().min(0).max(1).default(0),
  /** Added to the variance inside the normalizer. */
  epsilon: z.number().gt(0).max(0.1).default(1e-5),
  /** Training examples held back to measure population statistics. */
  calibrationSize: z.int().min(1).max(50_000),
  /** Training examples held back to choose between policies without touching the test split. */
  validationSize: z.int().min(0).max(50_000).default(0),
  /** Seeded flips and shifted crops of the training images. */
  augment: z.boolean().default(false),
  /** `zeros`: the last layer starts from zeros, so that the first loss is ln K; left out: He-normal, as all others. */
  logits: z.literal("zeros").optional(),
  /** Scores on the first so many test images; left out: on all. */
  testSize: z.int().min(1).max(1_000_000).optional(),
});

export type Recipe = z.infer<typeof recipeSchema>;
type RecipeField = keyof Recipe;

/** The fields in which two recipes differ, those included that only one has. */
export const differingFields = (a: Partial<Recipe>, b: Partial<Recipe>): RecipeField[] =>
  ([...new Set([...Object.keys(a), ...Object.keys(b)])] as RecipeField[]).filter((field) => a[field] !== b[field]);

export const variantSchema = z.enum(variantNames);

/** Seeds are whole numbers of up to 53 bits: what JSON and a double can hold exactly. */
export const seedSchema = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
