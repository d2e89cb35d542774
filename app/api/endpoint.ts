/**
 * An endpoint of the API: its description and its handler in one value. The
 * description parses and authorizes requests, and /api/v1/openapi.json and
 * /docs/api are made from it, so that they can't differ from the code.
 */
import type { z } from "zod";
import type { Scope } from "@/lib/leaderboard";
import { invalid, scopes } from "@/lib/leaderboard";
import { formatIssue } from "@/lib/records";
import { BucketError } from "@/lib/server/bucket";
import { Coalescer } from "@/lib/server/coalescer";
import type { Database } from "@/lib/server/database/client";
import { database } from "@/lib/server/database/client";
import { env } from "@/lib/server/env";
import { clientAddress } from "@/lib/server/limits/client-address";
import { hasCronSecret } from "@/lib/server/limits/cron-secret";
import { QuotaExceeded } from "@/lib/server/limits/quotas";
import type { LimitedUse } from "@/lib/server/limits/rate-limits";
import { consume } from "@/lib/server/limits/rate-limits";
import type { Principal } from "@/lib/server/people/principal";
import { authenticate, hasToken } from "@/lib/server/people/principal";
import { siteOrigin } from "@/lib/server/site-origin";
import { accountHeader } from "./account-header";
import { readBytes, readJson, withoutSecrets } from "./body";
import { forbidden, notFound, notSignedIn, otherAccount, problem, readOnlyMirror, refused, tooMany } from "./problem";
import { revalidated, Serialized } from "./serialize";

/** Who may call it. `owner`: the user who owns the resource, which the endpoint checks itself. `cron`: see CRON_SECRET. */
export type Access = "anyone" | "user" | "owner" | "maintainer" | "cron";

/** The section of the OpenAPI document that it belongs to. */
type Tag = "boards" | "policies" | "runs" | "external" | "measurements" | "data" | "people" | "moderation";

interface ExpectedBody<Schema extends z.ZodType> {
  schema: Schema;
  limitBytes: number;
  /** Fields whose values never appear in an issue. */
  secret?: readonly string[];
}

export interface Description<
  Who extends Access = Access,
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Json extends z.ZodType = z.ZodType,
> {
  /** What it does, in a few words. */
  summary: string;
  detail?: string;
  tag: Tag;
  access: Who;
  /** The scope that a token needs; null if no token is accepted. Absent if anyone may call it. */
  scope?: Scope | null;
  /** Path parameters; values that don't match get 404. */
  params?: Params;
  query?: Query;
  body?: ExpectedBody<Body>;
  /** A file in place of a JSON body: `application/octet-stream`. */
  file?: { limitBytes: number };
  /** The JSON of every success. */
  json?: Json;
  /** Media types of successes besides JSON. */
  media?: readonly string[];
  /** Status → when it is returned, for successes. */
  answers: Readonly<Record<number, string>>;
  /** Status → when it is returned, for problems not implied by access, parameters and body. */
  problems?: Readonly<Record<number, string>>;
  /** An SVG that says a problem of this status where a picture is shown, which could not show the problem itself. */
  problemPicture?: (status: number) => string;
  /** Rate limits by address or user, besides those on every write. */
  limits?: readonly ("sign-up/address" | "measure/address" | "ticket/address" | "score/address" | "secret/user")[];
  /** Whether pages of other sites may write here. It then recognizes no session. */
  fromAnySite?: true;
  /** Whether a session is recognized where anyone may call it. Default: only a token is, and reads are alike for all. */
  recognizesSession?: boolean;
  /** The answer follows from the address alone: requests that come while it is being made share the next one. */
  shared?: true;
  /** `cache-control` of a JSON response. Default: cached, and revalidated with its ETag. */
  cache?: string;
}

/** What a handler gets: the parsed request. */
export interface HandlerInput<Who extends Access, Params, Query, Body> {
  request: Request;
  caller: Who extends "anyone" | "cron" ? Principal | null : Principal;
  params: Params;
  query: Query;
  body: Body;
  /** Empty unless the endpoint takes one. */
  file: Uint8Array;
}

/** What else a request depends on; a test may pass its own. */
export interface HandlerContext {
  params?: object;
  caller?: Principal | null;
  db?: Database;
}

export interface Endpoint<Body extends z.ZodType = z.ZodType, Json extends z.ZodType = z.ZodType> {
  (request: Request, context: { params: Promise<object> }): Promise<Response>;
  description: Description<Access, z.ZodType, z.ZodType, Body, Json>;
  handle(request: Request, context?: HandlerContext): Promise<Response>;
}

type Out<Schema> = Schema extends z.ZodType ? z.output<Schema> : never;

