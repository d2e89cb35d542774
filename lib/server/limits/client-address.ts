/**
 * The network address that a request comes from. A header that the sender can
 * write proves nothing: what counts is the connection itself, or, behind
 * DMBENCH_PROXIES proxies, what the outermost of them added.
 */
import "server-only";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { env } from "../env";

const peerHeader = "x-dmbench-peer";

/** From now on this process notes each connection's other end on its requests, over whatever the sender wrote there. */
export function notePeers(): void {
  subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage };
    request.headers[peerHeader] = request.socket.remoteAddress ?? "";
  });
}

/** The sender's address, an IPv6 one as its /64: what one household or machine has. */
export function addressOf(headers: Headers, proxies: number = env().DMBENCH_PROXIES): string {
  const hops = [...(headers.get("x-forwarded-for") ?? "").split(",").map((hop) => hop.trim())];
  const address = (proxies > 0 ? hops.at(-proxies) : undefined) || headers.get(peerHeader) || "unknown";
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  return plain.includes(":") ? `${expanded(plain).slice(0, 4).join(":")}::/64` : plain;
}

/** The eight groups of an IPv6 address. */
function expanded(address: string): string[] {
  const [head = "", tail] = address.split("%")[0]!.split("::");
  const groups = (part: string | undefined) => (part ? part.split(":") : []);
  const [before, after] = [groups(head), groups(tail)];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(zeros).fill("0"), ...after].map((group) =>
    group.toLowerCase().replace(/^0+(?=.)/, ""),
  );
}
