/**
 * The client's network address: that of the socket or, behind DMBENCH_PROXIES proxies, the one that the outermost proxy
 * added to `x-forwarded-for`. The client may have forged anything else in the headers.
 */
import "server-only";
import { randomUUID } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { env, SettingsError } from "../env";

// On globalThis: a server has several copies of this module, one per bundle.
const shared = globalThis as typeof globalThis & { dmbenchSocketAddressHeader?: string };

/**
 * The header with the socket's address, which route handlers can't see. No client can send it: its name is this
 * process's secret. Functions that are called without a socket never have it.
 */
export const socketAddressHeader = shared.dmbenchSocketAddressHeader ?? `x-dmbench-peer-${randomUUID()}`;
shared.dmbenchSocketAddressHeader = socketAddressHeader;

/** From now on, puts the socket's address into a header of every request to this process. */
export function trustSocketAddress(): void {
  subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage };
    request.headers[socketAddressHeader] = request.socket.remoteAddress ?? "";
  });
}

/**
 * The client's address; for IPv6 its /64 network, which belongs to one household or machine.
 * @throws SettingsError if there is no socket, and no proxy that DMBENCH_PROXIES counts has said the address
 */
export function clientAddress(headers: Pick<Headers, "get">, proxies: number = env().DMBENCH_PROXIES): string {
  const hops = [...(headers.get("x-forwarded-for") ?? "").split(",").map((hop) => hop.trim())];
  const address = (proxies > 0 ? hops.at(-proxies) : undefined) || headers.get(socketAddressHeader);
  if (address === null)
    throw new SettingsError(
      `DMBENCH_PROXIES: expected how many proxies add an address to x-forwarded-for, found ${proxies}, and ` +
        `${hops.filter(Boolean).length} addresses. Requests have no socket here, so nothing else tells clients apart.`,
    );
  const withoutPrefix = (address || "local socket").replace(/^::ffff:(?=\d+\.)/i, "");
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
