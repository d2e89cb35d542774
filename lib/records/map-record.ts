/**
 * The map of momenta: which β costs how much at which batch, after how many steps, in which network, on which data.
 * Written by `dmbench map`: a file for each cell, and one with what the page shows.
 */
import { z } from "zod";
import { modelNames } from "./names";
import { recipeSchema, seedSchema } from "./recipe";
import { hexSchema, manifestSchema } from "./run-record";
import { commandRecordSchema, intervalSchema, varianceSchema } from "./study-record";
import { textSchema } from "./text";

/** Of a policy, layer, regime, data set. */
const name = textSchema({ max: 256 });
const accuracy = z.number().min(0).max(1);
const count = z.int().min(1);

export const mapCellSchema = z.strictObject({
  /** Data set, network and batch, by name. */
  regime: name,
  /** A hash of everything that decides the scores; a cell is rerun only if it differs. */
  settingsHash: hexSchema,
  manifest: manifestSchema,
  /** The steps after which the run was to be scored. */
  scoredAt: z.array(count).min(1),
  /** After each number of steps that the run reached: the accuracy under each policy. */
  scores: z.array(z.strictObject({ steps: count, accuracies: z.record(name, accuracy) })),
  /** Where a value became infinite or NaN, after which nothing was scored; null if the run came to its end. */
  divergedAt: z.strictObject({ step: count, layer: name.nullable() }).nullable(),
  /** Of training and scoring. */
  seconds: z.number().min(0),
});

const scoreSchema = z.strictObject({
  policy: name,
  /** β of a static momentum; null of what it is compared with. */
  momentum: accuracy.nullable(),
  /** Mean over seeds. */
  accuracy,
  /** Accuracy that it costs against the best static momentum of this estimator, chosen on the other seeds. */
  regret: z.strictObject({ mean: z.number(), interval: intervalSchema }),
});

const placeSchema = z.strictObject({
  dataset: name,
  model: z.enum(modelNames),
  batchSize: count,
  steps: count,
  /** Runs that reached these steps, and those that diverged before. */
  seeds: z.int().min(0),
  diverged: z.int().min(0),
  /** Empty where every run diverged. */
  estimators: z.array(z.strictObject({ variance: varianceSchema, scores: z.array(scoreSchema).min(1) })),
});

export const mapSchema = z.strictObject({
  format: z.literal(1),
  ...commandRecordSchema.shape,
  /** What the map is drawn over, rising. A place that is missing was not measured. */
  batchSizes: z.array(count).min(1),
  steps: z.array(count).min(1),
  /** Of all runs; a cell may have fewer. */
  seeds: z.array(seedSchema).min(1),
  /** The recipe of each data set, network and batch. */
  recipes: z.array(recipeSchema).min(1),
  places: z.array(placeSchema).min(1),
});

export type MapCell = z.infer<typeof mapCellSchema>;
export type MapScore = z.infer<typeof scoreSchema>;
export type MapPlace = z.infer<typeof placeSchema>;
export type MomentumMap = z.infer<typeof mapSchema>;
