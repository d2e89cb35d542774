/**
 * What happens to every request before Next's router sees it, which fails on an address that it can't decode and on a
 * method that no `Request` may have.
 */
import "server-only";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";

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

const known = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Puts a listener before those of a server, which answers 501 to methods that nothing here has. */
function refuseUnknownMethods(server: Server): void {
  const listeners = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (known.has(request.method ?? "")) for (const listener of listeners) listener.call(server, request, response);
    else refuse(request, response);
  });
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  request.resume(); // so that the connection is free for the next request
  const body = {
    type: "urn:dmbench:problem:method-unknown",
    title: "No such method",
    status: 501,
    detail: `method: expected ${[...known].join(", ")}, found ${request.method}. See /docs/api.`,
    errors: [],
  };
  response
    .writeHead(501, { "content-type": "application/problem+json", "cache-control": "no-store" })
    .end(JSON.stringify(body));
}
