/** Schemas of flags and the log. */
import { z } from "zod";
import type { FlagInfo } from "@/lib/server/moderation/flags";
import type { LogRecord } from "@/lib/server/moderation/log";
import { subjectKinds } from "@/lib/server/moderation/moderate";

export const flagStateSchema = z.enum(["open", "upheld", "dismissed"]);

export const flagSchema = z
  .object({
    id: z.string(),
    subject: z.object({
      kind: z.enum(subjectKinds),
      id: z.string(),
      url: z.string(),
      title: z.string(),
      author: z.string().nullable(),
      hidden: z.boolean(),
    }),
    reason: z.string(),
    state: flagStateSchema,
    reply: z.string().nullable().describe("The author's"),
    decision: z.string().nullable().describe("The reasons of the last decision"),
    decidedBy: z.string().nullable(),
    decidedAt: z.date().nullable(),
    appeal: z.string().nullable().describe("The author's, against the decision that upheld it"),
    appealedAt: z.date().nullable(),
    settledAt: z.date().nullable().describe("When another maintainer decided the appeal"),
    createdAt: z.date(),
  })
  .meta({ id: "Flag" }) satisfies z.ZodType<FlagInfo>;

export const logRecordSchema = z
  .object({
    id: z.string(),
    action: z.string().describe("`run.published`, `policy.added`, `run.hidden` …"),
    subject: z.string(),
    subjectId: z.string(),
    actor: z.string().nullable().describe("Null for the site itself, and for an account that is gone"),
    detail: z.record(z.string(), z.unknown()),
    createdAt: z.date(),
  })
  .meta({ id: "LogRecord" }) satisfies z.ZodType<LogRecord>;
