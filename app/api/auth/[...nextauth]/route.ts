/** Sign-in, sign-out and sessions, by next-auth, with a limit on the body's size and 429 for a throttled sign-in. */
import { cookies } from "next/headers";
import { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { z } from "zod";
import { authOptions, isReturnCookie, tooManyAttempts } from "@/lib/server/people/auth";
import { returnAddress } from "@/lib/server/people/return-address";
import { siteOrigin } from "@/lib/server/site-origin";
import { allowOnly } from "../../other-methods";
import { notFound, problem } from "../../problem";

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
  const origin = siteOrigin(request.headers);
  const url = request.nextUrl.clone();
  const { searchParams } = url;
  if (searchParams.has("callbackUrl"))
    searchParams.set("callbackUrl", returnAddress(searchParams.get("callbackUrl"), origin));
  if (searchParams.has("error")) searchParams.set("error", errorSchema.parse(searchParams.get("error")));
  const jar = await cookies();
  for (const { name, value } of jar.getAll())
    if (isReturnCookie(name) && returnAddress(value, origin) !== value) jar.delete(name);
  try {
    return await NextAuth(authOptions())(new NextRequest(url, request), context);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return problem({ status: 400, kind: "bad-json", title: "Not JSON", detail: "The body could not be read as JSON." });
  }
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
  if (length === null || Number(length) > limitBytes)
    return problem({
      status: 413,
      kind: "too-large",
      title: "Too large",
      detail: `Expected at most ${limitBytes} bytes, with a content-length that says so.`,
    });
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

export const { PUT, PATCH, DELETE } = allowOnly("GET", "POST");
