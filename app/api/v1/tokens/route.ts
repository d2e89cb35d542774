/** The caller's personal tokens: list, create. */
import { z } from "zod";
import { makeToken, tokenRequestSchema, tokensOf } from "@/lib/server/people/tokens";
import { created, endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { refused } from "../../problem";
import { freshTokenSchema, tokenSchema } from "../../schemas/people";

export const GET = endpoint(
  {
    summary: "Your tokens",
    detail: "Those in force, newest first; never their secrets.",
    tag: "people",
    access: "user",
    scope: null,
    json: z.object({ tokens: z.array(tokenSchema) }),
    answers: { 200: "The tokens" },
  },
  async ({ caller }) => ({ tokens: await tokensOf(caller.id) }),
);

export const POST = endpoint(
  {
    summary: "Make a token",
    detail: "The secret is in this answer and nowhere else: the site keeps its SHA-256 alone.",
    tag: "people",
    access: "user",
    scope: null,
    body: { schema: tokenRequestSchema, limitBytes: 4096 },
    json: freshTokenSchema,
    answers: { 201: "Made" },
    problems: { 409: "As many are in force as an account may have" },
  },
  async ({ caller, body }) => {
    const made = await makeToken(caller.id, body);
    return "refusal" in made ? refused([made.refusal]) : created(made, `/api/v1/tokens/${made.id}`);
  },
);

export const { PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET", "POST");
