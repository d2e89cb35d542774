/**
 * The record of one training run and of every policy scored on it: what the
 * browser publishes, what `dmbench train --json` prints, what a run page shows.
 */
import { z } from "zod";
import { evaluationsPerRun, maxLossPoints } from "./curve-steps";
import type { ByMetric, RecordedMetric } from "./figures";
import { byMetric, figureSchema, metricFields, metricNames, recordedMetrics } from "./figures";
import { recipeSchema, seedSchema, variantSchema } from "./recipe";
import { textSchema } from "./text";

/** A SHA-256. */
export const hexSchema = z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits");
const fraction = z.number().min(0).max(1);

/** Steps of the longest run that a recipe allows: 1,000 epochs of 100,000 examples one by one. */
export const longestRun = 1e8;

/** The largest 32-bit float: losses and shifts are computed from such numbers. */
const largestFloat = 3.4028234663852886e38;
export const measured = z.number().min(0).max(largestFloat);

/** Thirty years: a bound for numbers that nobody can check. */
const seconds = z.number().min(0).max(1e9);

/**
 * A constant momentum, a candidate's expression, or null if nothing is averaged (recalibration) or each channel has its
 * own.
 */
export const layerMomentumSchema = z.union([fraction, textSchema({ max: 512 }), z.null()]);

const layerNameSchema = textSchema({ max: 64 });

const layerShiftSchema = z.strictObject({
  /** Name of the batch-norm layer, as the network names it. */
  layer: layerNameSchema,
  /** ‖μ̂ − μ‖₂ over the layer's channels. */
  mean: measured,
  /** ‖σ̂ − σ‖₂ over the layer's channels. */
  std: measured,
  /** RMS over channels of (μ̂ − μ)/σ: comparable between layers. */
  relativeMean: measured,
  /** RMS over channels of (σ̂ − σ)/σ. */
  relativeStd: measured,
});

export const scoreSchema = z.strictObject({
  /** `variant/policy slug`. */
  method: textSchema({ max: 128 }),
  variant: variantSchema,
  policy: z.strictObject({
    slug: textSchema({ max: 64 }),
    hash: hexSchema,
    /** The policy itself, complete and canonical, for programs that compute its statistics anew; from format 2. */
    document: z.record(textSchema({ max: 64 }), z.unknown()).optional(),
  }),
  momentumPerLayer: z.array(layerMomentumSchema).max(256),
  /** Layers whose chosen momentum is the first or last of the candidates. */
  edgeOfGrid: z.array(layerNameSchema).max(256).default([]),
  ...metricFields(recordedMetrics, figureSchema),
  /** Rows are true classes. */
  confusionMatrix: z.array(z.array(z.int().min(0)).max(256)).max(256),
  esm: z.array(layerShiftSchema).max(256),
});

const stepSchema = z.int().min(1).max(longestRun);
const measurementSchema = z.strictObject({ step: stepSchema, value: measured });

export const manifestSchema = z.strictObject({
  recipe: recipeSchema,
  variant: variantSchema,
  seed: seedSchema,
  steps: stepSchema,
  parameters: z.int().min(1).max(1e9),
  batchNormChannels: z.int().min(0).max(1e6),
  dataset: z.strictObject({
    slug: textSchema({ max: 64 }),
    version: textSchema({ max: 64 }),
    /** Set if only a part of the published data set was used. */
    subset: textSchema({ max: 128 }).nullable(),
    /** SHA-256 of the decoded images and labels. */
    hash: hexSchema,
  }),
  backend: z.strictObject({
    name: z.enum(["webgpu", "wasm", "cpu"]),
    /** As reported by the browser or driver; not verified. */
    adapter: textSchema({ min: 0, max: 256 }),
    /** Why this backend was chosen. */
    reason: textSchema({ min: 0, max: 512 }),
    threads: z.int().min(1).max(1024),
  }),
  /** Versions of the software that ran. */
  software: z.strictObject({
    dmbench: textSchema({ min: 0, max: 32 }),
    tfjs: textSchema({ min: 0, max: 32 }),
    platform: textSchema({ min: 0, max: 512 }),
  }),
});

export const runRecordSchema = z.strictObject({
  /** 1 names its policies; 2 holds their documents too. */
  format: z.literal([1, 2]).default(1),
  /** The benchmark whose recipe this run followed; null for custom settings. */
  benchmark: z.strictObject({ slug: textSchema({ max: 64 }), version: z.int().min(1) }).nullable(),
  manifest: manifestSchema,
  scores: z.array(scoreSchema).min(1).max(64),
  curves: z.strictObject({
    loss: z.array(measurementSchema).max(maxLossPoints),
    /** Accuracy on the validation split, each batch normalized by its own statistics' running average at β = 0.9. */
    validationAccuracy: z.array(z.strictObject({ step: stepSchema, value: fraction })).max(evaluationsPerRun),
    /** Total shift of each layer at β = 0.9 during training. */
    shift: z
      .array(z.strictObject({ layer: layerNameSchema, points: z.array(measurementSchema).max(evaluationsPerRun) }))
      .max(256),
  }),
  timings: z.strictObject({
    trainingSeconds: seconds.gt(0),
    scoringSeconds: seconds,
    imagesPerSecond: z.number().min(0).max(1e9),
  }),
});

export type LayerShift = z.infer<typeof layerShiftSchema>;
export type ScoreRecord = z.infer<typeof scoreSchema>;
export type Manifest = z.infer<typeof manifestSchema>;
export type RunRecord = z.infer<typeof runRecordSchema>;

/** Σ over layers of ESM_mean + ESM_std. */
export const totalShift = (layers: readonly Pick<LayerShift, "mean" | "std">[]): number =>
  layers.reduce((sum, { mean, std }) => sum + mean + std, 0);

/** A score's figures as in boards and tables, with the shift summed over layers. */
export const scoreFigures = (score: Pick<ScoreRecord, RecordedMetric | "esm">): ByMetric<number> =>
  byMetric(metricNames, (metric) => (metric === "esm" ? totalShift(score.esm) : score[metric]));
