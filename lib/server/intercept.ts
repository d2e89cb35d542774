/** Requests that are answered before the handlers of the HTTP server see them, which Next creates. */
import "server-only";
import type { IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from "node:http";

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Puts a listener before those of a server: it answers a request, or passes it on with `next`. */
export function intercept(
  server: Server,
  listener: (request: IncomingMessage, response: ServerResponse, next: () => void) => void,
): void {
  const handlers = server.listeners("request") as Listener[];
  server.removeAllListeners("request");
  server.on("request", (request: IncomingMessage, response: ServerResponse) =>
    listener(request, response, () => {
      for (const handle of handlers) handle.call(server, request, response);
    }),
  );
}

/** Answers with a problem, as routes do. */
export function sendProblem(
  response: ServerResponse,
  { status, kind, title, detail }: { status: number; kind: string; title: string; detail: string },
  headers: OutgoingHttpHeaders,
): void {
  const problem = { type: `urn:dmbench:problem:${kind}`, title, status, detail, errors: [] };
  response
    .writeHead(status, { ...headers, "content-type": "application/problem+json", "cache-control": "no-store" })
    .end(JSON.stringify(problem));
}
