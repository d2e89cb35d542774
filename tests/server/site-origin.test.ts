/** This site's own origin, from the settings or from what reverse proxies forward, and addresses to return to. */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEnv } from "@/lib/server/env";
import { socketAddressHeader } from "@/lib/server/limits/client-address";
import { returnAddress, returnPath } from "@/lib/server/people/return-address";
import { siteOrigin } from "@/lib/server/site-origin";

interface Sent {
  /** Address of the socket; null where it isn't known. */
  peer?: string | null;
  proxies?: number;
  configured?: string | undefined;
  headers?: Record<string, string>;
}

function originOf({ peer = "127.0.0.1", proxies = 0, configured, headers = {} }: Sent): string {
  const all = new Headers({ host: "127.0.0.1:3000", ...headers });
  if (peer !== null) all.set(socketAddressHeader, peer);
  return siteOrigin(all, { NEXTAUTH_URL: configured, DMBENCH_PROXIES: proxies });
}

const settings = (address: string) => parseEnv({ NODE_ENV: "test", NEXTAUTH_URL: address }).NEXTAUTH_URL;

describe("the site's origin", () => {
  it.each<[what: string, headers: Record<string, string>, origin: string]>([
    ["nothing but Host", {}, "http://127.0.0.1:3000"],
    ["Caddy", { "x-forwarded-host": "bench.example", "x-forwarded-proto": "https" }, "https://bench.example"],
    ["nginx, which passes Host on", { host: "bench.example", "x-forwarded-proto": "https" }, "https://bench.example"],
    [
      "two that append",
      { "x-forwarded-host": "bench.example, inner:3000", "x-forwarded-proto": "https,http" },
      "https://bench.example",
    ],
    [
      "a port in the host",
      { "x-forwarded-host": "bench.example:8443", "x-forwarded-proto": "https" },
      "https://bench.example:8443",
    ],
    [
      "a port beside the host",
      { "x-forwarded-host": "bench.example", "x-forwarded-proto": "https", "x-forwarded-port": "8443" },
      "https://bench.example:8443",
    ],
    [
      "a load balancer's default port",
      { "x-forwarded-host": "bench.example", "x-forwarded-proto": "https", "x-forwarded-port": "443" },
      "https://bench.example",
    ],
    [
      "the inner port of one that ends TLS",
      { "x-forwarded-host": "bench.example", "x-forwarded-proto": "https", "x-forwarded-port": "80" },
      "https://bench.example",
    ],
    [
      "a default port in the host",
      { "x-forwarded-host": "bench.example:443", "x-forwarded-proto": "https" },
      "https://bench.example",
    ],
    ["IPv6", { "x-forwarded-host": "[2001:db8::1]:8443", "x-forwarded-proto": "https" }, "https://[2001:db8::1]:8443"],
    ["IPv6 without brackets", { "x-forwarded-host": "2001:db8::1" }, "http://[2001:db8::1]"],
    ["capitals", { "x-forwarded-host": "Bench.Example", "x-forwarded-proto": "HTTPS" }, "https://bench.example"],
    [
      "RFC 7239",
      { forwarded: 'for=192.0.2.1;proto=https;host="bench.example:8443", for="[2001:db8::2]"' },
      "https://bench.example:8443",
    ],
    [
      "RFC 7239 with commas in quotes",
      { forwarded: 'for="a,b";host=bench.example;proto=https' },
      "https://bench.example",
    ],
    [
      "an unknown scheme",
      { "x-forwarded-host": "bench.example", "x-forwarded-proto": "javascript" },
      "http://bench.example",
    ],
    ["a path", { "x-forwarded-host": "evil.example/path" }, "http://127.0.0.1:3000"],
    ["a user", { "x-forwarded-host": "user@evil.example" }, "http://127.0.0.1:3000"],
    ["a script", { "x-forwarded-host": '"><script>alert(1)</script>' }, "http://127.0.0.1:3000"],
    ["a port too high", { "x-forwarded-host": "bench.example:99999" }, "http://127.0.0.1:3000"],
    ["an empty list", { "x-forwarded-host": " , ", "x-forwarded-proto": "," }, "http://127.0.0.1:3000"],
    ["garbage everywhere", { host: "a b", "x-forwarded-host": "%%%", forwarded: '";;"=,' }, "http://localhost:3000"],
  ])("understands %s", (_what, headers, origin) => {
    expect(originOf({ headers })).toBe(origin);
  });

  it("is that of the settings, whatever a request says", () => {
    const headers = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "http", forwarded: "host=evil.example" };
    for (const proxies of [0, 1]) {
      const configured = settings("https://Bench.example:443/some/path/?q#f");
      expect(originOf({ headers, proxies, configured })).toBe("https://bench.example");
    }
    expect(settings("http://bench.example:8080/")).toBe("http://bench.example:8080");
    for (const wrong of ["bench.example", "javascript:alert(1)", "ftp://bench.example", "https://"])
      expect(() => settings(wrong)).toThrow("NEXTAUTH_URL: expected an address such as");
  });

  it("believes forwarded headers from this machine, private networks and counted proxies alone", () => {
    const headers = { host: "bench.example", "x-forwarded-host": "forwarded.example", "x-forwarded-proto": "https" };
    const forwarded = "https://forwarded.example";
    for (const peer of [
      "127.0.0.1",
      "::1",
      "::ffff:127.0.0.1",
      "10.1.2.3",
      "172.31.0.1",
      "192.168.1.1",
      "::ffff:10.0.0.1",
      "fd00::1",
      "fe80::1%eth0",
      "",
    ])
      expect.soft(originOf({ peer, headers }), peer).toBe(forwarded);
    for (const peer of ["203.0.113.7", "172.32.0.1", "::ffff:203.0.113.7", "2001:db8::1", "garbage", null]) {
      expect.soft(originOf({ peer, headers }), String(peer)).toBe("http://bench.example");
      expect.soft(originOf({ peer, headers, proxies: 1 }), String(peer)).toBe(forwarded);
    }
  });

  it("is what the outermost counted proxy appended, and nothing to the left of it", () => {
    const headers = { "x-forwarded-host": "forged.example, bench.example, inner:3000", "x-forwarded-proto": "https" };
    expect(originOf({ headers, proxies: 2 })).toBe("https://bench.example");
    expect(originOf({ headers: { "x-forwarded-host": "bench.example" }, proxies: 2 })).toBe("http://bench.example");
  });

  it("is an origin, and stays the same once the headers are replaced by it", () => {
    const piece = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV6(),
      fc.ipV6().map((address) => `[${address}]`),
      fc.constantFrom("http", "https", "443", "80", "8443", "localhost", "", "%", "@", "/", "\\", "#", "?", ":", '"'),
      fc.string(),
    );
    const value = fc
      .array(fc.tuple(piece, fc.constantFrom("", ":", ":80", ":8443", ",", ", ", ";host=", ";proto=https")), {
        maxLength: 4,
      })
      .map((pieces) =>
        pieces
          .flat()
          .join("")
          .replace(/[^\t\x20-\x7e\x80-\xff]/g, ""),
      );
    const names = ["host", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "forwarded"];
    fc.assert(
      fc.property(
        fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: ["host"] }),
        fc.constantFrom("127.0.0.1", "203.0.113.7", "", null),
        fc.nat(3),
        (headers, peer, proxies) => {
          const sent = { headers: headers as Record<string, string>, peer, proxies };
          const origin = originOf(sent);
          const { origin: readBack, protocol, host, port } = new URL(origin);
          expect(readBack).toBe(origin);
          expect(protocol).toMatch(/^https?:$/);
          const replaced = {
            host: headers.host!,
            "x-forwarded-proto": protocol.slice(0, -1),
            "x-forwarded-host": host,
            "x-forwarded-port": port || { "http:": "80", "https:": "443" }[protocol]!,
          };
          expect(originOf({ ...sent, headers: replaced })).toBe(origin);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("is the only reader of forwarding headers and of the setting", () => {
    const readers = ["app", "lib"]
      .flatMap((room) => readdirSync(room, { recursive: true, encoding: "utf8" }).map((file) => `${room}/${file}`))
      .concat("proxy.ts", "instrumentation.ts", "next.config.js")
      .filter((file) => /\.(ts|tsx|js)$/.test(file) && !file.startsWith("app/docs/running/")) // which describes them
      .filter((file) => /x-forwarded-(?!for)|NEXTAUTH_URL|get\("(host|forwarded)"\)/.test(readFileSync(file, "utf8")));
    expect(readers.sort()).toEqual(["lib/server/env.ts", "lib/server/site-origin.ts"]);
  });
});

describe("a return address", () => {
  const origins = ["https://bench.example", "http://localhost:3000", "http://[::1]:8080"];

  it("is kept if it is of this site", () => {
    for (const origin of origins) {
      expect(returnAddress("/runs/1?tab=shift#top", origin)).toBe(`${origin}/runs/1?tab=shift#top`);
      expect(returnAddress(`${origin}/settings`, origin)).toBe(`${origin}/settings`);
      expect(returnPath(`${origin}/settings`, origin)).toBe("/settings");
      expect(returnPath(undefined, origin)).toBe("/");
    }
  });

  it("has this site's origin, whatever was asked for", () => {
    const start = fc.constantFrom(
      ..."/ // \\ /\\ \\/ /.// /..// /./ /%2f /%5c ; ? # . .. @ :@ // /\t/ /\n/ \t// \r\n// \u0000//".split(" "),
      ..."javascript: data: blob: file: ftp: ws: http: https: http:/ https:// HTTPS:\\\\ http:/// mailto:".split(" "),
      ...origins,
      ...origins.map((origin) => `blob:${origin}`),
      ...origins.map((origin) => `filesystem:${origin}`),
    );
    const middle = fc.constantFrom(
      ..."evil.example //evil.example \\evil.example @evil.example user:pw@evil.example .evil.example :80@evil.example".split(
        " ",
      ),
      ..."evil。example evil．example ／evil.example ＼evil.example %09//evil.example \u200b//evil.example [::1] 0x7f.1".split(
        " ",
      ),
      ..."bench.example localhost:3000 bench.example.evil.example bench.example@evil.example alert(1) ,<script>".split(
        " ",
      ),
    );
    const text = fc.array(fc.oneof(start, middle, fc.string({ unit: "binary", maxLength: 3 }), fc.webUrl()), {
      maxLength: 6,
    });
    const requested = fc.oneof(
      { weight: 9, arbitrary: text.map((pieces) => pieces.join("")) },
      { weight: 1, arbitrary: fc.anything() },
    );
    fc.assert(
      fc.property(requested, fc.constantFrom(...origins), (wanted, origin) => {
        const address = new URL(returnAddress(wanted, origin));
        expect(address.origin).toBe(origin);
        expect(`${address.protocol}${address.username}${address.password}`).toMatch(/^https?:$/);
        const path = returnPath(wanted, origin);
        expect(path.startsWith("/")).toBe(true);
        expect(new URL(path, origin).href).toBe(address.href);
      }),
      { numRuns: 5_000 },
    );
  });
});
