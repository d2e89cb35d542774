/**
 * The record of a study: every cell (regime, variant, seed) that was trained, with all policies' scores, and a summary
 * over the cells. Written by `dmbench study`, shown on the study's page.
 */
import { z } from "zod";
import { metricFields, recordedMetrics } from "./figures";
import { variantSchema } from "./recipe";
import { manifestSchema, runRecordSchema, scoreSchema } from "./run-record";

const hexSchema = z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits");

export const studyCellSchema = z.strictObject({
  /** Data set, network and recipe, by name. */
  regime: z.string().min(1).max(64),
  /** A hash of everything that decides the scores; a cell is rerun only if it differs. */
  settingsHash: hexSchema,
  benchmark: runRecordSchema.shape.benchmark,
  manifest: manifestSchema,
  /** The static momentum with the best accuracy on the validation split. */
  bestStatic: z.strictObject({ policy: z.string(), validationAccuracy: z.number().min(0).max(1) }),
  scores: z.array(scoreSchema.omit({ confusionMatrix: true })).min(1),
  /** Mean over the last 16 steps. */
  finalLoss: z.number(),
  timings: runRecordSchema.shape.timings,
});

const intervalSchema = z.strictObject({ low: z.number(), high: z.number() }).nullable();
const estimateSchema = z.strictObject({
  n: z.int().min(1),
  mean: z.number(),
  deviation: z.number().nullable(),
  interval: intervalSchema,
});
const verdictSchema = z.enum(["better", "worse", "tie", "unresolved"]);

const methodSummarySchema = z.strictObject({
  /** `variant/policy slug`; `variant/best-static` is the static momentum that validation chose, seed by seed. */
  method: z.string(),
  ...metricFields(recordedMetrics, () => estimateSchema),
  /** Total shift, summed over layers. */
  shift: estimateSchema,
  /** Mean over seeds of each layer's total shift; empty if nothing is averaged. */
  shiftPerLayer: z.array(z.strictObject({ layer: z.string(), shift: z.number() })),
  /** How often each momentum was used in each layer, over seeds; null if a layer has several or none. */
  momentumPerLayer: z.array(
    z.array(z.strictObject({ momentum: z.union([z.number(), z.string(), z.null()]), seeds: z.int().min(1) })),
  ),
  /** Layers, over all seeds, whose choice is the first or last candidate, and layers in all. */
  edgeOfGrid: z.strictObject({ onEdge: z.int().min(0), of: z.int().min(0) }),
});

const comparisonSchema = z.strictObject({
  method: z.string(),
  against: z.string(),
  /** Accuracy of `method` minus that of `against`, paired by seed. */
  difference: estimateSchema.extend({ pValue: z.number().nullable() }),
  verdict: verdictSchema,
});

const regimeSummarySchema = z.strictObject({
  regime: z.string(),
  dataset: z.string(),
  subset: z.string().nullable(),
  model: z.string(),
  width: z.number(),
  batchSize: z.int(),
  steps: z.int(),
  seeds: z.array(z.int()),
  variants: z.array(variantSchema),
  methods: z.array(methodSummarySchema),
  /**
   * The static momentum with the best mean accuracy on the TEST split, by variant: an oracle, which nobody can choose
   * in practice.
   */
  oracleByTest: z.array(z.strictObject({ variant: variantSchema, policy: z.string(), accuracy: z.number() })),
  comparisons: z.array(comparisonSchema),
});

export const studySummarySchema = z.strictObject({
  regimes: z.array(regimeSummarySchema),
  /** How often a method is better than, tied with, worse than or unresolved against another, over regimes. */
  tally: z.array(
    z.strictObject({
      method: z.string(),
      against: z.string(),
      better: z.int(),
      tie: z.int(),
      worse: z.int(),
      unresolved: z.int(),
    }),
  ),
});

export const studySchema = z.strictObject({
  format: z.literal(1),
  /** As typed. */
  command: z.string().max(1024),
  suite: z.string(),
  /** By the clock of the machine that ran it. */
  finishedAt: z.iso.datetime(),
  machine: z.strictObject({
    processor: z.string(),
    cores: z.int().min(1),
    memoryGiB: z.number(),
    system: z.string(),
    node: z.string(),
  }),
  /** Number of parallel processes. */
  jobs: z.int().min(1),
  cells: z.array(studyCellSchema).min(1),
  summary: studySummarySchema,
});

export type StudyCell = z.infer<typeof studyCellSchema>;
export type MethodSummary = z.infer<typeof methodSummarySchema>;
export type RegimeSummary = z.infer<typeof regimeSummarySchema>;
export type StudySummary = z.infer<typeof studySummarySchema>;
export type Study = z.infer<typeof studySchema>;
