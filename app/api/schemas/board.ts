/** Schemas of benchmarks and boards. */
import { z } from "zod";
import type { BoardEntry, Resolution } from "@/lib/leaderboard";
import { deviceClasses, divisions, standings } from "@/lib/leaderboard";
import { metricFields, metricNames, recipeSchema, variantSchema } from "@/lib/records";
import type { BenchmarkInfo, BenchmarkSummary } from "@/lib/server/boards/benchmarks";
import type { Standing } from "@/lib/server/boards/standings";
import { nextSchema } from "../parameters";

export const divisionSchema = z
  .enum(divisions)
  .describe("closed: recomputed by the server on runs of its own; open: runs by users");

/** `variant/policy slug`. */
export const methodSchema = z.string().describe("`variant/policy slug`, such as `bn/dmbn`");

const estimateSchema = z
  .object({
    mean: z.number(),
    deviation: z.number().nullable(),
    low: z.number().nullable(),
    high: z.number().nullable(),
  })
  .meta({
    id: "Estimate",
    description:
      "A mean over seeds with its 95 % interval, of the accuracy for other seeds and test images; deviation (n − 1) and " +
      "interval are null for a single seed.",
  });

export const metricsOf = <Figure extends z.ZodType>(figure: Figure) => metricFields(metricNames, () => figure);

const benchmarkFields = {
  slug: z.string(),
  version: z.int(),
  title: z.string(),
  summary: z.string(),
  dataset: z.string(),
  recipe: recipeSchema,
  rankedOn: z
    .enum(["held-out", "published"])
    .describe(
      "What its recomputed board is made of: this site's held-out runs, or, until it has ten, results that were " +
        "published with the software, from public seeds",
    ),
};

export const benchmarkSchema = z.object(benchmarkFields).meta({
  id: "Benchmark",
  description: "Data set, network and recipe; immutable: a change is a new version.",
}) satisfies z.ZodType<BenchmarkInfo>;

const resolutionSchema = z
  .object({
    methods: z.int().describe("Methods that were ranked; those with equal predictions count once"),
    runs: z.int().describe("Runs that all of them share"),
    images: z.int().nullable().describe("Test images; null if it isn't known which ones were answered right"),
    alike: z.int().nullable().describe("Test images that all methods answer alike on every run"),
    pairs: z.int().nullable().describe("Pairs of methods; null below ten runs"),
    toldApart: z.int().nullable().describe("Pairs that are told apart"),
    smallest: z.number().nullable().describe("The smallest difference in accuracy that is told apart"),
    seedsNeeded: z.int().nullable().describe("Runs that would tell the first from the last, if nothing is told apart"),
    exact: z
      .int()
      .nullable()
      .describe("The first methods by mean that are compared with each other; the others with the first only"),
  })
  .meta({ id: "Resolution", description: "How well a board tells its methods apart." }) satisfies z.ZodType<Resolution>;

export const benchmarkSummarySchema = z
  .object({
    ...benchmarkFields,
    methods: z.int().describe("Methods that the server recomputed"),
    recordedRuns: z.int().describe("The most runs that any of them was scored on"),
    plannedRuns: z.int().nullable().describe("How many its methods are to be scored on"),
    openMethods: z.int().describe("Methods in runs by users"),
    runs: z.int().describe("Runs by users"),
    openSeeds: z.int().describe("The most seeds that one of these methods has"),
    openSeedsNeeded: z
      .int()
      .nullable()
      .describe(
        "Seeds that would tell the first of them from the last; null where none is needed, or nothing is known",
      ),
    latestRunAt: z.date().nullable().describe("When the last of them was published"),
    resolution: resolutionSchema.nullable().describe("Null until its methods are first ranked"),
    best: z.int().describe("Methods that are among the best: none is better, and some are worse"),
    leader: z
      .object({
        method: methodSchema,
        policy: z.object({ slug: z.string(), name: z.string() }),
        accuracy: estimateSchema,
        n: z.int(),
      })
      .nullable()
      .describe("The recomputed method with the highest mean accuracy"),
  })
  .meta({ id: "BenchmarkSummary" }) satisfies z.ZodType<BenchmarkSummary>;

const policyNameSchema = z.object({ slug: z.string(), name: z.string() });

export const boardEntrySchema = z
  .object({
    method: methodSchema,
    variant: variantSchema,
    division: divisionSchema,
    policy: z.object({
      slug: z.string(),
      name: z.string(),
      rule: z.string(),
      kind: z.string(),
      builtIn: z.boolean(),
      author: z.string().nullable(),
    }),
    tries: z.int().nullable().describe("How many policies of its author this board has scored; null for built-in ones"),
    seed: z
      .string()
      .nullable()
      .describe("Null where seeds stand together: the seed of runs by users, the number of a run of the server"),
    tier: z.int().describe("What the server did to it, from 0, self-reported, to 6, trained again"),
    runs: z.int(),
    n: z.int().describe("Different seeds: what mean and interval are over"),
    reproduced: z
      .int()
      .describe("Of these, how many another account has trained again, with at least 99 % of the predictions the same"),
    ...metricsOf(estimateSchema),
    band: z
      .object({ first: z.int(), last: z.int() })
      .nullable()
      .describe("First and last place it could hold; null until ranked, and below ten runs"),
    standing: z
      .enum(standings)
      .nullable()
      .describe("best: none is better, some are worse; untold: none is told apart from it; behind: some are better"),
    sameAs: policyNameSchema
      .nullable()
      .describe("The method whose predictions it shares on every run, and which stands for it"),
    standsFor: z
      .object({ count: z.int(), first: z.array(policyNameSchema) })
      .describe("The methods that share its predictions on every run: how many, and the first five"),
    gap: z
      .object({ mean: z.number(), low: z.number().nullable(), high: z.number().nullable() })
      .nullable()
      .describe("Accuracy less the leader's, with its 95 % interval, simultaneous over all pairs of the board"),
    devices: z
      .array(z.enum(deviceClasses))
      .describe("Backends that its runs were trained on; none in the Closed division"),
    firstAt: z.date().describe("When its first score was stored"),
    points: z.array(z.object({ ...metricsOf(z.number()), label: z.string() })).optional(),
    updatedAt: z.date(),
  })
  .meta({ id: "BoardEntry", description: "One method of a board." }) satisfies z.ZodType<BoardEntry>;

export const boardSchema = z
  .object({
    benchmark: benchmarkSchema,
    rows: z.array(boardEntrySchema),
    pinned: z.array(boardEntrySchema).describe("Those asked for with `pin`; not repeated among the rows"),
    found: z.int().describe("Rows of this view over all pages, pinned ones aside"),
    of: z.int().describe("Rows of the whole division"),
    resolution: resolutionSchema.nullable().describe("Null until the board is first ranked"),
    next: nextSchema,
  })
  .meta({ id: "Board" });

export const standingSchema = z
  .object({ benchmark: benchmarkSchema, place: z.int(), of: z.int(), entry: boardEntrySchema })
  .meta({ id: "Standing", description: "A policy's place on one board." }) satisfies z.ZodType<Standing>;
