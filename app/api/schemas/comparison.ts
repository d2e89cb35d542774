/** Schemas of comparisons. */
import { z } from "zod";
import type { MethodComparison } from "@/lib/server/boards/compare";
import type { Pair } from "@/lib/server/boards/pairs";
import type { ClassFigures } from "@/lib/server/boards/per-class";
import type { RunComparison } from "@/lib/server/runs/compare";
import { benchmarkSchema, boardEntrySchema, divisionSchema, metricsOf } from "./board";
import { runSchema } from "./runs";

const pairSchema = z
  .object({
    a: z.string(),
    b: z.string(),
    points: z.array(
      z.object({
        seed: z.string().describe("Of a run of the server: its number"),
        a: z.number(),
        b: z.number(),
        difference: z.number(),
      }),
    ),
    difference: z
      .object({ n: z.int(), mean: z.number(), low: z.number().nullable(), high: z.number().nullable() })
      .nullable()
      .describe(
        "a − b over the runs that the board ranks on, with its 95 % interval, simultaneous over all pairs of the " +
          "board; over shared seeds and without an interval where one of the two isn't ranked; null where they share none",
      ),
    verdict: z.enum(["better", "worse", "tie", "unresolved"]).describe("Of a"),
    seedsNeeded: z
      .int()
      .nullable()
      .describe("Runs that would tell a difference this large; null where ten thousand would not, or none is needed"),
    mcnemar: z
      .array(
        z.object({
          seed: z.string(),
          onlyARight: z.int(),
          onlyBRight: z.int(),
          pValue: z.number(),
          adjusted: z.number().describe("After Holm, over all tests of this comparison"),
        }),
      )
      .describe("McNemar's exact test wherever both predicted the same examples"),
  })
  .meta({ id: "Pair", description: "Two methods, or runs, paired seed by seed." }) satisfies z.ZodType<Pair>;

const classFigureSchema = z.object({
  mean: z.number(),
  difference: z.object({ mean: z.number(), low: z.number().nullable(), high: z.number().nullable() }).nullable(),
});

const classesSchema = z
  .array(
    z.object({
      name: z.string(),
      figures: z.object({
        sensitivity: classFigureSchema,
        specificity: classFigureSchema,
        precision: classFigureSchema,
        fScore: classFigureSchema,
      }),
    }),
  )
  .describe("Each class against the rest; differences are from the first that is compared") satisfies z.ZodType<
  ClassFigures[]
>;

export const methodComparisonSchema = z
  .object({
    benchmark: benchmarkSchema,
    division: divisionSchema,
    methods: z.array(
      z.object({
        entry: boardEntrySchema,
        document: z.unknown(),
        points: z.array(z.object({ ...metricsOf(z.number()), seed: z.string() })),
        layers: z.array(
          z.object({
            name: z.string(),
            momenta: z.array(z.union([z.number(), z.string(), z.null()])),
            edges: z.int(),
            shift: z.number(),
          }),
        ),
        classes: classesSchema,
      }),
    ),
    unknown: z.array(z.string()),
    pairs: z.array(pairSchema),
    tieMargin: z.number(),
  })
  .meta({ id: "MethodComparison" }) satisfies z.ZodType<MethodComparison>;

const policySchema = z.object({ slug: z.string(), name: z.string() });

export const runComparisonSchema = z
  .object({
    runs: z.array(runSchema.extend({ score: runSchema.shape.scores.element, classes: classesSchema })),
    unknown: z.array(z.string()),
    policies: z.array(policySchema).describe("Those that all of them scored"),
    policy: policySchema.nullable().describe("The one they are compared under; null: each run's best"),
    pairs: z.array(pairSchema),
  })
  .meta({ id: "RunComparison" }) satisfies z.ZodType<RunComparison>;
