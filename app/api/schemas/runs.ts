/** Schemas of published runs. */
import { z } from "zod";
import { issueSchema, manifestSchema, runRecordSchema, scoreSchema, variantSchema } from "@/lib/records";
import type { RunDetail, RunSummary } from "@/lib/server/runs/read";
import type { Ticket } from "@/lib/server/tickets/issue";
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
    .describe("Whether its board counts it: false for a seed that its author chose, and for settings of their own"),
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
    reproductionOf: z.string().nullable(),
    reproductions: z.int(),
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

export const publishedSchema = z
  .object({
    id: z.string(),
    url: z.string(),
    created: z.boolean().describe("False: this very submission was stored before"),
  })
  .meta({ id: "RunPublished" });
