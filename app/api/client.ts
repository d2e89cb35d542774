/**
 * Calls this site's own API from its pages. Paths, bodies and responses have the types of the endpoints' schemas; the
 * endpoints themselves stay on the server.
 */
import type { z } from "zod";
import type { Issue } from "@/lib/records";
import { accountHeader } from "./account-header";
import type { Endpoint } from "./endpoint";
import type { Routes } from "./endpoints";
import type { Method } from "./other-methods";

/** Paths that have an endpoint for the method. */
export type PathOf<M extends Method> = keyof {
  [P in keyof Routes as Routes[P] extends Record<M, { description: unknown }> ? P : never]: unknown;
} &
  keyof Routes;

/** The JSON that an endpoint accepts; `unknown` if it accepts none. */
export type BodyOf<M extends Method, P extends PathOf<M>> =
  Routes[P] extends Record<M, Endpoint<infer Body, z.ZodType>> ? z.input<Body> : never;

/** The JSON that an endpoint returns; null if it returns none. */
export type AnswerOf<M extends Method, P extends PathOf<M>> =
  Routes[P] extends Record<M, Endpoint<z.ZodType, infer Json>>
    ? unknown extends z.output<Json>
      ? null
      : Parsed<z.output<Json>>
    : never;

/** A value after a round trip through JSON: dates become strings. */
type Parsed<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Parsed<T[K]> } : T;

/** Values for the `{names}` in a path. */
export type ParamsOf<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? Record<Name, string> & ParamsOf<Rest>
  : unknown;

export type CallOptions<M extends Method, P extends PathOf<M>> = {
  query?: Record<string, string>;
  /** Default: `application/json`. */
  accept?: string;
  signal?: AbortSignal;
  /** The account that the page shows: the write is refused if another one is signed in. */
  account?: string;
  /** The detail of the problem if the server can't be reached. */
  offline?: string;
} & (unknown extends ParamsOf<P> ? { params?: never } : { params: ParamsOf<P> }) &
  (unknown extends BodyOf<M, P> ? { body?: never } : { body: BodyOf<M, P> });

/** Why a call failed; its status is 0 if the server can't be reached or the call was aborted. */
export interface ApiProblem {
  status: number;
  title: string;
  detail: string;
  errors: Issue[];
}

/** Whether a write was refused because another account than the page's is signed in. */
export const isOtherAccount = ({ status, errors }: ApiProblem): boolean =>
  status === 409 && errors[0]?.field === accountHeader;

/** The JSON that an endpoint returns, or the problem. */
export async function callApi<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  options: CallOptions<M, P>,
): Promise<{ answer: AnswerOf<M, P> } | { problem: ApiProblem }> {
  const sent = await sendApi(method, path, options);
  if ("problem" in sent) return sent;
  if (sent.response.status === 204) return { answer: null as AnswerOf<M, P> };
  const answer = await sent.response.json().catch(() => null);
  return answer === null ? { problem: unreachable(options.offline) } : { answer };
}

/** The response of an endpoint that returns something other than JSON, or the problem. */
export async function sendApi<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  { params, query, body, accept = "application/json", signal, account, offline }: CallOptions<M, P>,
): Promise<{ response: Response } | { problem: ApiProblem }> {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent((params as Record<string, string>)[name]!));
  const response = await fetch(query ? `${filled}?${new URLSearchParams(query)}` : filled, {
    method,
    headers: {
      accept,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(account !== undefined && { [accountHeader]: account }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  }).catch(() => null);
  if (!response) return { problem: unreachable(offline) };
  return response.ok ? { response } : { problem: await problemOf(response) };
}

const unreachable = (offline = "Nothing was changed. Try again when you are online."): ApiProblem => ({
  status: 0,
  title: "The server can’t be reached",
  detail: offline,
  errors: [],
});

/** A proxy in front of the site may respond with something that isn't a problem of the API. */
async function problemOf(response: Response): Promise<ApiProblem> {
  const { status } = response;
  const { title, detail, errors }: Partial<ApiProblem> = (await response.json().catch(() => null)) ?? {};
  return {
    status,
    title: title ?? "The server answered without a reason",
    detail: detail ?? `Status ${status}. Try again in a moment.`,
    errors: errors ?? [],
  };
}
