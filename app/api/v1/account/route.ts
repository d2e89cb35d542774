/** The caller's account: read, create, delete. */
import { z } from "zod";
import { textSchema } from "@/lib/records";
import { quotasOf } from "@/lib/server/limits/quotas";
import { deleteAccount, signUp, signUpSchema } from "@/lib/server/people/accounts";
import { created, endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { refused } from "../../problem";
import { accountSchema } from "../../schemas/people";

export const GET = endpoint(
  {
    summary: "Your account",
    detail: "Who you are here, and what is left of today's quotas.",
    tag: "people",
    access: "user",
    scope: "read",
    json: accountSchema,
    answers: { 200: "The account that the session or token belongs to" },
  },
  async ({ caller: { id, name, role, scopes } }) => ({
    name,
    role,
    url: `/u/${name}`,
    scopes: scopes && [...scopes],
    quotas: await quotasOf(id),
  }),
);

export const POST = endpoint(
  {
    summary: "Make an account",
    detail: "A local one, with a name and a password. Signing in is a step of its own, at /signin.",
    tag: "people",
    access: "anyone",
    body: { schema: signUpSchema, limitBytes: 4096, secret: ["password"] },
    json: z.object({ name: z.string(), url: z.string() }),
    answers: { 201: "Made" },
    problems: { 409: "The name is taken" },
    limits: ["sign-up/address"],
  },
  async ({ body }) => {
    const made = await signUp(body);
    if ("refusal" in made) return refused([made.refusal]);
    const url = `/u/${made.user.name}`;
    return created({ name: made.user.name, url }, url);
  },
);

export const DELETE = endpoint(
  {
    summary: "Delete your account",
    detail:
      "For good. Runs, records, policies and scores stay, without your name; measurements of machines are deleted, and tokens end " +
      "at once.",
    tag: "people",
    access: "user",
    scope: null,
    body: {
      schema: z.strictObject({ name: textSchema({ max: 64 }).describe("Your name, typed again") }),
      limitBytes: 1024,
    },
    answers: { 204: "Deleted" },
  },
  async ({ caller, body }) => {
    if (body.name.trim().toLowerCase() !== caller.name) {
      return refused([
        {
          reason: "invalid",
          field: "name",
          expected: "the name of this account",
          found: body.name,
          remedy: "Type the name exactly to confirm.",
        },
      ]);
    }
    await deleteAccount(caller.id);
    return new Response(null, { status: 204 });
  },
);

export const { PUT, PATCH, OPTIONS } = allowOnly("GET", "POST", "DELETE");
