/** Schemas of accounts, tokens and profiles. */
import { z } from "zod";
import type { TicketCounts } from "@/lib/leaderboard";
import { noticeKindNames, scopeNames } from "@/lib/leaderboard";
import type { QuotaState } from "@/lib/server/limits/quotas";
import type { NoticeInfo } from "@/lib/server/notices/read";
import type { TokenInfo } from "@/lib/server/people/tokens";
import type { UserPage } from "@/lib/server/people/users";
import { runSummarySchema } from "./runs";

const scopeSchema = z.enum(scopeNames);

const quotaSchema = z
  .object({
    quota: z.enum(["runs", "policies", "records", "flags"]),
    limit: z.int(),
    used: z.int(),
    left: z.int(),
    resetsAt: z.date(),
  })
  .meta({
    id: "Quota",
    description: "Of a day, by UTC. Only what was accepted counts.",
  }) satisfies z.ZodType<QuotaState>;

export const accountSchema = z
  .object({
    name: z.string(),
    role: z.enum(["user", "maintainer"]),
    url: z.string(),
    scopes: z.array(scopeSchema).nullable().describe("Of the token that asks; null for a session"),
    quotas: z.array(quotaSchema),
  })
  .meta({ id: "Account" });

const tokenFields = {
  id: z.string(),
  name: z.string(),
  scopes: z.array(scopeSchema),
  createdAt: z.date(),
  lastUsedAt: z.date().nullable().describe("To the minute; null: never"),
};

export const tokenSchema = z.object(tokenFields).meta({ id: "Token" }) satisfies z.ZodType<TokenInfo>;

export const freshTokenSchema = z
  .object({ ...tokenFields, token: z.string().describe("Said this once") })
  .meta({ id: "FreshToken" });

const ticketCountsSchema = z
  .object({
    issued: z.int(),
    reported: z.int().describe("A run was published with it"),
    open: z.int().describe("Not reported, and not expired"),
  })
  .meta({ id: "TicketCounts", description: "Seeds that boards gave out." }) satisfies z.ZodType<TicketCounts>;

export const noticeKindSchema = z.enum(noticeKindNames);

export const noticeSchema = z
  .object({
    id: z.string(),
    kind: noticeKindSchema,
    title: z.string().describe("What it is about"),
    href: z.string().describe("The page of it"),
    text: z.string().describe("What happened, in a sentence"),
    createdAt: z.date(),
    readAt: z.date().nullable().describe("Null: it is new"),
  })
  .meta({ id: "Notice" }) satisfies z.ZodType<NoticeInfo>;

export const userSchema = z
  .object({
    name: z.string(),
    image: z.string().nullable(),
    createdAt: z.date(),
    runs: z.array(runSummarySchema).describe("The newest 50"),
    policies: z.array(z.object({ slug: z.string(), name: z.string(), rule: z.string() })),
    tickets: ticketCountsSchema,
  })
  .meta({ id: "User" }) satisfies z.ZodType<UserPage>;
