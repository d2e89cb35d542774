/** Schemas of momentum policies and their scoring. */
import { z } from "zod";
import { issueSchema, variantSchema } from "@/lib/records";
import type { PolicyDetail, PolicySummary } from "@/lib/server/policies/read";
import type { PolicyScores } from "@/lib/server/policies/try";
import type { ScoringQueue, ScoringState } from "@/lib/server/scoring/state";
import { metricsOf, standingSchema } from "./board";

const sourceSchema = z.object({ title: z.string(), url: z.string().nullable() });
const namedSchema = z.object({ slug: z.string(), name: z.string() });

const scoringStateSchema = z
  .object({
    benchmark: z.object({ slug: z.string(), version: z.int(), title: z.string() }),
    state: z.enum(["waiting", "running", "scored", "failed"]),
    scored: z.int(),
    of: z.int(),
    ahead: z.int().nullable(),
    error: z.string().nullable(),
  })
  .meta({
    id: "ScoringState",
    description: "How far a policy's scoring on one benchmark is.",
  }) satisfies z.ZodType<ScoringState>;

const summaryFields = {
  slug: z.string(),
  hash: z.string(),
  name: z.string(),
  description: z.string(),
  rule: z.string(),
  kind: z.string(),
  document: z.unknown(),
  source: sourceSchema.nullable(),
  builtIn: z.boolean(),
  author: z.string().nullable(),
  createdAt: z.date(),
};

export const policySummarySchema = z
  .object(summaryFields)
  .meta({ id: "PolicySummary" }) satisfies z.ZodType<PolicySummary>;

export const policySchema = z
  .object({
    ...summaryFields,
    aliases: z.array(z.object({ name: z.string(), source: sourceSchema })),
    forkOf: namedSchema.nullable(),
    forks: z.array(namedSchema),
    standings: z.array(standingSchema),
    answer: z.string().describe("What the boards say of it, in words; empty before any has scored it"),
    scoring: z.array(scoringStateSchema),
    issues: z.array(issueSchema).describe("Why its document can no longer be read: it then ranks nowhere"),
  })
  .meta({ id: "Policy", description: "A momentum policy and where it stands." }) satisfies z.ZodType<PolicyDetail>;

export const policyAnswerSchema = z
  .object({
    slug: z.string(),
    url: z.string(),
    hash: z.string(),
    created: z.boolean().describe("False: this document was submitted before"),
    scoring: z.array(scoringStateSchema),
    done: z.boolean().describe("Whether all is scored that is scored at once"),
  })
  .meta({
    id: "PolicySubmitted",
    description: "Asked for as `application/x-ndjson`: one such line for each step of the scoring.",
  });

const metricsSchema = z.object(metricsOf(z.number()));

export const policyScoresSchema = z
  .object({
    benchmark: z.object({ slug: z.string(), version: z.int(), title: z.string() }),
    variant: variantSchema,
    baseline: namedSchema.describe("The policy that it is compared with: PyTorch's default, β = 0.9"),
    runs: z
      .array(
        z.object({
          number: z.int(),
          seed: z.int(),
          policy: metricsSchema,
          baseline: metricsSchema,
          difference: z.number().describe("Of the accuracies: the policy's minus the baseline's"),
        }),
      )
      .describe("The benchmark's public runs"),
    mean: z.object({ policy: metricsSchema, baseline: metricsSchema }).describe("Over the runs"),
    difference: z
      .object({
        n: z.int(),
        mean: z.number(),
        deviation: z.number().nullable(),
        interval: z.object({ low: z.number(), high: z.number() }).nullable(),
        pValue: z.number().nullable(),
      })
      .describe("Of the accuracies, paired run by run, with Student's 95 % interval; null of a single run"),
    verdict: z.enum(["better", "worse", "tie", "unresolved"]).describe("On the policy; a tie is within ±0.3 points"),
  })
  .meta({
    id: "PolicyScores",
    description: "A policy document scored on a benchmark's public runs. Nothing of it is kept.",
  }) satisfies z.ZodType<PolicyScores>;

export const scoringQueueSchema = z
  .object({
    waiting: z.int().describe("Jobs that score; `/api/v1/recording` has the runs to record"),
    running: z.int(),
    failed: z.array(
      z.object({
        work: z.enum(["record", "catch_up", "score", "audit", "weights"]),
        benchmark: z.string(),
        policy: z.string().nullable(),
        error: z.string().nullable(),
      }),
    ),
    refused: z.array(z.object({ file: z.string(), reason: z.string() })),
  })
  .meta({ id: "ScoringLine" }) satisfies z.ZodType<ScoringQueue & { refused: unknown }>;
