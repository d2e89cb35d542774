/** Sign-in, sign-out and sessions, by next-auth, with a limit on the body's size and 429 for a throttled sign-in. */
import NextAuth from "next-auth";
import { authOptions, tooManyAttempts } from "@/lib/server/people/auth";
import { allowOnly } from "../../other-methods";
import { problem } from "../../problem";

type Context = RouteContext<"/api/auth/[...nextauth]">;

/** More than any form or provider's response needs. */
const limitBytes = 16 * 1024;

const handle = (request: Request, context: Context): Promise<Response> => NextAuth(authOptions())(request, context);

async function post(request: Request, context: Context): Promise<Response> {
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
