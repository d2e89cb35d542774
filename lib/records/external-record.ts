/**
 * A network that somebody trained with code of their own, and the policies that were scored on it: what `dmbn.py` writes
 * as external.json, and /external shows. Nothing in it can be repeated by a server; of a registered data set its
 * predictions can be scored.
 */
import { z } from "zod";
import { layerMomentumSchema, longestRun, measured } from "./run-record";
import { textSchema } from "./text";

/** The data set of a record whose data is not registered. */
export const otherDataset = "other";

const methodSchema = z.strictObject({
  policy: textSchema({ max: 512 }).describe("Slug of a policy of the site, or a name for the document beside it"),
  document: z
    .record(textSchema({ max: 64 }), z.unknown())
    .optional()
    .describe("A policy document"),
  value: z.number().describe("The metric, as measured by the author"),
  momentumPerLayer: z.array(layerMomentumSchema).max(1024),
  shift: measured
    .nullable()
    .describe("Σ over layers of ESM_mean + ESM_std, as measured by the author; null: not measured"),
});

export const externalRecordSchema = z.strictObject({
  format: z.literal("dmbench-external-1"),
  network: z.strictObject({
    name: textSchema({ max: 80 }),
    description: textSchema({ min: 0, max: 2000, lines: true }),
    parameters: z.int().min(1).max(1e13),
    batchNorms: z.int().min(1).max(10_000),
    channels: z.int().min(1).max(1e8).describe("Of all batch norms"),
  }),
  software: textSchema({ max: 128 }).describe("Framework and version"),
  link: z
    .url({ protocol: /^https$/, hostname: z.regexes.domain, error: "an address that begins with https://" })
    .max(2000)
    .nullable()
    .default(null)
    .describe("Where code or paper are"),
  task: z
    .strictObject({
      dataset: textSchema({ max: 64 }).describe(`Slug of a registered data set, or ${otherDataset}`),
      name: textSchema({ max: 128 }).nullable().default(null).describe(`What the data is, where it is ${otherDataset}`),
      classes: z.int().min(2).max(1e6),
    })
    .refine(({ dataset, name }) => (dataset === otherDataset) === (name !== null), {
      path: ["name"],
      error: `a name where the data set is ${otherDataset}, and null elsewhere`,
      params: { remedy: "Name the data, or the registered data set." },
    }),
  training: z.strictObject({
    batchSize: z.int().min(1).max(1e7),
    steps: z.int().min(1).max(longestRun),
    epochs: z.number().gt(0).max(1e6).nullable().default(null),
    learningRate: textSchema({ max: 200 }).nullable().default(null).describe("The schedule, in words or as a formula"),
  }),
  metric: textSchema({ max: 64 }).describe("What `value` is; more is better"),
  methods: z
    .array(methodSchema)
    .min(1)
    .max(64)
    .refine((methods) => new Set(methods.map(({ policy }) => policy)).size === methods.length, {
      error: "each policy once",
      params: { remedy: "Leave out all but one." },
    }),
});

export type ExternalRecord = z.infer<typeof externalRecordSchema>;
export type ExternalMethod = ExternalRecord["methods"][number];
