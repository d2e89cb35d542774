/** The OpenAPI 3.1 document, made from the descriptions of the endpoints. */
import { z } from "zod";
import { scopes } from "@/lib/leaderboard";
import { DMBENCH_VERSION } from "@/lib/records";
import { accountHeader } from "./account-header";
import type { Description, Endpoint } from "./endpoint";
import { fileMedia } from "./endpoint";
import { problemSchema } from "./problem";

type Json = Record<string, unknown>;

/** An operation of the document: the fields that this site writes. */
export interface Operation {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  /** Who may call it: anyone, user, owner or maintainer. */
  "x-access": Description["access"];
  /** The scope that a token needs; null if no token is accepted. Absent if anyone may call it. */
  "x-scope"?: string | null;
  "x-body-limit"?: number;
  security: Record<string, string[]>[];
  parameters: {
    name: string;
    in: "path" | "query" | "header";
    required: boolean;
    description?: string;
    schema: Json;
  }[];
  requestBody?: { required: true; content: Record<string, { schema: Json }> };
  responses: Record<string, { description: string; headers?: Json; content?: Record<string, { schema: Json }> }>;
}

export interface Document {
  openapi: "3.1.0";
  info: Json;
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json>; securitySchemes: Json };
}

const tagWords: Record<Description["tag"], string> = {
  boards: "Benchmarks, and who leads them",
  policies: "Momentum policies, as documents that the server can score",
  runs: "Training runs that people published",
  external: "Networks that people trained with code of their own, on no board",
  measurements: "How fast machines train, by class of device",
  data: "Data sets and reference runs",
  people: "Accounts and tokens",
  moderation: "Flags, decisions, and the public log",
};

