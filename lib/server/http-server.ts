/**
 * Guards the HTTP server that Next creates, in `npm start` and in a standalone build: limits of connections and of time,
 * a gate before every request, and an orderly end.
 */
import "server-only";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { env } from "./env";
import { intercept, sendProblem } from "./intercept";
import { onceArrived } from "./limits/body-arrival";
import { clientAddress } from "./limits/client-address";
import type { Full } from "./limits/gate";
import { Gate } from "./limits/gate";

/** Connections in all, and from one address if no proxy is in front. */
const maxConnections = { site: 8192, address: 2048 };

/** A client that sends slower than this is cut off. Node checks every 30 s. */
const timeoutsMs = { headers: 20_000, headersAndBody: 120_000 };

/** How long the rest of a refused body may take to arrive. */
const refusedBodyMs = 5000;

/** After a signal, how long the site goes on accepting: requests on their way on idle connections would be reset. */
const lingerMs = 250;

/** How long a connection counts as one that is about to send its first request. */
const freshMs = 2000;

const gate = new Gate();
const servers = new Set<Server>();
const inProgress = new Set<ServerResponse>();
/** Connections that have not sent a request yet, and when they were opened. */
const fresh = new Map<Socket, number>();
let accepted = 0;

// On globalThis: a server has several copies of this module, one per bundle.
const shared = globalThis as typeof globalThis & { dmbenchStopping?: boolean };

/** Whether this process has been told to stop: it finishes its requests, and should get no new ones. */
export const isStopping = (): boolean => shared.dmbenchStopping ?? false;

/** From now on, guards each HTTP server of this process from its first request on, that one included. */
export function guardServers(): void {
  subscribe("http.server.request.start", (message) => {
    const { server } = message as { server: Server };
    if (servers.has(server)) return;
    servers.add(server);
    guard(server);
  });
}

function guard(server: Server): void {
  server.headersTimeout = timeoutsMs.headers;
  server.requestTimeout = timeoutsMs.headersAndBody;
  server.maxConnections = maxConnections.site;
  if (env().DMBENCH_PROXIES === 0) limitConnections(server);
  server.on("connection", (socket: Socket) => {
    accepted += 1;
    fresh.set(socket, performance.now());
    socket.once("close", () => fresh.delete(socket));
  });
  intercept(server, (request, response, next) => {
    const entered = isProbe(request)
      ? { leave: () => {} }
      : gate.enter({
          kind: ["GET", "HEAD", "OPTIONS"].includes(request.method ?? "") ? "read" : "write",
          token: credentialOf(request),
          address: clientAddress({ get: (name) => request.headers[name]?.toString() ?? null }),
        });
    fresh.delete(request.socket);
    if (isStopping()) response.setHeader("connection", "close");
    if ("full" in entered) return refuse(request, response, entered.full);
    inProgress.add(response);
    response.once("close", () => {
      inProgress.delete(response);
      entered.leave();
    });
    onceArrived(request, next);
  });
}

/** Whether it asks how the process is: a busy site is not a dead one, as a refusal would be understood. */
const isProbe = ({ method, url }: IncomingMessage): boolean =>
  ["GET", "HEAD"].includes(method ?? "") && ["/api/v1/health", "/api/v1/ready", "/api/health"].includes(url ?? "");

/** The token that it was sent with, or the session's cookie; neither is checked here. */
const credentialOf = ({ headers: { authorization, cookie = "" } }: IncomingMessage): string | null =>
  authorization ?? /(?:^|;)\s*(?:__Secure-)?next-auth\.session-token=([^;]*)/.exec(cookie)?.[1] ?? null;

function limitConnections(server: Server): void {
  const open = new Map<string, number>();
  server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress ?? "";
    const count = 1 + (open.get(address) ?? 0);
    open.set(address, count);
    socket.once("close", () => {
      const left = open.get(address)! - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
    if (count > maxConnections.address) socket.destroy();
  });
}

const refusals: Record<Full, { status: number; detail: string }> = {
  token: { status: 429, detail: "Too many requests with this token are in progress." },
  address: { status: 429, detail: "Too many requests from this address are in progress." },
  site: { status: 503, detail: "Too many requests are in progress." },
};

function refuse(request: IncomingMessage, response: ServerResponse, full: Full): void {
  const { status, detail } = refusals[full];
  sendProblem(
    response,
    {
      status,
      kind: "too-many-at-once",
      title: "Too many at once; nothing was stored",
      detail: `${detail} Wait for their answers, then send this again.`,
    },
    { "retry-after": "1" },
  );
  setTimeout(() => request.complete || request.destroy(), refusedBodyMs).unref();
}

/**
 * Stops accepting connections and finishes the requests in progress; those that take longer than `limitMs` are cut off.
 * @returns how many were cut off
 */
export async function drain(limitMs: number): Promise<number> {
  const deadline = performance.now() + limitMs;
  shared.dmbenchStopping = true;
  for (const response of inProgress) if (!response.headersSent) response.setHeader("connection", "close");
  await sleep(lingerMs);
  await acceptPending();
  for (const server of servers) server.close(); // closes idle connections too
  while ((inProgress.size > 0 || isSomeoneAboutToSend()) && performance.now() < deadline) {
    await sleep(20);
    for (const server of servers) server.closeIdleConnections();
  }
  const cutOff = inProgress.size;
  for (const server of servers) server.closeAllConnections();
  return cutOff;
}

/** Accepts what the system has accepted already, which closing would reset: one connection in each turn. */
async function acceptPending(): Promise<void> {
  for (let quietTurns = 0; quietTurns < 10; quietTurns += 1) {
    const before = accepted;
    await nextTurn();
    if (accepted > before) quietTurns = 0;
  }
}

const isSomeoneAboutToSend = (): boolean => [...fresh.values()].some((opened) => performance.now() - opened < freshMs);
