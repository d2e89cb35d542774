/** 405 for the methods that a path does not support, with those that it does. */
import { problem } from "./problem";

export const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

export type Method = (typeof methods)[number];

/** Handlers for every method except those `allowed`, for a route to export. */
export function allowOnly<Allowed extends Method>(
  ...allowed: Allowed[]
): Record<Exclude<Method, Allowed>, (request: Request) => Response> {
  const supported = [...allowed, ...(allowed.includes("GET" as Allowed) ? ["HEAD"] : []), "OPTIONS"];
  const refuse = (request: Request) =>
    problem({
      status: 405,
      kind: "method-not-allowed",
      title: "Not with this method",
      detail: `method: expected ${supported.join(" or ")}, found ${request.method}. See /docs/api.`,
      headers: { allow: supported.join(", ") },
    });
  const others = methods.filter((method): method is Exclude<Method, Allowed> => !allowed.includes(method as Allowed));
  return Object.fromEntries(others.map((method) => [method, refuse])) as Record<
    Exclude<Method, Allowed>,
    typeof refuse
  >;
}