/** Makes the handler of a route; `act` returns the JSON of a 200, serialized or not, or a whole response. */
export function endpoint<
  Who extends Access,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Json extends z.ZodType,
>(
  description: Description<Who, Params, Query, Body, Json>,
  act: (input: HandlerInput<Who, Out<Params>, Out<Query>, Out<Body>>) => Promise<Response | Serialized | Out<Json>>,
): Endpoint<Body, Json> {
  async function handle(
    request: Request,
    { params = {}, caller, db = database() }: HandlerContext = {},
  ): Promise<Response> {
    const { DMBENCH_MIRROR_OF } = env();
    if (DMBENCH_MIRROR_OF && !isRead(request)) return readOnlyMirror(DMBENCH_MIRROR_OF);
    try {
      const who =
        caller !== undefined
          ? caller
          : description.access === "cron" ||
              (description.access === "anyone" && !description.recognizesSession && !hasToken(request))
            ? null
            : await authenticate(request, db);
      const call = { request, caller: who };
      return (
        authorize(call, description) ?? (await rateLimit(call, description, db)) ?? (await parsed({ ...call, params }))
      );
    } catch (error) {
      if (error instanceof QuotaExceeded)
        return tooMany("quota-spent", error.retryAfterSeconds, `${error.message}. It begins anew at midnight UTC.`);
      // The client is gone, and with it the body that was being read: nobody failed.
      if (request.signal.aborted) return new Response(null, { status: 499 });
      console.error(`${request.method} ${new URL(request.url).pathname}:`, error);
      if (error instanceof BucketError)
        return problem({
          status: 503,
          kind: "store-unavailable",
          title: "The site's file store can't be used",
          detail: "Nothing was lost. Try again later; what was sent with the same idempotency key is stored once.",
          headers: { "retry-after": "60" },
        });
      return problem({
        status: 500,
        kind: "internal",
        title: "The server failed",
        detail: "Nothing is known to be stored. Try again; what was sent with the same idempotency key is stored once.",
      });
    }
  }

  async function parsed({
    request,
    caller,
    params,
  }: {
    request: Request;
    caller: Principal | null;
    params: object;
  }): Promise<Response> {
    const { params: paramsSchema, query: querySchema, body: expected, file } = description;
    const path = paramsSchema?.safeParse(params);
    if (path?.success === false) return notFound("such thing", "/docs/api");
    const queryParameters = queryParametersOf(new URL(request.url).searchParams);
    const query = querySchema?.safeParse(queryParameters);
    if (query?.success === false) return refused(invalid(query.error, queryParameters));
    const body = expected && (await readBody(request, expected));
    if (body && "refusal" in body) return body.refusal;
    const sent = file && (await readBytes(request, { media: fileMedia, ...file }));
    if (sent && "refusal" in sent) return sent.refusal;
    const input = {
      request,
      caller,
      params: path?.data,
      query: query?.data,
      body: body?.data,
      file: sent?.bytes ?? new Uint8Array(),
    } as HandlerInput<Who, Out<Params>, Out<Query>, Out<Body>>;
    if (!description.shared) return respond(request, await act(input));
    const { pathname, search } = new URL(request.url);
    const result = await sharing.run(pathname + search, async () => {
      const made = await act(input);
      return made instanceof Response ? made : serialized(made);
    });
    return result instanceof Response ? result.clone() : respond(request, result);
  }

  const sharing = new Coalescer<Response | Serialized>();

  /** The JSON, or 304 if the client has it cached. */
  function respond(request: Request, result: Response | Serialized | Out<Json>): Response {
    if (result instanceof Response) return result;
    const { access, cache = access === "anyone" ? "public, no-cache" : "private, no-cache" } = description;
    const json = serialized(result);
    const headers = { "content-type": "application/json", "cache-control": cache };
    return !isRead(request) || cache === "no-store"
      ? new Response(json.bytes, { headers })
      : revalidated(request, json, headers);
  }

  const { problemPicture } = description;
  async function handleShown(request: Request, context?: HandlerContext): Promise<Response> {
    const response = await handle(request, context);
    if (!problemPicture || response.status < 400 || request.headers.get("accept")?.includes("json")) return response;
    const headers = new Headers(response.headers);
    headers.set("content-type", "image/svg+xml");
    return new Response(problemPicture(response.status), { status: response.status, headers });
  }

  return Object.assign(
    async (request: Request, { params }: { params: Promise<object> }) => handleShown(request, { params: await params }),
    { description, handle: handleShown },
  );
}

/** Query parameters by name; a repeated one is a list. */
function queryParametersOf(searchParams: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(searchParams.keys())]
      .map((name) => [name, searchParams.getAll(name)] as const)
      .map(([name, values]) => [name, values.length > 1 ? values : values[0]!]),
  );
}

