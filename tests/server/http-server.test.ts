/** The guard of an HTTP server: who is let in, what waits outside, and how it ends. */
import { once } from "node:events";
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, RequestOptions } from "node:http";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { getDefaultHighWaterMark, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { drain, guardServers, isStopping } from "@/lib/server/http-server";
import { trustSocketAddress } from "@/lib/server/limits/client-address";

trustSocketAddress();
guardServers();
let begun = 0;
const server = createServer((incoming, outgoing) => {
  begun += 1;
  const asNextReads = new Response(Readable.toWeb(incoming) as ReadableStream);
  void asNextReads.text().then(
    (body) => outgoing.end(`${incoming.method} ${body}`),
    () => outgoing.destroy(),
  );
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;

interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: string;
}

/** A request whose body the caller ends. */
function send(method: string, headers: OutgoingHttpHeaders = {}, options: RequestOptions = {}) {
  const sent: ClientRequest = request({ host: "127.0.0.1", port, method, headers, ...options });
  const answer = new Promise<Answer>((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", async (response) =>
      resolve({ status: response.statusCode!, headers: response.headers, body: await text(response) }),
    );
  });
  return { sent, answer };
}

const half = (token: string) => {
  const one = send("POST", { authorization: `Bearer ${token}`, "content-length": "2" });
  one.sent.write("h");
  return one;
};

async function get(): Promise<Answer> {
  const { sent, answer } = send("GET");
  sent.end();
  return answer;
}

it("holds at most 32 half-sent requests of one token outside, refuses the rest at once, and serves everyone else", async () => {
  const many = Array.from({ length: 300 }, () => half("one"));
  const refused = await Promise.all(many.slice(32).map(({ answer }) => answer));
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([429]));
  expect(refused[0]!.headers).toMatchObject({ "retry-after": "1", "content-type": "application/problem+json" });
  expect(JSON.parse(refused[0]!.body)).toMatchObject({ status: 429, type: "urn:dmbench:problem:too-many-at-once" });
  expect(begun).toBe(0); // no handler has seen one of them
  expect(await get()).toMatchObject({ status: 200, body: "GET " });
  const other = half("two");
  other.sent.end("i");
  expect(await other.answer).toMatchObject({ status: 200, body: "POST hi" });
  for (const { sent } of many.slice(0, 32)) sent.end("i");
  for (const { answer } of many.slice(0, 32)) expect(await answer).toMatchObject({ status: 200, body: "POST hi" });
  const next = half("one"); // its places are free again
  next.sent.end("i");
  expect((await next.answer).status).toBe(200);
});

it("refuses nobody who asks how the process is, however many requests there are", async () => {
  const many = Array.from({ length: 600 }, (_, i) => half(`token ${i % 20}`));
  const refusedFirst = await Promise.race(many.map(({ answer }) => answer));
  expect(refusedFirst.status).toBe(429); // 64 writes of this address are in progress
  const probes = Array.from({ length: 600 }, (_, i) =>
    send("GET", { authorization: "Bearer one" }, { path: i % 2 ? "/api/v1/ready" : "/api/v1/health", agent: false }),
  );
  for (const { sent } of probes) sent.end();
  expect(new Set((await Promise.all(probes.map(({ answer }) => answer))).map(({ status }) => status))).toEqual(
    new Set([200]),
  );
  for (const { sent, answer } of many) {
    answer.catch(() => {}); // cut off here
    sent.destroy();
  }
  const isFree = async () => {
    const { sent, answer } = send("POST");
    sent.end();
    return (await answer).status === 200;
  };
  while (!(await isFree())) await sleep(20); // the places of all that were cut off
});

it("hands on each body as it was sent, in whatever parts and at whatever length", async () => {
  const held = getDefaultHighWaterMark(false);
  const parts = fc.array(fc.oneof(fc.nat(100), fc.nat(2 * held), fc.constantFrom(held - 1, held, held + 1)), {
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(parts, fc.boolean(), fc.boolean(), async (lengths, chunked, waits) => {
      const bodies = lengths.map((length, i) => String.fromCharCode(97 + i).repeat(length));
      const whole = bodies.join("");
      const { sent, answer } = send("POST", chunked ? {} : { "content-length": whole.length });
      for (const body of bodies) {
        sent.write(body);
        if (waits) await sleep(2);
      }
      sent.end();
      const { status, body } = await answer;
      expect(status).toBe(200);
      expect(body === `POST ${whole}`, `${body.length - 5} of ${whole.length} characters`).toBe(true);
    }),
    { numRuns: 200 },
  );
});

it("limits the time and number of connections", () => {
  expect(server.headersTimeout).toBeLessThanOrEqual(20_000);
  expect(server.requestTimeout).toBeLessThanOrEqual(120_000);
  expect(server.maxConnections).toBeGreaterThan(0);
});

it("finishes what is in flight before it ends, and accepts nothing new", async () => {
  const slow = Array.from({ length: 20 }, () => half("last"));
  while ((await connections()) < 20) await sleep(10);
  const silent = connect(port, "127.0.0.1"); // its request is still on its way when the server closes
  await once(silent, "connect");
  const drained = drain(5000);
  // Connections that the system accepts while the process is busy, until after it would have closed.
  const waiting = Array.from({ length: 30 }, get);
  await new Promise<void>((resolve) => process.nextTick(resolve));
  for (const until = performance.now() + 500; performance.now() < until; );
  for (const answer of await Promise.all(waiting)) expect(answer).toMatchObject({ status: 200, body: "GET " });
  expect(isStopping()).toBe(true);
  await sleep(500);
  await expect(get()).rejects.toThrow("ECONNREFUSED");
  silent.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  expect(await text(silent)).toMatch(/^HTTP\/1.1 200 .*GET /s);
  for (const { sent } of slow) sent.end("i");
  for (const answer of await Promise.all(slow.map(({ answer: one }) => one)))
    expect(answer).toMatchObject({ status: 200, body: "POST hi", headers: { connection: "close" } });
  expect(await drained).toBe(0);
  expect(server.listening).toBe(false);
});

const connections = (): Promise<number> =>
  new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));
