/** Schemas of published runs. */
import { z } from "zod";
import { auditOutcomes, weightsOutcomes } from "@/lib/leaderboard";
import { issueSchema, manifestSchema, runRecordSchema, scoreSchema, variantSchema } from "@/lib/records";
import type { RunAudit, RunDetail, RunSummary, RunWeightsDetail } from "@/lib/server/runs/read";
import type { Ticket } from "@/lib/server/tickets/issue";
import type { Reception } from "@/lib/server/weights/receive";
import { methodSchema } from "./board";

const summaryFields = {
  id: z.string(),
  createdAt: z.date(),
  user: z.string().nullable().describe("Null once the account is deleted"),
  benchmark: z
    .object({ slug: z.string(), version: z.int(), title: z.string() })
    .nullable()
    .describe("Null: settings of the user's own, on no board"),
  dataset: z.string(),
  variant: variantSchema,
  seed: z.int(),
  tier: z.int(),
  ranks: z
    .boolean()
    .describe(
      "Whether its board counts it: false for a seed that its author chose, after an audit that differs, and for settings of their own",
    ),
  seedFrom: z.enum(["board", "author"]).describe("board: with a ticket"),
  methods: z.int(),
  issues: z.array(issueSchema).describe("Where it contradicts the rules as they are now: it then ranks nowhere"),
  best: z.object({
    method: methodSchema,
    policy: z.object({ slug: z.string(), name: z.string() }),
    accuracy: z.number(),
  }),
};

export const runSummarySchema = z.object(summaryFields).meta({ id: "RunSummary" }) satisfies z.ZodType<RunSummary>;

const { curves, timings } = runRecordSchema.shape;

const auditSchema = z
  .object({
    outcome: z
      .enum(auditOutcomes)
      .describe(
        "same; within: no more differs than between backends; alike: the first steps are the same, and figures lie where " +
          "those of other seeds do; differs: it doesn't rank; unknown: it differs, and is of another version, so it doesn't rank",
      ),
    predictions: z.int().describe("Over all methods"),
    differing: z.int().describe("Of these, those that the server's own training doesn't give"),
    methods: z.array(z.object({ method: methodSchema, differing: z.int(), of: z.int() })).describe("Where some differ"),
    reason: z.string().nullable().describe("Null where all is the same"),
    createdAt: z.date(),
    flag: z.string().nullable().describe("The flag that it raised, for the author to answer"),
  })
  .meta({ id: "Audit", description: "The server trained the run again, and compared." }) satisfies z.ZodType<RunAudit>;

const weightsSchema = z
  .object({
    sha256: z.string(),
    bytes: z.int(),
    outcome: z
      .enum(weightsOutcomes)
      .nullable()
      .describe(
        "What came of scoring the run's methods on them; null until then. same; within: no more differs than rounding " +
          "changes; differs: it doesn't rank; unknown: can't be compared; refused: not of this run",
      ),
    predictions: z.int().nullable().describe("Over the methods that can be scored on them"),
    differing: z.int().nullable(),
    reason: z.string().nullable().describe("Null where all is the same"),
    flag: z.string().nullable().describe("The flag that it raised, for the author to answer"),
    url: z.string().nullable().describe("The file, once policies are scored on it"),
    scored: z.int().describe("How many policies were scored on it"),
  })
  .meta({
    id: "RunWeights",
    description: "Weights and trace that came with the run.",
  }) satisfies z.ZodType<RunWeightsDetail>;

export const runSchema = z
  .object({
    ...summaryFields,
    manifest: manifestSchema,
    curves,
    timings,
    scores: z.array(
      scoreSchema.omit({ variant: true, policy: true }).extend({
        policy: z.object({ slug: z.string(), name: z.string(), rule: z.string(), kind: z.string() }),
        esmTotal: z
          .number()
          .describe("Σ over layers of ESM_mean + ESM_std, as the browser claims it: no prediction tells it"),
      }),
    ),
    predictions: z.object({ sha256: z.string(), bytes: z.int() }),
    audit: auditSchema.nullable().describe("The last one; null: the server hasn't trained it again"),
    auditWaits: z.boolean().describe("Whether it is to be trained again"),
    weights: weightsSchema.nullable().describe("Null: none came with it"),
    reproductionOf: z.string().nullable(),
    reproductions: z.int().describe("Other accounts that trained it again: same benchmark, variant and seed"),
    reproducedBy: z
      .array(
        z.object({
          id: z.string(),
          user: z.string().nullable(),
          agreement: z
            .number()
            .nullable()
            .describe("Share of predictions that are the same, over the methods that both have; null until compared"),
        }),
      )
      .describe("Their runs, the oldest first, at most 20"),
  })
  .meta({
    id: "Run",
    description: "Everything that was published with a run; every metric but the estimation shift is the server's own.",
  }) satisfies z.ZodType<RunDetail>;

export const ticketSchema = z
  .object({
    id: z.string().describe("To publish with, as `ticket`; keep it to yourself until then"),
    benchmark: z.object({ slug: z.string(), version: z.int() }),
    seed: z.int(),
    number: z.int().describe("Of the board's tickets, from 1"),
    expiresAt: z.date(),
    seeds: z.int().describe("The most seeds that one of the board's methods has by now"),
  })
  .meta({ id: "Ticket" }) satisfies z.ZodType<Ticket>;

export const receptionSchema = z
  .discriminatedUnion("state", [
    z.object({ state: z.literal("received") }),
    z.object({
      state: z.literal("upload"),
      url: z.string().describe("Where to PUT the file; an address of this site’s begins with a slash"),
      headers: z.record(z.string(), z.string()).describe("To send with it"),
    }),
    z.object({ state: z.literal("not-needed"), reason: z.string() }),
  ])
  .meta({ id: "WeightsReception" }) satisfies z.ZodType<Reception>;

export const publishedSchema = z
  .object({
    id: z.string(),
    url: z.string(),
    created: z.boolean().describe("False: this very submission was stored before"),
  })
  .meta({ id: "RunPublished" });