/** The response for something that was created, with its address. */
export const created = (body: object, location: string, status: 200 | 201 = 201): Response =>
  Response.json(body, { status, headers: { location, "cache-control": "no-store" } });

const isRead = (request: Request): boolean => request.method === "GET" || request.method === "HEAD";

/** The response that refuses the caller; null if the call is allowed. */
function authorize(
  { request, caller }: { request: Request; caller: Principal | null },
  { access, scope, fromAnySite }: Pick<Description, "access" | "scope" | "fromAnySite">,
): Response | null {
  if (access === "cron") return hasCronSecret(request.headers) ? null : notCron();
  if (hasToken(request) && !caller)
    return problem({
      status: 401,
      kind: "bad-token",
      title: "Invalid token",
      detail: "The token is unknown or revoked. Make another at /settings.",
      headers: { "www-authenticate": 'Bearer error="invalid_token"' },
    });
  // Cross-site request forgery: a browser sends the session's cookie with requests from any site's page.
  const origin = !isRead(request) && !hasToken(request) && !fromAnySite ? foreignOrigin(request) : null;
  if (origin) return crossSite(origin);
  if (access === "anyone") return null;
  if (!caller) return notSignedIn();
  if (caller.scopes && (!scope || !caller.scopes.includes(scope))) {
    return forbidden(
      "scope-missing",
      scope
        ? `The token needs the scope ${scope} (${scopes[scope]}). Make one at /settings.`
        : "No token can do this: sign in at /signin.",
    );
  }
  if (access === "maintainer" && caller.role !== "maintainer")
    return forbidden("not-a-maintainer", "This is for maintainers of the site.");
  const named = isRead(request) ? null : request.headers.get(accountHeader);
  return named === null || named === caller.name ? null : otherAccount(named, caller.name);
}

const notCron = (): Response =>
  problem({
    status: 401,
    kind: "not-cron",
    title: "Not the cron service",
    detail: "Send Authorization: Bearer and the CRON_SECRET of this site's settings.",
    headers: { "www-authenticate": "Bearer" },
  });

/** 429 if the caller or its address has written too often; null otherwise. Reads are not limited. */
async function rateLimit(
  { request, caller }: { request: Request; caller: Principal | null },
  { limits = [] }: Pick<Description, "limits">,
  db: Database,
): Promise<Response | null> {
  if (isRead(request)) return null;
  const address = clientAddress(request.headers);
  const uses: LimitedUse[] = (["write/user", "write/address", ...limits] as const).flatMap((limit) => {
    const by = limit.endsWith("/user") ? caller?.id : address;
    return by ? [{ limit, by }] : [];
  });
  const wait = await consume(uses, db);
  return wait > 0 ? tooMany("rate-limited", wait, `Wait ${wait} s, then send this again.`) : null;
}

/** The foreign origin that a browser reports; null for this site, and for programs, which report none. */
function foreignOrigin(request: Request): string | null {
  const site = request.headers.get("sec-fetch-site");
  if (site) return site === "same-origin" || site === "none" ? null : site;
  const origin = request.headers.get("origin");
  if (!origin) return null;
  // Hosts alone: a proxy that ends TLS may not say so.
  const { host } = new URL(siteOrigin(request.headers));
  return URL.canParse(origin) && new URL(origin).host === host ? null : origin;
}

function crossSite(found: string): Response {
  const issue = {
    field: "origin",
    expected: "a page of this site",
    found,
    remedy: "Send it from a page of this site, or from a program with a token.",
  };
  return forbidden("cross-site", formatIssue(issue), [issue]);
}

async function readBody<Schema extends z.ZodType>(
  request: Request,
  { schema, limitBytes, secret = [] }: ExpectedBody<Schema>,
): Promise<{ data: z.output<Schema> } | { refusal: Response }> {
  const read = await readJson(request, limitBytes);
  if ("refusal" in read) return read;
  const body = schema.safeParse(read.json);
  return body.success
    ? { data: body.data }
    : { refusal: refused(invalid(body.error, withoutSecrets(secret, read.json))) };
}

/** The media type of files that are sent. */
export const fileMedia = "application/octet-stream";

const serialized = (json: unknown): Serialized => (json instanceof Serialized ? json : new Serialized(json));

/** Address of the page after the item `last`; null if there is none. */
export function nextPage(request: Request, last: string | undefined): string | null {
  if (last === undefined) return null;
  const { pathname, searchParams } = new URL(request.url);
  searchParams.set("after", last);
  return `${pathname}?${searchParams}`;
}
