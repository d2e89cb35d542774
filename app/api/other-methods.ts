/** 405 for the methods that a path does not support, with those that it does; OPTIONS lists them. */
import { problem } from "./problem";

export const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

export type Method = (typeof methods)[number];

/** What a browser asks before a page of another site may read with a token or an ETag; next.config.js says who may. */
const readsElsewhere = {
  "access-control-allow-methods": "GET, HEAD",
  "access-control-allow-headers": "Authorization, If-None-Match",
  "access-control-max-age": "86400",
};

/** OPTIONS of a path to which pages of any site may post JSON, and do nothing else. */
export const postedFromAnySite = (): Response =>
  new Response(null, {
    status: 204,
    headers: {
      allow: "POST, OPTIONS",
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "Content-Type",
      "access-control-max-age": "86400",
    },
  });

/** Handlers for every method except those `allowed`, and for OPTIONS, for a route to export. */
export function allowOnly<Allowed extends Method>(
  ...allowed: Allowed[]
): Record<Exclude<Method, Allowed> | "OPTIONS", (request: Request) => Response> {
  const isRead = allowed.includes("GET" as Allowed);
  const supported = [...allowed, ...(isRead ? ["HEAD"] : []), "OPTIONS"];
  const allow = supported.join(", ");
  const refuse = (request: Request) =>
    problem({
      status: 405,
      kind: "method-not-allowed",
      title: "Not with this method",
      detail: `method: expected ${supported.join(" or ")}, found ${request.method}. See /docs/api.`,
      headers: { allow },
    });
  const others = methods.filter((method): method is Exclude<Method, Allowed> => !allowed.includes(method as Allowed));
  return Object.fromEntries([
    ...others.map((method) => [method, refuse]),
    ["OPTIONS", () => new Response(null, { status: 204, headers: { allow, ...(isRead && readsElsewhere) } })],
  ]) as Record<Exclude<Method, Allowed> | "OPTIONS", typeof refuse>;
}
