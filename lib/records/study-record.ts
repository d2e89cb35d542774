/**
 * The record of a study: every cell (regime, variant, seed) that was trained, with all policies' scores, and a summary
 * over the cells. Written by `dmbench study`, shown on the study's page.
 */
import { z } from "zod";
import type { VarianceEstimator } from "@/lib/dmbn/policy";
import { metricFields, recordedMetrics } from "./figures";
import { recipeSchema, variantSchema } from "./recipe";
import { hexSchema, manifestSchema, runRecordSchema, scoreSchema } from "./run-record";
import { textSchema } from "./text";

/** Of a policy, method, layer, regime, data set, network or machine. */
const name = textSchema({ max: 256 });

export const varianceSchema = z.enum(["unbiased", "biased", "total"] satisfies VarianceEstimator[]);

/** The slug of the static momentum that validation chose, seed by seed, in a study's summary. */
export const bestStaticSlug = (variance: VarianceEstimator): string =>
  variance === "unbiased" ? "best-static" : `best-static-${variance}`;

export const studyCellSchema = z.strictObject({
  /** Data set, network and recipe, by name. */
  regime: name,
  /** A hash of everything that decides the scores; a cell is rerun only if it differs. */
  settingsHash: hexSchema,
  benchmark: runRecordSchema.shape.benchmark,
  manifest: manifestSchema,
  /** Of each variance estimator the static momentum with the best accuracy on the validation split. */
  bestStatic: z.array(
    z.strictObject({
      variance: varianceSchema,
      policy: name,
      validationAccuracy: z.number().min(0).max(1),
    }),
  ),
  scores: z.array(scoreSchema.omit({ confusionMatrix: true })).min(1),
  /** Mean over the last 16 steps. */
  finalLoss: z.number(),
  timings: runRecordSchema.shape.timings,
});

export const intervalSchema = z.strictObject({ low: z.number(), high: z.number() }).nullable();
const estimateSchema = z.strictObject({
  n: z.int().min(1),
  mean: z.number(),
  deviation: z.number().nullable(),
  interval: intervalSchema,
});
const verdictSchema = z.enum(["better", "worse", "tie", "unresolved"]);

const methodSummarySchema = z.strictObject({
  /** `variant/policy slug`, or a `bestStaticSlug`. */
  method: name,
  ...metricFields(recordedMetrics, () => estimateSchema),
  /** Total shift, summed over layers. */
  shift: estimateSchema,
  /** Mean over seeds of each layer's total shift; empty if nothing is averaged. */
  shiftPerLayer: z.array(z.strictObject({ layer: name, shift: z.number() })),
  /** How often each momentum was used in each layer, over seeds; null if a layer has several or none. */
  momentumPerLayer: z.array(
    z.array(z.strictObject({ momentum: z.union([z.number(), name, z.null()]), seeds: z.int().min(1) })),
  ),
  /** Layers, over all seeds, whose choice is the first or last candidate, and layers in all. */
  edgeOfGrid: z.strictObject({ onEdge: z.int().min(0), of: z.int().min(0) }),
});

const comparisonSchema = z.strictObject({
  method: name,
  against: name,
  /** Accuracy of `method` minus that of `against`, paired by seed. */
  difference: estimateSchema.extend({ pValue: z.number().nullable() }),
  /** Adjusted by Holm over all regimes and variants that ask the same of these policies; null for one seed. */
  adjustedP: z.number().nullable(),
  /** By the adjusted p-value. */
  verdict: verdictSchema,
});

const regimeSummarySchema = z.strictObject({
  regime: name,
  dataset: name,
  subset: name.nullable(),
  model: name,
  width: z.number(),
  batchSize: z.int(),
  steps: z.int(),
  seeds: z.array(z.int()),
  variants: z.array(variantSchema),
  methods: z.array(methodSummarySchema),
  /**
   * The static momentum with the best mean accuracy on the TEST split, by variant and estimator: an oracle, which nobody
   * can choose in practice.
   */
  oracleByTest: z.array(
    z.strictObject({ variant: variantSchema, variance: varianceSchema, policy: name, accuracy: z.number() }),
  ),
  comparisons: z.array(comparisonSchema),
});

export const studySummarySchema = z.strictObject({
  regimes: z.array(regimeSummarySchema),
  /** How often a method is better than, tied with, worse than or unresolved against another, over regimes. */
  tally: z.array(
    z.strictObject({
      method: name,
      against: name,
      better: z.int(),
      tie: z.int(),
      worse: z.int(),
      unresolved: z.int(),
    }),
  ),
});

/** A comparison of two policies that was registered before the runs, and what came of it. */
const registeredComparisonSchema = z.strictObject({
  /** "H1", or what is compared where nothing was claimed. */
  key: name,
  /** Slugs of policies, or a `bestStaticSlug`. */
  method: name,
  against: name,
  variant: variantSchema,
  metric: z.enum(["accuracy", "nll"]),
  /** "better": by the t test, adjusted by Holm over the regimes. "as good": within the tie margin. Null: nothing. */
  claim: z.enum(["better", "as good"]).nullable(),
  regimes: z.array(
    z.strictObject({
      regime: name,
      n: z.int().min(1),
      /** Of the differences, method less against, paired by seed. */
      mean: z.number(),
      /** Simultaneous over the regimes, by Bonferroni; null for one seed. */
      interval: intervalSchema,
      /** By Holm over the regimes. */
      adjustedP: z.number(),
      /** Of the claim; without one, by the simultaneous interval. */
      outcome: z.enum(["holds", "fails", "better", "tie", "worse", "undecided"]),
    }),
  ),
  /** Null where nothing was claimed. */
  outcome: z.enum(["holds", "fails", "undecided"]).nullable(),
});

/** How a command that runs many cells made what it wrote. */
export const commandRecordSchema = z.strictObject({
  /** As typed. */
  command: textSchema({ max: 1024 }),
  /** By the clock of the machine that ran it. */
  finishedAt: z.iso.datetime(),
  machine: z.strictObject({
    processor: name,
    cores: z.int().min(1),
    memoryGiB: z.number(),
    system: name,
    node: name,
  }),
  /** Number of parallel processes. */
  jobs: z.int().min(1),
  /** Cells that were asked for, and those that are summarized: fewer while it runs. The cells are in files of their own. */
  planned: z.int().min(1),
  finished: z.int().min(1),
  /** Of training and scoring, summed over the cells. */
  seconds: z.number().min(0),
  software: manifestSchema.shape.software,
  backend: manifestSchema.shape.backend,
});

export const studySchema = z.strictObject({
  format: z.literal(2),
  ...commandRecordSchema.shape,
  suite: name,
  /** The recipe of each regime. */
  recipes: z.array(z.strictObject({ regime: name, recipe: recipeSchema, dataset: manifestSchema.shape.dataset })),
  summary: studySummarySchema,
  /** What was registered before the runs, if anything was. */
  registered: z.array(registeredComparisonSchema).optional(),
});

export type CommandRecord = z.infer<typeof commandRecordSchema>;
export type RegisteredComparison = z.infer<typeof registeredComparisonSchema>;
export type StudyCell = z.infer<typeof studyCellSchema>;
export type MethodSummary = z.infer<typeof methodSummarySchema>;
export type RegimeSummary = z.infer<typeof regimeSummarySchema>;
export type StudySummary = z.infer<typeof studySummarySchema>;
export type Study = z.infer<typeof studySchema>;
