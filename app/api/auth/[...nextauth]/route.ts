/** Sign-in, sign-out and sessions, by next-auth, with a limit on the body's size and 429 for a throttled sign-in. */
import { cookies } from "next/headers";
import { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { z } from "zod";
import { invalid } from "@/lib/leaderboard";
import { env } from "@/lib/server/env";
import { authOptions, isReturnCookie, tooManyAttempts } from "@/lib/server/people/auth";
import { returnAddress } from "@/lib/server/people/return-address";
import { siteOrigin } from "@/lib/server/site-origin";
import { readJson, refuseMedia, withoutSecrets } from "../../body";
import { allowOnly } from "../../other-methods";
import { notFound, problem, readOnlyMirror, refused } from "../../problem";

type Context = RouteContext<"/api/auth/[...nextauth]">;

/** More than any form or provider's response needs. */
const limitBytes = 16 * 1024;

/**
 * next-auth's answer. What it would fail on is mended or refused before: return addresses that are none, in the query
 * or in a cookie of an earlier visit, actions and errors that it doesn't know, bodies that can't be read.
 */
async function handle(request: NextRequest, context: Context): Promise<Response> {
  const action = actionSchema.safeParse((await context.params).nextauth);
  if (!action.success) return notFound("such thing", "/docs/api");
  const { DMBENCH_MIRROR_OF } = env();
  if (DMBENCH_MIRROR_OF && ["signin", "callback"].includes(action.data[0])) return readOnlyMirror(DMBENCH_MIRROR_OF);
  const origin = siteOrigin(request.headers);
  const url = request.nextUrl.clone();
  const { searchParams } = url;
  if (searchParams.has("callbackUrl"))
    searchParams.set("callbackUrl", returnAddress(searchParams.get("callbackUrl"), origin));
  if (searchParams.has("error")) searchParams.set("error", errorSchema.parse(searchParams.get("error")));
  const jar = await cookies();
  for (const { name, value } of jar.getAll())
    if (isReturnCookie(name) && returnAddress(value, origin) !== value) jar.delete(name);
  // next-auth has one word for all failures at a provider; a refusal is not one.
  if (action.data[0] === "callback" && searchParams.get("error") === "access_denied") {
    const returning = jar.getAll().find(({ name }) => isReturnCookie(name))?.value;
    const query = new URLSearchParams({ callbackUrl: returnAddress(returning, origin), error: "AccessDenied" });
    return new Response(null, { status: 302, headers: { location: `/signin?${query}` } });
  }
  return NextAuth(authOptions())(new NextRequest(url, request), context);
}

/** 422 unless every field of a JSON body is a text, as those of a form are: next-auth takes that for granted. */
async function refuseFields(request: Request): Promise<Response | null> {
  if (!request.headers.get("content-type")?.toLowerCase().includes("json")) return null;
  const read = await readJson(request.clone(), limitBytes);
  if ("refusal" in read) return read.refusal;
  const fields = z.record(z.string(), z.string()).safeParse(read.json);
  return fields.success ? null : refused(invalid(fields.error, withoutSecrets(["password"], read.json)));
}

/** An action of next-auth, and the id of a provider where it needs one. */
const actionSchema = z.union([
  z.tuple([z.enum(["providers", "session", "csrf", "signin", "signout", "error", "_log"])]),
  z.tuple([z.enum(["signin", "callback"]), z.string().regex(/^[a-z]{1,32}$/)]),
]);

/** One of next-auth's errors, which it repeats in a redirect. */
const errorSchema = z.stringFormat("error", /^\w{1,64}( \d{1,9})?$/).catch("Default");

async function post(request: NextRequest, context: Context): Promise<Response> {
  const length = request.headers.get("content-length");
  if (length === null)
    return problem({
      status: 411,
      kind: "length-required",
      title: "Of unknown length",
      detail: `content-length: expected the length of the body, at most ${limitBytes} bytes, found nothing.`,
    });
  if (Number(length) > limitBytes)
    return problem({
      status: 413,
      kind: "too-large",
      title: "Too large",
      detail: `content-length: expected at most ${limitBytes} bytes, found ${length}.`,
    });
  const refusal = refuseMedia(request, ["application/x-www-form-urlencoded", "application/json"]);
  if (refusal) return refusal;
  const wrongFields = await refuseFields(request);
  if (wrongFields) return wrongFields;
  const response = await handle(request, context);
  return (await throttled(response)) ?? response;
}

/** 429 for a throttled sign-in, which next-auth reports in its redirect URL; null for any other response. */
async function throttled(response: Response): Promise<Response | null> {
  if (response.status !== 401 && response.status !== 302) return null;
  const { url = response.headers.get("location") } =
    response.status === 401
      ? ((await response
          .clone()
          .json()
          .catch(() => ({}))) as { url?: string })
      : {};
  const [error, seconds] = (url && URL.canParse(url) && new URL(url).searchParams.get("error")?.split(" ")) || [];
  return error === tooManyAttempts && seconds
    ? Response.json({ url }, { status: 429, headers: { "retry-after": seconds, "cache-control": "no-store" } })
    : null;
}

export { handle as GET, post as POST };

export const { PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET", "POST");
