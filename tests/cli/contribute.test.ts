/** `dmbench contribute` against a site that answers as the test says: what is kept, and sent later. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Submission } from "@/lib/leaderboard";
import { benchmarks } from "@/lib/leaderboard";
import { trajectoryFault } from "@/lib/training";
import { dmbench } from "./command";

const benchmark = benchmarks.find(({ slug }) => slug === "digits-mlp-short")!;
const folder = mkdtempSync(join(tmpdir(), "dmbench-contribute-"));
let server: Server;
let site: string;
/** What came, and whether runs are accepted. */
let published: Submission[] = [];
let issued = 0;
let refuses = false;
/** The files of weights that came, by run. */
let sent: Record<string, Buffer> = {};

beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts);
      const text = body.toString();
      const answer = (status: number, body: object) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
      };
      if (request.headers.authorization !== "Bearer dmb_test") return answer(401, { detail: "no token" });
      if (request.url?.endsWith("/tickets")) {
        issued += 1;
        return answer(201, {
          id: `00000000-0000-4000-8000-00000000000${issued}`,
          seed: 1000 + issued,
          number: issued,
          benchmark: { slug: benchmark.slug, version: benchmark.version },
          expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
          seeds: issued - 1,
        });
      }
      const [, ofWeights] = /^\/api\/v1\/runs\/(\d+)\/weights$/.exec(request.url!) ?? [];
      if (ofWeights !== undefined) {
        if (request.method === "POST") return answer(200, { state: "upload", url: request.url!, headers: {} });
        sent[ofWeights] = body;
        return answer(200, { state: "received" });
      }
      if (refuses) return answer(422, { detail: "not today" });
      published.push(JSON.parse(text) as Submission);
      return answer(201, { id: String(published.length), url: `/runs/${published.length}` });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  published = [];
  sent = {};
  refuses = false;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const contribute = (...options: string[]) =>
  dmbench(
    [
      "contribute",
      "--benchmark",
      benchmark.slug,
      "--policies",
      "pytorch-default,dmbn",
      "--site",
      site,
      ...options,
    ].concat(["--backend", "wasm", "--threads", "1"]),
    { env: { DMBENCH_DATA_DIR: folder, DMBENCH_TOKEN: "dmb_test" } },
  );
const waiting = () => {
  const [place] = readdirSync(join(folder, "contribute"));
  return readdirSync(join(folder, "contribute", place!)).sort();
};

it("publishes each run with its ticket, in every variant, as it ends", async () => {
  const { code, out } = await contribute("--runs", "2");
  expect(code).toBe(0);
  expect(
    published.map(({ ticket, record: { manifest } }) => [ticket?.slice(-1), manifest.seed, manifest.variant]),
  ).toEqual([
    ["1", 1001, "bn"],
    ["1", 1001, "bn-bfn"],
    ["2", 1002, "bn"],
    ["2", 1002, "bn-bfn"],
  ]);
  expect(published[0]!.record.benchmark).toEqual({ slug: benchmark.slug, version: benchmark.version });
  expect(out).toContain("/runs/4");
  // Each with its weights and trace.
  expect(Object.keys(sent)).toEqual(["1", "2", "3", "4"]);
  for (const [index, { record }] of published.entries())
    expect(trajectoryFault(sent[index + 1]!, record.manifest)).toBeNull();
  expect(waiting()).toEqual([]);
});

it("keeps what it can't send, and its ticket, and goes on from there", async () => {
  refuses = true;
  const { code, err } = await contribute();
  expect(code).toBe(1);
  expect(err).toMatch(/the same command sends it[\s\S]*not today/);
  expect(waiting()).toHaveLength(3);
  expect(waiting()).toEqual(
    expect.arrayContaining([
      `${benchmark.slug}.ticket`,
      expect.stringMatching(/\.json$/),
      expect.stringMatching(/\.safetensors$/),
    ]),
  );

  refuses = false;
  const before = issued;
  expect(await contribute()).toMatchObject({ code: 0 });
  expect(issued).toBe(before); // the same seed
  expect(published.map(({ record: { manifest } }) => [manifest.seed, manifest.variant])).toEqual([
    [1003, "bn"],
    [1003, "bn-bfn"],
  ]);
  for (const [index, { record }] of published.entries())
    expect(trajectoryFault(sent[index + 1]!, record.manifest)).toBeNull();
  expect(waiting()).toEqual([]);
});
