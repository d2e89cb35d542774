/** Schemas of momentum policies and their scoring. */
import { z } from "zod";
import { issueSchema } from "@/lib/records";
import type { PolicyDetail, PolicySummary } from "@/lib/server/policies/read";
import type { ScoringQueue, ScoringState } from "@/lib/server/scoring/state";
import { standingSchema } from "./board";

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
