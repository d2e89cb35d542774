/**
 * The network address that a request comes from: that of the socket or, behind DMBENCH_PROXIES proxies, the one that
 * the outermost proxy added to `x-forwarded-for`. Whatever else is in a header may have been forged by the client.
 */
import "server-only";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { env } from "../env";

const socketAddressHeader = "x-dmbench-peer";

/**
 * Makes this process put the socket's address into a header of every request from now on, in place of whatever the
 * client sent there: route handlers can't see the socket.
 */
export function trustSocketAddress(): void {
  subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage };
    request.headers[socketAddressHeader] = request.socket.remoteAddress ?? "";
  });
}

/** The client's address; of an IPv6 address its /64 network, which belongs to one household or machine. */
export function clientAddress(headers: Headers, proxies: number = env().DMBENCH_PROXIES): string {
  const hops = [...(headers.get("x-forwarded-for") ?? "").split(",").map((hop) => hop.trim())];
  const address = (proxies > 0 ? hops.at(-proxies) : undefined) || headers.get(socketAddressHeader) || "unknown";
  const withoutPrefix = address.replace(/^::ffff:(?=\d+\.)/i, "");
  return withoutPrefix.includes(":") ? `${groupsOf(withoutPrefix).slice(0, 4).join(":")}::/64` : withoutPrefix;
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): string[] {
  const [head = "", tail] = address.split("%")[0]!.split("::");
  const groups = (part: string | undefined) => (part ? part.split(":") : []);
  const [before, after] = [groups(head), groups(tail)];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(zeros).fill("0"), ...after].map((group) =>
    group.toLowerCase().replace(/^0+(?=.)/, ""),
  );
}
