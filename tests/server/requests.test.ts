/** What happens to every request before Next's router sees it, over HTTP on a server that answers with what it got. */
import { once } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodable, prepareRequests } from "@/lib/server/requests";

describe("the address of a request", () => {
  it.each([
    ["/u/%ff", "/u/%25ff"],
    ["/api/v1/runs/%", "/api/v1/runs/%25"],
    ["/%c0%af", "/%25c0%25af"],
    ["/%E0%A4%A", "/%25E0%25A4%25A"],
    ["/%zz?q=%ff", "/%25zz?q=%ff"],
    ["/caf%C3%A9/%F0%9F%98%80?q=100%", "/caf%C3%A9/%F0%9F%98%80?q=100%"],
  ])("%s becomes %s", (target, expected) => {
    expect(decodable(target)).toBe(expected);
  });

  it("can always be decoded, and stays as it is if it could be before", () => {
    const parts = fc.constantFrom("%", "%f", "%ff", "%C3", "%A9", "%00", "%25", "a", "/", "é");
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (path) => {
        const target = `/${path.join("")}`;
        const mended = decodable(target);
        const text = decodeURIComponent(mended);
        expect(decodable(mended)).toBe(mended);
        if (mended !== target) {
          expect(() => decodeURIComponent(target)).toThrow(URIError);
          expect(text).toContain("%");
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe("a server of a process that prepares its requests", () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer((incoming, response) => response.end(`${incoming.method} ${incoming.url}`));
    prepareRequests();
    server.listen(0);
    await once(server, "listening");
  });
  afterAll(() => server.close());

  const send = async (method: string, path: string, headers: Record<string, string> = {}) => {
    const sent = request({ port: (server.address() as AddressInfo).port, method, path, headers });
    sent.end();
    const [response] = await once(sent, "response");
    return { response, text: (await response.toArray()).join("") as string };
  };

  it("sees only addresses that can be decoded, from the first request on", async () => {
    for (const path of ["/%ff", "/a%"]) expect((await send("GET", path)).text).toBe(`GET ${decodable(path)}`);
  });

  it.each(["TRACE", "PROPFIND", "QUERY", "LOCK"])("never sees %s, which is answered with a problem", async (method) => {
    const { response, text } = await send(method, "/");
    expect(response.statusCode).toBe(501);
    expect(response.headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(text)).toMatchObject({ status: 501, detail: expect.stringContaining(`found ${method}`) });
  });

  it.each(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])("sees %s of the API", async (method) => {
    expect((await send(method, "/api/x")).text).toBe(`${method} /api/x`);
  });

  it("is asked for a compressed answer only where something is read", async () => {
    for (const [method, accepted] of [
      ["GET", "gzip"],
      ["HEAD", "gzip"],
      ["POST", undefined],
      ["DELETE", undefined],
    ] as const) {
      const seen = once(server, "request") as Promise<[IncomingMessage]>;
      await send(method, "/api/x", { "accept-encoding": "gzip" });
      const [{ headers }] = await seen;
      expect([method, headers["accept-encoding"]]).toEqual([method, accepted]);
    }
  });

  it("sees only what reads a page", async () => {
    expect((await send("GET", "/x")).text).toBe("GET /x");
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const { response } = await send(method, "/x");
      expect([method, response.statusCode, response.headers.allow]).toEqual([method, 405, "GET, HEAD, OPTIONS"]);
    }
    const { response } = await send("OPTIONS", "/x");
    expect([response.statusCode, response.headers.allow]).toEqual([204, "GET, HEAD, OPTIONS"]);
  });
});
