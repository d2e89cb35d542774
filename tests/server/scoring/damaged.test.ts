/** Files of trajectories that are gone or changed: only a store that every instance shares may give one up. */
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { ArtifactStore } from "@/lib/server/artifacts";
import { bucketStore, folderStore, sha256 } from "@/lib/server/artifacts";
import { BucketError, openBucket } from "@/lib/server/bucket";
import { recheckDamaged } from "@/lib/server/scoring/damaged";
import { startScorer } from "@/lib/server/scoring/scorer";
import {
  importTrajectories,
  readTrajectory,
  TrajectoryDamaged,
  TrajectoryElsewhere,
} from "@/lib/server/scoring/trajectories";
import { startWorker } from "@/lib/server/scoring/worker";
import type { S3Server } from "../../support/s3";
import { startS3 } from "../../support/s3";
import { onEachDatabase } from "../databases";

const scorer = startScorer();
afterAll(() => scorer.stop());

onEachDatabase("a trajectory's file", (installation) => {
  let s3: S3Server;
  let bucket: ArtifactStore;
  let source: string;

  beforeAll(async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    s3 = await startS3();
    const settings = { url: s3.url, accessKeyId: "key", secretAccessKey: "secret", region: "eu-test-1" };
    bucket = bucketStore(openBucket(settings, { answerMs: 5000, retryMs: 100, tries: 2 }));
    // Held-out runs are recorded from secret seeds; the public ones of seed 0 stand in for them here.
    source = join(installation().folder, "recorded");
    const folder = join(source, "digits-mlp-v1/held-out");
    await mkdir(folder, { recursive: true });
    const names = ["bn-0.safetensors", "bn-bfn-0.safetensors"];
    const lines = names.map(async (name) => {
      await cp(join("public/trajectories/digits-mlp-v1", name), join(folder, name));
      return `${sha256(await readFile(join(folder, name)))}  ${name}\n`;
    });
    await writeFile(join(folder, "SHA256SUMS"), (await Promise.all(lines)).join(""));
    // Several instances start at once, and none takes another's import for a different file.
    const imports = [1, 2, 3].map(() => importTrajectories([source], { db: installation().db, store: bucket }));
    expect(await Promise.all(imports)).toEqual([[], [], []]);
    expect(await installation().db.trajectory.count()).toBe(2);
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await s3.stop();
  });

  const rows = () => installation().db.trajectory.findMany({ orderBy: [{ number: "asc" }, { variant: "asc" }] });
  const actions = async (subjectId: string) =>
    (await installation().db.logEntry.findMany({ where: { subjectId }, orderBy: { id: "asc" } })).map(
      ({ action }) => action,
    );
  const first = async () => (await rows())[0]!;

  it("is not condemned by an instance whose own folder lacks it, or has changed it", async () => {
    const { db, folder } = installation();
    const store = folderStore(join(folder, "elsewhere"), { shared: false });
    for (const row of await rows())
      await expect(readTrajectory(row, { db, store })).rejects.toThrow(TrajectoryElsewhere);
    const row = await first();
    await store.put(row.artifactKey, new TextEncoder().encode("changed"));
    await expect(readTrajectory(row, { db, store })).rejects.toThrow(TrajectoryElsewhere);
    await recheckDamaged({ db, store }, { grace: 0 });
    expect((await rows()).map(({ damage, lostAt }) => [damage, lostAt])).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(await actions(row.id)).toEqual(["trajectory.added"]);
  });

  it("is not condemned while the bucket is away, or not there", async () => {
    const { db } = installation();
    const row = await first();
    s3.fault = () => ({ status: 503, code: "SlowDown" });
    await expect(readTrajectory(row, { db, store: bucket })).rejects.toThrow(BucketError);
    s3.fault = () => ({ status: 404, code: "NoSuchBucket" });
    await expect(readTrajectory(row, { db, store: bucket })).rejects.toThrow(BucketError);
    s3.fault = () => null;
    expect((await first()).damage).toBeNull();
  });

  it("is looked at twice before it is condemned", async () => {
    const { db } = installation();
    const row = await first();
    const intact = s3.objects.get(row.artifactKey)!;
    s3.objects.delete(row.artifactKey);
    const reading = readTrajectory(row, { db, store: bucket });
    await expect.poll(() => s3.log.at(-1)).toBe(`GET ${row.artifactKey} 404`);
    s3.objects.set(row.artifactKey, intact);
    expect(sha256(await reading)).toBe(row.artifactHash);
    expect((await first()).damage).toBeNull();
  });

  it("is repaired at a scan once it is there again, by one of the instances", async () => {
    const { db } = installation();
    const row = await first();
    const intact = s3.objects.get(row.artifactKey)!;
    s3.objects.delete(row.artifactKey);
    await Promise.all(
      [1, 2, 3].map(() => expect(readTrajectory(row, { db, store: bucket })).rejects.toThrow(TrajectoryDamaged)),
    );
    await recheckDamaged({ db, store: bucket });
    expect(await first()).toMatchObject({
      damage: "its file is gone", // without its hash, which is not to be known
      lostAt: null,
    });
    s3.objects.set(row.artifactKey, intact);
    await Promise.all([1, 2, 3].map(() => recheckDamaged({ db, store: bucket })));
    expect((await first()).damage).toBeNull();
    expect(await actions(row.id)).toEqual(["trajectory.added", "trajectory.refused", "trajectory.mended"]);
  });

  it("is repaired where version 0.1 condemned it though it is intact, in a folder of one instance too", async () => {
    const { db, folder } = installation();
    const store = folderStore(join(folder, "own"), { shared: false });
    const [own, other] = await rows();
    await db.trajectory.updateMany({ data: { damage: "expected a file, found none" } });
    await store.put(own!.artifactKey, s3.objects.get(own!.artifactKey)!);
    await recheckDamaged({ db, store }, { grace: 0 });
    expect((await rows()).map(({ damage, lostAt }) => [damage === null, lostAt])).toEqual([
      [true, null],
      [false, null],
    ]);
    expect((await actions(own!.id)).at(-1)).toBe("trajectory.mended");
    await recheckDamaged({ db, store: bucket }); // the other, of an instance that shares the bucket
    expect((await rows()).map(({ damage }) => damage)).toEqual([null, null]);
    expect((await actions(other!.id)).at(-1)).toBe("trajectory.mended");
  });

  it("that stays gone is given up, once, and another run recorded under a number of its own", async () => {
    const { db } = installation();
    const row = await first();
    s3.objects.delete(row.artifactKey);
    await expect(readTrajectory(row, { db, store: bucket })).rejects.toThrow(TrajectoryDamaged);
    await rm(source, { recursive: true }); // else it is imported again
    await db.policy.updateMany({ data: { hiddenAt: new Date() } }); // so that nothing is scored
    const worker = startWorker({
      db,
      store: bucket,
      scorers: { prompt: scorer, background: [scorer] },
      folders: [source],
      results: "nowhere",
      plan: async () => [{ slug: "digits-mlp", version: 1, runs: 1 }],
      serving: () => false,
      share: 1,
      auditSeconds: 0,
      alone: true,
      always: true,
    });
    await worker.scan(); // it was found gone a moment ago
    expect((await first()).lostAt).toBeNull();
    expect(await db.job.count({ where: { kind: "record" } })).toBe(0);
    await Promise.all([1, 2, 3].map(() => recheckDamaged({ db, store: bucket }, { grace: 0 })));
    expect((await first()).lostAt).not.toBeNull();
    expect((await actions(row.id)).slice(-2)).toEqual(["trajectory.refused", "trajectory.lost"]);
    await worker.scan();
    await vi.waitFor(async () => expect(await db.trajectory.count({ where: { number: 2 } })).toBe(2), {
      timeout: 180_000,
      interval: 200,
    });
    await worker.stop();
    const held = await db.trajectory.findMany({ where: { number: { gt: 1 } }, orderBy: { variant: "asc" } });
    expect(held.map(({ number, variant, damage }) => [number, variant, damage])).toEqual([
      [2, "bn", null],
      [2, "bn-bfn", null],
    ]);
    for (const { id } of held) expect(await actions(id)).toEqual(["trajectory.added"]);
  }, 240_000);
});
