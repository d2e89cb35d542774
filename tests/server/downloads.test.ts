/** Downloads of a site with a bucket: its API sends readers there, except for held-out files, which nobody can read. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { endpoints } from "@/app/api/endpoints";
import { publishRun } from "@/app/api/v1/runs/publish-run";
import { artifacts, heldOutPrefix, sha256 } from "@/lib/server/artifacts";
import { publish } from "@/lib/server/runs/publish";
import { importTrajectories } from "@/lib/server/scoring/trajectories";
import { aSubmission } from "../leaderboard/a-submission";
import type { S3Server } from "../support/s3";
import { startS3 } from "../support/s3";
import { onEachDatabase } from "./databases";

const datasetsDir = process.env.DMBENCH_DATASETS_DIR;
const dataFolder = mkdtempSync(join(tmpdir(), "dmbench-downloads-"));

// The settings of a process are read once, so both databases share the bucket.
let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3();
  vi.stubEnv("DMBENCH_DATASETS_DIR", "");
  vi.stubEnv("DMBENCH_DATA_DIR", dataFolder);
  vi.stubEnv("DMBENCH_PROXIES", "1");
  vi.stubEnv("DMBENCH_BUCKET", s3.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "key");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("AWS_REGION", "eu-test-1");
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterAll(async () => {
  await s3.stop();
  rmSync(dataFolder, { recursive: true });
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

onEachDatabase("a download", (installation) => {
  let runId: string;
  const site = globalThis as typeof globalThis & { dmbenchDatabase?: unknown };

  beforeAll(async () => {
    const { db, folder, testData } = installation();
    site.dmbenchDatabase = { client: db, embedded: true };
    const source = join(folder, "recorded");
    const open = join(source, "digits-mlp-v1");
    await mkdir(join(open, "held-out"), { recursive: true });
    for (const [name, copy] of [
      ["bn-0.safetensors", join(open, "a.safetensors")],
      ["bn-1.safetensors", join(open, "held-out/b.safetensors")],
    ] as const)
      await cp(join("public/trajectories/digits-mlp-v1", name), copy);
    const sums = async (at: string, name: string) =>
      writeFile(join(at, "SHA256SUMS"), `${sha256(await readFile(join(at, name)))}  ${name}\n`);
    await sums(open, "a.safetensors");
    await sums(join(open, "held-out"), "b.safetensors");
    expect(await importTrajectories([source], { db, store: artifacts() })).toEqual([]);
    const dataset = await testData("digits");
    if ("reason" in dataset) throw new Error(dataset.remedy);
    const ada = await db.user.create({ data: { name: "ada" } });
    const parts = { db, store: artifacts(), testData, boardWaitMs: 60_000 };
    const published = await publish(aSubmission({ dataset }), ada.id, parts);
    if (!("runId" in published)) throw new Error(published.refusals[0].remedy);
    runId = published.runId;
  });
  afterAll(() => {
    site.dmbenchDatabase = undefined;
  });

  const get = (path: string, params: object) =>
    endpoints[path]!.GET!.handle(new Request(`http://site${path}`), { params, caller: null });

  it("of a run's predictions or of a public trajectory answers 307 to the file in the bucket", async () => {
    const { db } = installation();
    const run = await db.run.findUniqueOrThrow({ where: { id: runId } });
    const trajectory = await db.trajectory.findFirstOrThrow({ where: { visibility: "public" } });
    for (const [hash, response] of [
      [run.predictionsHash, await get("/api/v1/runs/{id}/predictions", { id: runId })],
      [trajectory.artifactHash, await get("/api/v1/trajectories/{hash}", { hash: trajectory.artifactHash })],
    ] as const) {
      expect(response.status).toBe(307);
      expect(response.headers.get("cache-control")).toBe("public, max-age=300");
      const file = await fetch(response.headers.get("location")!);
      expect(file.status).toBe(200);
      expect(sha256(new Uint8Array(await file.arrayBuffer()))).toBe(hash);
    }
  });

  it("of a held-out file is nowhere: neither by its hash, id or key, nor as an address", async () => {
    const { db } = installation();
    const { id, artifactKey, artifactHash } = await db.trajectory.findFirstOrThrow({
      where: { visibility: "held_out" },
    });
    expect(artifactKey.startsWith(heldOutPrefix)).toBe(true);
    expect(s3.objects.has(artifactKey)).toBe(true);
    await expect(artifacts().urlOf(artifactKey, 60)).rejects.toThrow(RangeError);
    let redirected = 0;
    for (const [path, { GET }] of Object.entries(endpoints)) {
      const fields = [...path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field!);
      if (fields.length === 0) continue;
      for (const name of [id, artifactHash, artifactKey, artifactKey.split("/")[1]!, `../${artifactKey}`, runId]) {
        const params = Object.fromEntries(fields.map((field) => [field, name]));
        const response = await GET?.handle(new Request(`http://site${path.replace(/[{}]/g, "")}`), {
          params,
          caller: null,
        });
        const location = response?.headers.get("location");
        if (!location) continue;
        redirected += 1;
        expect(location).not.toContain(heldOutPrefix);
        const file = await fetch(location);
        expect(sha256(new Uint8Array(await file.arrayBuffer()))).not.toBe(artifactHash);
      }
    }
    expect(redirected).toBeGreaterThan(0);
  });

  it("is refused with 503 while the bucket refuses what has to be stored, and nothing is stored", async () => {
    const { db, testData } = installation();
    const dataset = await testData("digits");
    if ("reason" in dataset) throw new Error(dataset.remedy);
    const ada = await db.user.findUniqueOrThrow({ where: { name: "ada" } });
    const submission = aSubmission({ dataset, key: crypto.randomUUID(), seed: 7 });
    const send = () =>
      publishRun(() => ({ db, store: artifacts(), testData })).handle(
        new Request("http://site/api/v1/runs", {
          method: "POST",
          headers: { "content-type": "application/json", "x-forwarded-for": "192.0.2.1" },
          body: JSON.stringify(submission),
        }),
        { caller: { id: ada.id, name: "ada", role: "user", scopes: null } },
      );
    const before = await db.run.count();
    s3.fault = () => ({ status: 403, code: "InvalidAccessKeyId" });
    const refused = await send();
    expect(refused.status).toBe(503);
    const text = await refused.text();
    expect(JSON.parse(text)).toMatchObject({ type: "urn:dmbench:problem:store-unavailable" });
    expect(text).not.toMatch(/127\.0\.0\.1|AWS_|key key/);
    expect(await db.run.count()).toBe(before);
    s3.fault = () => null;
    expect((await send()).status).toBe(201);
    expect((await send()).status).toBe(200);
    expect(await db.run.count()).toBe(before + 1);
  });
});

const dataset = (slug: string, file: string) =>
  endpoints["/api/v1/datasets/{slug}/{file}"]!.GET!.handle(new Request(`http://site/${file}`), {
    params: { slug, file },
    caller: null,
    db: {} as never, // it needs none
  });

it("of a data set that comes with the site is answered by the site", async () => {
  const response = await dataset("digits", "digits.csv.gz");
  expect(response.status).toBe(200);
  expect(sha256(new Uint8Array(await response.arrayBuffer()))).toBe(
    sha256(readFileSync("public/datasets/digits/digits.csv.gz")),
  );
});

it.runIf(datasetsDir)(
  "of a data set that another instance has downloaded answers 307 to it [the real data sets]",
  async () => {
    const name = "t10k-labels-idx1-ubyte.gz";
    const published = readFileSync(join(datasetsDir!, "mnist", name));
    s3.objects.set(`datasets/mnist/${name}`, published);
    s3.log.length = 0;
    for (let i = 0; i < 2; i += 1) {
      const response = await dataset("mnist", name);
      expect(response.status).toBe(307);
      const file = await fetch(response.headers.get("location")!);
      expect(Buffer.from(await file.arrayBuffer()).equals(published)).toBe(true);
    }
    // Read once to verify it, then only by those who were sent there.
    expect(s3.log).toEqual(Array.from({ length: 3 }, () => `GET datasets/mnist/${name} 200`));
  },
);
