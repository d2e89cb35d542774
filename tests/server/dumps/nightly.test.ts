/** Nightly dumps: one a day, whoever writes it, whole or not at all, and never written over. */
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import type { ArtifactStore } from "@/lib/server/artifacts";
import { bucketStore, folderStore, sha256 } from "@/lib/server/artifacts";
import { openBucket } from "@/lib/server/bucket";
import type { Manifest } from "@/lib/server/dumps/manifest";
import { storeDump } from "@/lib/server/dumps/nightly";
import { dumpFile, storedDumps } from "@/lib/server/dumps/read";
import { parseEnv, writesDumps } from "@/lib/server/env";
import { startS3 } from "../../support/s3";
import { onEachDatabase } from "../databases";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const root = mkdtempSync(join(tmpdir(), "dmbench-nightly-"));
afterAll(() => rmSync(root, { recursive: true }));

let made = 0;
const newStore = (): ArtifactStore => folderStore(join(root, `store-${++made}`));

const day = "2026-11-27";

onEachDatabase("nightly dumps", (installation) => {
  const parts = (store: ArtifactStore) => ({ db: installation().db, store });

  afterEach(async () => {
    await installation().db.dumpFile.deleteMany();
    await installation().db.dump.deleteMany();
  });

  /** As if whoever holds the lease of the day had died. */
  const expireLease = () => installation().db.$executeRaw`UPDATE dump SET leased_until = now() - interval '1 second'`;

  const bytesOf = async (name: string, store: ArtifactStore): Promise<Uint8Array> => {
    const found = await dumpFile({ date: day, name }, parts(store));
    if (!found || typeof found === "string" || "url" in found) throw new Error(`${name}: ${JSON.stringify(found)}`);
    return found.bytes;
  };

  /** Every file is there, as the manifest says. */
  const expectWhole = async (store: ArtifactStore): Promise<void> => {
    const manifest = JSON.parse(Buffer.from(await bytesOf("manifest.json", store)).toString()) as Manifest;
    expect(manifest.tables.length).toBeGreaterThan(10);
    for (const { name, sha256: hash } of manifest.tables)
      expect(sha256(await bytesOf(`${name}.parquet`, store)), name).toBe(hash);
    const [stored] = await storedDumps(installation().db);
    expect(stored!.createdAt.toISOString()).toBe(manifest.createdAt);
    expect(stored!.files).toBe(manifest.tables.length + 1);
  };

  it("are stored once a day, and listed with the newest first", async () => {
    const store = newStore();
    expect(await storeDump(day, parts(store))).toBe(true);
    const [first] = await storedDumps(installation().db);
    expect(await storeDump(day, parts(store))).toBe(false);
    expect(await storedDumps(installation().db)).toEqual([first]);
    await expectWhole(store);
    expect(await storeDump("2026-11-28", parts(store))).toBe(true);
    expect((await storedDumps(installation().db)).map(({ date, manifest }) => [date, manifest])).toEqual([
      ["2026-11-28", "/api/v1/dumps/2026-11-28/manifest.json"],
      [day, "/api/v1/dumps/2026-11-27/manifest.json"],
    ]);
    expect((await storedDumps(installation().db))[1]).toEqual(first);
    expect(await dumpFile({ date: day, name: "account.parquet" }, parts(store))).toBeNull();
    expect(await dumpFile({ date: "2026-11-26", name: "manifest.json" }, parts(store))).toBeNull();
  });

  it("are written by one of two workers", async () => {
    const store = newStore();
    const both = await Promise.all([storeDump(day, parts(store)), storeDump(day, parts(store))]);
    expect(both.sort()).toEqual([false, true]);
    await expectWhole(store);
  });

  it("that failed are not listed, and are begun anew after an hour", async () => {
    const store = newStore();
    let puts = 0;
    const full: ArtifactStore = {
      ...store,
      put: async (key, bytes) => {
        puts += 1;
        if (puts === 4) throw new Error("no space left");
        await store.put(key, bytes);
      },
    };
    await expect(storeDump(day, parts(full))).rejects.toThrow("no space left");
    expect(await storedDumps(installation().db)).toEqual([]);
    expect(await storeDump(day, parts(store))).toBe(false);
    const [{ minutes }] = await installation().db.$queryRaw<[{ minutes: number }]>`
      SELECT (extract(epoch FROM leased_until - now()) / 60)::int AS minutes FROM dump`;
    expect(minutes).toBeGreaterThan(30);
    await expireLease();
    expect(await storeDump(day, parts(store))).toBe(true);
    await expectWhole(store);
  });

  it("of a worker that was only thought dead change nothing of the one that was faster", async () => {
    const store = newStore();
    const events = new EventEmitter();
    const [reached, released] = [once(events, "reached"), once(events, "released")];
    const slow: ArtifactStore = {
      ...store,
      put: async (key, bytes) => {
        events.emit("reached");
        await released;
        await store.put(key, bytes);
      },
    };
    const late = storeDump(day, parts(slow));
    await reached;
    await expireLease();
    await installation().db.logEntry.create({ data: { action: "a", subject: "s", subjectId: "i", detail: {} } });
    expect(await storeDump(day, parts(store))).toBe(true);
    const before = await storedDumps(installation().db);
    events.emit("released");
    expect(await late).toBe(false);
    expect(await storedDumps(installation().db)).toEqual(before);
    await expectWhole(store);
  });

  it("are never served with one byte changed", async () => {
    const folder = join(root, "damaged");
    const store = folderStore(folder);
    await storeDump(day, parts(store));
    const { artifactKey } = await installation().db.dumpFile.findFirstOrThrow({ where: { name: "run.parquet" } });
    const bytes = await bytesOf("run.parquet", store);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(join(folder, artifactKey), bytes);
    vi.spyOn(console, "error").mockImplementationOnce(() => {});
    expect(await dumpFile({ date: day, name: "run.parquet" }, parts(store))).toBe("lost");
    rmSync(join(folder, artifactKey));
    vi.spyOn(console, "error").mockImplementationOnce(() => {});
    expect(await dumpFile({ date: day, name: "run.parquet" }, parts(store))).toBe("lost");
  });

  it("are read from the bucket where there is one, except the manifest", async () => {
    const s3 = await startS3();
    try {
      const settings = { url: s3.url, accessKeyId: "key", secretAccessKey: "secret", region: "eu-test-1" };
      const store = bucketStore(openBucket(settings));
      await storeDump(day, parts(store));
      const manifest = JSON.parse(Buffer.from(await bytesOf("manifest.json", store)).toString()) as Manifest;
      for (const { name, sha256: hash } of manifest.tables) {
        const found = await dumpFile({ date: day, name: `${name}.parquet` }, parts(store));
        const response = await fetch((found as { url: string }).url);
        expect(sha256(new Uint8Array(await response.arrayBuffer())), name).toBe(hash);
      }
      expect([...s3.objects.keys()].filter((key) => !key.startsWith(`dumps/${day}/`))).toEqual([]);
    } finally {
      await s3.stop();
    }
  });
});

it("are written on PostgreSQL with a bucket, or where the settings ask for them, and never by a mirror", () => {
  const writes = (settings: Record<string, string>) =>
    writesDumps(parseEnv({ AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", ...settings } as never));
  const bucket = { DMBENCH_BUCKET: "https://s3.example/bucket" };
  const deployed = { ...bucket, DATABASE_URL: "postgresql://server/site" };
  expect(writes({})).toBe(false);
  expect(writes(bucket)).toBe(false);
  expect(writes({ DMBENCH_DUMPS: "nightly" })).toBe(true);
  expect(writes(deployed)).toBe(true);
  expect(writes({ ...deployed, DMBENCH_DUMPS: "none" })).toBe(false);
  expect(writes({ DMBENCH_DUMPS: "nightly", DMBENCH_MIRROR_OF: "https://bench.example" })).toBe(false);
});