/** The document of `endpoints`, by path and method, served at `origin`. */
export function openApi(
  endpoints: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  origin: string,
): Document {
  const schemas = new Map<string, Json>();
  const paths = Object.fromEntries(
    Object.entries(endpoints).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods)
          .filter((entry): entry is [string, Endpoint] => typeof entry[1] === "function")
          .map(([method, { description }]) => [method.toLowerCase(), operation(method, path, description, schemas)]),
      ),
    ]),
  );
  return {
    openapi: "3.1.0",
    info: {
      title: "DMBench",
      version: DMBENCH_VERSION,
      license: { name: "MIT", identifier: "MIT" },
      description:
        "Everything that the pages show and do. Reading needs no account. To write, make a token at /settings " +
        "and send it as `Authorization: Bearer dmb_…`. What goes wrong is told as `application/problem+json`. " +
        "Texts are trimmed and brought into NFC; control characters, direction marks and halves of surrogate pairs are " +
        "refused, and lengths are in code points. Numbers are read as the nearest double, so 1e-400 is 0. A read-only " +
        "mirror of a site answers every write with 403.",
    },
    servers: [{ url: origin }],
    tags: Object.entries(tagWords).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: `A personal token. Scopes: ${Object.entries(scopes)
            .map(([name, may]) => `\`${name}\`, to ${may}`)
            .join("; ")}.`,
        },
        cron: { type: "http", scheme: "bearer", description: "The CRON_SECRET of the site's settings." },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "next-auth.session-token",
          description: "The cookie of a sign-in in a browser; writes are taken from this site's own pages alone.",
        },
      },
    },
  };
}

function operation(method: string, path: string, description: Description, schemas: Map<string, Json>): Operation {
  const { summary, detail, tag, access, scope, params, query, body, file, json, media = [], answers } = description;
  const anyone = access === "anyone";
  const success = {
    ...(json && { "application/json": { schema: toJson(json, "output", schemas) } }),
    ...Object.fromEntries(media.map((type) => [type, { schema: {} }])),
  };
  const problemContent = {
    "application/problem+json": { schema: toJson(problemSchema, "output", schemas) },
    ...(description.problemPicture && { "image/svg+xml": { schema: {} } }),
  };
  const cacheable = method === "GET" && json && description.cache !== "no-store";
  return {
    operationId: operationId(method, path),
    summary,
    ...(detail && { description: detail }),
    tags: [tag],
    "x-access": access,
    ...(!anyone && access !== "cron" && { "x-scope": scope ?? null }),
    ...((body ?? file) && { "x-body-limit": (body ?? file)!.limitBytes }),
    security:
      access === "cron" ? [{ cron: [] }] : anyone ? [] : [...(scope ? [{ token: [scope] }] : []), { session: [] }],
    parameters: [
      ...parameters("path", params, schemas),
      ...parameters("query", query, schemas),
      ...(method !== "GET" && !anyone ? [accountParameter] : []),
    ],
    ...(body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: toJson(body.schema, "input", schemas) } },
      },
    }),
    ...(file && { requestBody: { required: true, content: { [fileMedia]: { schema: {} } } } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, when]) => [
          status,
          {
            description: when,
            ...(cacheable && { headers: { etag: { schema: { type: "string" } } } }),
            ...(![204, 304, 307].includes(Number(status)) && Object.keys(success).length > 0 && { content: success }),
          },
        ]),
      ),
      ...(cacheable && {
        304: { description: "Nothing has changed since the answer whose ETag was sent as If-None-Match" },
      }),
      ...Object.fromEntries(
        Object.entries(problemsOf(method, description)).map(([status, when]) => [
          status,
          {
            description: when,
            content: problemContent,
            ...(status === "429" && {
              headers: { "retry-after": { schema: { type: "integer" }, description: "Seconds" } },
            }),
          },
        ]),
      ),
    },
  };
}

const unauthorized: Partial<Record<Description["access"], string>> = {
  anyone: "A token was sent that does not hold",
  cron: "Without the site's CRON_SECRET",
};

/** Status → when it is returned, for every error of an endpoint. */
function problemsOf(
  method: string,
  { access, query, body, file, problems, fromAnySite }: Description,
): Partial<Record<number, string>> {
  const writes = method !== "GET";
  return {
    ...(body && { 400: "The body is no JSON" }),
    401: unauthorized[access] ?? "Not signed in, and no token that holds",
    ...((!["anyone", "cron"].includes(access) || (writes && !fromAnySite)) && {
      403: "Not this caller's to do, a scope is missing, or sent from another site's page",
    }),
    ...((body ?? file) && {
      413: "The body is too long",
      415: `The body is not ${file ? fileMedia : "application/json"}, or is compressed`,
    }),
    ...((query || body) && { 422: "Something in it is wrong; field by field, with the way to mend it" }),
    ...(writes && { 429: "Too often, or as much as a day has; nothing was done" }),
    ...problems,
    ...(writes &&
      access !== "anyone" && {
        409: [problems?.[409], `${accountHeader} names another account`].filter(Boolean).join("; or "),
      }),
  };
}

const accountParameter: Operation["parameters"][number] = {
  name: accountHeader,
  in: "header",
  required: false,
  description: "The name of the account that this is done as: 409 if the session or token is another's",
  schema: { type: "string" },
};

/** `GET /api/v1/runs/{id}` → `get-runs-id`: also its anchor on /docs/api. */
const operationId = (method: string, path: string): string =>
  `${method.toLowerCase()}-${path
    .replace(/^\/api\/(v1\/)?/, "")
    .replace(/[{}]/g, "")
    .replaceAll("/", "-")}`;

function parameters(
  where: "path" | "query",
  schema: z.ZodType | undefined,
  schemas: Map<string, Json>,
): Operation["parameters"] {
  if (!schema) return [];
  const { properties = {}, required = [] } = toJson(schema, "input", schemas) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: where,
    required: required.includes(name),
    ...(typeof description === "string" && { description }),
    schema: rest,
  }));
}

/** A schema as JSON Schema; those with an `id` in their metadata go into `schemas` and are referenced. */
function toJson(schema: z.ZodType, io: "input" | "output", schemas: Map<string, Json>): Json {
  const {
    $schema: _,
    $defs = {},
    ...json
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === "date") Object.assign(jsonSchema, { type: "string", format: "date-time" });
    },
  }) as Json & { $defs?: Record<string, Json> };
  for (const [id, definition] of Object.entries($defs)) schemas.set(id, withReferences(definition));
  return withReferences(json);
}

/** Rewrites references to the place of schemas in OpenAPI, under their ids. */
function withReferences(json: Json): Json {
  const { id: _, ...rest } = JSON.parse(JSON.stringify(json).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
  return rest;
}
