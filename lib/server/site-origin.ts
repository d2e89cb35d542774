/**
 * This site's own origin, for everything that names the site or compares with it: links, citations, pictures, the
 * API's description, cross-site checks, sign-in.
 *
 * `NEXTAUTH_URL` decides. Without it, the origin is what the visitor requested: the request's `Host`, or what reverse
 * proxies forward. They are believed if `DMBENCH_PROXIES` counts them, or if the connection comes from this machine or
 * a private network. Anyone else could only deceive themselves, but a cache in between would keep it for others.
 */
import "server-only";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";
import type { Env } from "./env";
import { env } from "./env";
import { socketAddressHeader } from "./limits/client-address";

type OriginSettings = Pick<Env, "NEXTAUTH_URL" | "DMBENCH_PROXIES">;

/** The origin of a request to this site, such as `https://bench.example` or `http://[::1]:8080`. */
export const siteOrigin = (headers: Headers, settings: OriginSettings = env()): string =>
  resolveOrigin((name) => headers.get(name), headers.get(socketAddressHeader), settings);

/**
 * From now on, replaces the forwarding headers of every request to this process by the resolved origin, so that Next
 * and next-auth, which read them as they are, agree with `siteOrigin`.
 */
export function settleOrigin(): void {
  const settings = env();
  if (settings.NEXTAUTH_URL) process.env.NEXTAUTH_URL = settings.NEXTAUTH_URL;
  process.env.AUTH_TRUST_HOST = "true"; // next-auth then reads the headers
  subscribe("http.server.request.start", (message) => {
    const { headers, socket } = (message as { request: IncomingMessage }).request;
    const header = (name: string) => headers[name]?.toString() ?? null;
    const { protocol, host, port } = new URL(resolveOrigin(header, socket.remoteAddress ?? "", settings));
    headers["x-forwarded-proto"] = protocol.slice(0, -1);
    headers["x-forwarded-host"] = host;
    headers["x-forwarded-port"] = port || defaultPorts[protocol.slice(0, -1)];
    delete headers.forwarded;
  });
}

const defaultPorts: Readonly<Record<string, string>> = { http: "80", https: "443" };

/** @param peer the socket's address; empty for a local socket without one, null if unknown */
function resolveOrigin(
  header: (name: string) => string | null,
  peer: string | null,
  { NEXTAUTH_URL, DMBENCH_PROXIES }: OriginSettings,
): string {
  if (NEXTAUTH_URL) return new URL(NEXTAUTH_URL).origin;
  const fallback = `http://localhost:${process.env.PORT || 3000}`;
  const host = header("host") ?? "";
  if (DMBENCH_PROXIES === 0 && !isNear(peer)) return originOf("http", host) ?? fallback;

  const forwarded = (name: string) => outermost(header(`x-forwarded-${name}`)?.split(","), DMBENCH_PROXIES);
  // RFC 7239: for=192.0.2.1;proto=https;host="bench.example:8443", for=…
  const standard = outermost(header("forwarded")?.match(/(?:"[^"]*"|[^,"])+/g), DMBENCH_PROXIES);
  const parameter = (name: string) =>
    new RegExp(`(?:^|;)\\s*${name}=(?:"([^"]*)"|([^;"]*))`, "i").exec(standard)?.slice(1).find(Boolean)?.trim() ?? "";

  const scheme = (forwarded("proto") || parameter("proto")).toLowerCase() === "https" ? "https" : "http";
  const port = forwarded("port");
  for (const name of [forwarded("host"), parameter("host"), host]) {
    const origin = originOf(scheme, name);
    if (!origin) continue;
    // A default port of the other scheme is the inner one, of a proxy that ends TLS.
    const outer =
      /:\d+$/.test(name) || Object.values(defaultPorts).includes(port)
        ? null
        : originOf(scheme, `${new URL(origin).hostname}:${port}`);
    return outer ?? origin;
  }
  return fallback;
}

/**
 * The entry of the outermost of this site's own proxies, of a list to which each appends. Where they replace the list,
 * or nobody counted them, the first.
 */
const outermost = (list: readonly string[] | null | undefined, proxies: number): string =>
  list?.[proxies > 0 ? Math.max(0, list.length - proxies) : 0]?.trim() ?? "";

/** The origin of a host with an optional port; null if it is none. */
function originOf(scheme: string, host: string): string | null {
  const text = `${scheme}://${isIPv6(host) ? `[${host}]` : host}`;
  const isHost = /^https?:\/\/(\[[\da-f:.]+\]|[\w.-]+)(:\d+)?$/i.test(text);
  return isHost && URL.canParse(text) ? new URL(text).origin : null;
}

/** This machine, and networks that the internet does not route: RFC 1918, 6598, 3927, 4193, 4291. */
const near = new BlockList();
for (const [network, prefix] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
] as const)
  near.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  near.addSubnet(network, prefix, "ipv6");

function isNear(peer: string | null): boolean {
  if (!peer) return peer === "";
  const address = peer.split("%")[0]!;
  return isIP(address) !== 0 && near.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
