/** Whether this process is serving anybody, so that work in the background can stand back. */
import "server-only";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";

interface Traffic {
  inFlight: number;
  /** `performance.now` when the last request came or was answered. */
  last: number;
}

// On globalThis: a server has several copies of this module, one per bundle.
const shared = globalThis as typeof globalThis & { dmbenchTraffic?: Traffic };
shared.dmbenchTraffic ??= { inFlight: 0, last: -Infinity };
const traffic = shared.dmbenchTraffic;

/** Asked again and again by programs and by the page of the recording, for which nothing has to hurry. */
const watched = /^\/(api\/health|api\/v1\/(health|ready|scoring|recording)|status)(\?|$)/;

/** A visitor who has been given a page usually wants another one within this time. */
const recentMs = 10_000;

/** From now on counts the requests to this process. */
export function watchTraffic(): void {
  subscribe("http.server.request.start", (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (watched.test(request.url ?? "")) return;
    traffic.inFlight += 1;
    traffic.last = performance.now();
    response.once("close", () => {
      traffic.inFlight -= 1;
      traffic.last = performance.now();
    });
  });
}

/** Whether a request is in flight or was so within the last ten seconds. */
export const isServing = (): boolean => traffic.inFlight > 0 || performance.now() - traffic.last < recentMs;
