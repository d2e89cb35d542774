/** Requests wait outside until their body has arrived: until then they cost memory, and no work. */
import "server-only";
import type { IncomingMessage } from "node:http";

/**
 * Calls `next` when the body of a request has arrived, or as much of a longer one as Node holds before somebody reads
 * it; never if the request is cut off before. Reads nothing itself: a handler may refuse a stream that was read from.
 */
export function onceArrived(request: IncomingMessage, next: () => void): void {
  if (!hasBody(request)) {
    next();
    return;
  }
  const check = (): void => {
    if (!request.complete && request.readableLength < request.readableHighWaterMark) return;
    request.off("readable", check);
    next();
  };
  request.on("readable", check);
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  "transfer-encoding" in headers || Number(headers["content-length"] ?? 0) > 0;
