/** The providers that the caller can sign in through: add one, remove one. */
import { z } from "zod";
import { signInProviders } from "@/lib/server/people/auth";
import { requestLink, unlink } from "@/lib/server/people/links";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { notFound, refused } from "../../../../problem";

const params = z.object({ provider: z.string().regex(/^[a-z]{1,32}$/, "lower-case letters") });

export const POST = endpoint(
  {
    summary: "Ask to link a provider",
    detail: "For ten minutes, signing in through the provider in the same session links it to the account.",
    tag: "people",
    access: "user",
    scope: null,
    params,
    answers: { 204: "Now sign in through the provider" },
    problems: { 404: "The site has no such provider" },
  },
  async ({ caller, params: { provider } }) => {
    if (!signInProviders().some(({ id }) => id === provider)) return notFound("such provider", "/settings");
    await requestLink(caller.sessionId!, provider);
    return new Response(null, { status: 204 });
  },
);

export const DELETE = endpoint(
  {
    summary: "Remove the link to a provider",
    detail: "Refused if it is the only way to sign in. Removing what is not there changes nothing.",
    tag: "people",
    access: "user",
    scope: null,
    params,
    answers: { 204: "Nobody gets in through it any more" },
    problems: { 404: "No provider has such a name" },
  },
  async ({ caller, params: { provider } }) => {
    const refusal = await unlink(caller.id, provider);
    return refusal ? refused([refusal]) : new Response(null, { status: 204 });
  },
);

export const { GET, PUT, PATCH, OPTIONS } = allowOnly("POST", "DELETE");
