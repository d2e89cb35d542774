/**
 * What happens to every request before Next's router sees it, which fails on an address that it can't decode and on a
 * method that no `Request` may have.
 */
import "server-only";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { intercept, sendProblem } from "./intercept";

interface Start {
  request: IncomingMessage;
  server: Server;
}

/** From now on, requests to this process have a decodable address and a method that routes know, or are refused. */
export function prepareRequests(): void {
  const prepared = new WeakSet<Server>();
  subscribe("http.server.request.start", (message) => {
    const { request, server } = message as Start;
    request.url = decodable(request.url ?? "/");
    // The answer to a write is short: to compress it costs more than it saves.
    if (!isRead(request)) delete request.headers["accept-encoding"];
    if (prepared.has(server)) return;
    prepared.add(server);
    refuseUnknownMethods(server);
  });
}

/**
 * The target of a request with each `%` of its path that begins no UTF-8 encoded as `%25`, so that it stands for
 * itself. What is encoded so names nothing here: the response is an ordinary 404.
 */
export function decodable(target: string): string {
  const [path = ""] = target.split("?", 1);
  return (
    path.replace(/(?:%[0-9a-f]{2})+|%/gi, (part) => (decodes(part) ? part : part.replaceAll("%", "%25"))) +
    target.slice(path.length)
  );
}

function decodes(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

const isRead = ({ method = "" }: IncomingMessage): boolean => ["GET", "HEAD"].includes(method);

/** Pages are only read. Routes of the API, and those of Next itself, answer for their own methods. */
const methodsOf = (target: string): readonly string[] => (/^\/(api\/|_)/.test(target) ? known : ["GET", "HEAD"]);

/** Answers methods that the paths of a server lack. */
const refuseUnknownMethods = (server: Server): void =>
  intercept(server, (request, response, next) => {
    const methods = methodsOf(request.url ?? "/");
    if (methods.includes(request.method ?? "")) next();
    else refuse(request, response, [...methods, "OPTIONS"]);
  });

function refuse(request: IncomingMessage, response: ServerResponse, methods: readonly string[]): void {
  request.resume(); // so that the connection is free for the next request
  const allow = [...new Set(methods)].join(", ");
  if (request.method === "OPTIONS") return void response.writeHead(204, { allow }).end();
  sendProblem(
    response,
    {
      status: known.includes(request.method ?? "") ? 405 : 501,
      kind: "method-not-allowed",
      title: "Not with this method",
      detail: `method: expected ${allow}, found ${request.method}. See /docs/api.`,
    },
    { allow },
  );
}
