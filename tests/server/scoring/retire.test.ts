/** Held-out runs from their commitment to their retirement. */
import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { checkCommitment } from "@/app/docs/method/check-commitment";
import { decodeTrajectory, encodeTrajectory } from "@/lib/records";
import { sha256 } from "@/lib/server/artifacts";
import { boardPage } from "@/lib/server/boards/read";
import { listTrajectories, trajectoryFile } from "@/lib/server/scoring/public-trajectories";
import { retireRuns } from "@/lib/server/scoring/retire";
import { scoreEverywhere } from "@/lib/server/scoring/score-trajectory";
import { startScorer } from "@/lib/server/scoring/scorer";
import { scoringOf } from "@/lib/server/scoring/state";
import {
  importTrajectories,
  readTrajectory,
  recordHeldOut,
  TrajectoryDamaged,
} from "@/lib/server/scoring/trajectories";
import type { Worker } from "@/lib/server/scoring/worker";
import { startWorker } from "@/lib/server/scoring/worker";
import { findPython } from "../../support/python";
import { onEachDatabase } from "../databases";

const scorers = { prompt: startScorer(), background: [startScorer()] };
afterAll(() => {
  for (const scorer of [scorers.prompt, ...scorers.background]) scorer.stop();
});

const slug = "digits-mlp";
const policies = ["dmbn", "keras-default", "pytorch-default"];

onEachDatabase("held-out runs", (installation) => {
  let worker: Worker;
  const recordAll = async () => {
    await worker.scan();
    await worker.work("background");
    await vi.waitFor(async () => expect(await installation().db.job.count({ where: { failedAt: null } })).toBe(0), {
      timeout: 60_000,
      interval: 200,
    });
  };
  const board = async () =>
    (await boardPage(slug, { division: "closed", rows: "all" }, { take: 100, points: true }, installation().db))!;
  const labels = async () => (await board()).rows.map(({ points }) => points!.map(({ label }) => label));
  const trajectories = () => listTrajectories({ benchmark: slug }, installation().db);

  beforeAll(async () => {
    const { db, store } = installation();
    await db.policy.updateMany({ where: { slug: { notIn: policies } }, data: { hiddenAt: new Date() } });
    worker = startWorker({
      db,
      store,
      scorers,
      folders: [],
      results: "nowhere",
      plan: async () => [{ slug, version: 1, runs: 2 }],
      serving: () => false,
      share: 1,
      auditSeconds: 0,
      alone: true,
      always: true,
    });
    await recordAll();
  }, 300_000);
  afterAll(() => worker.stop());

  it("show a commitment while they are in use, and neither seed nor hash nor key", async () => {
    const shown = await trajectories();
    expect(shown).toHaveLength(4);
    for (const { visibility, sha256: hash, commitment, commitmentKey, seed, url } of shown) {
      expect({ visibility, hash, commitmentKey, seed, url }).toEqual({
        visibility: "held-out",
        hash: null,
        commitmentKey: null,
        seed: null,
        url: null,
      });
      expect(commitment).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(new Set(shown.map(({ commitment }) => commitment)).size).toBe(4);
  });

  it("don't tell their hash when their file is damaged", async () => {
    const { db, store } = installation();
    const row = await db.trajectory.findFirstOrThrow({ where: { variant: "bn", number: 2 } });
    const intact = (await store.get({ key: row.artifactKey, hash: row.artifactHash }))!;
    await store.put(row.artifactKey, intact.subarray(1));
    await expect(readTrajectory(row, { db, store })).rejects.toThrow(new TrajectoryDamaged("its file has changed"));
    const told = JSON.stringify([await trajectories(), await db.logEntry.findMany({ select: { detail: true } })]);
    expect(told).toContain("its file has changed");
    expect(told).not.toContain(row.artifactHash);
    await store.put(row.artifactKey, intact);
    await db.trajectory.update({ where: { id: row.id }, data: { damage: null } });
  });

  it("rank nobody once they are retired; the log has what anybody needs to check them", async () => {
    const { db, store, folder } = installation();
    expect(await labels()).toEqual(Array(6).fill(["run 1", "run 2"]));
    const announced = new Map((await trajectories()).map((run) => [`${run.variant} ${run.number}`, run.commitment]));
    const { benchmarkId } = await db.trajectory.findFirstOrThrow();
    const revisionNow = async () =>
      (await db.boardRevision.findFirstOrThrow({ where: { division: "closed", benchmarkId } })).revision;
    const revision = await revisionNow();
    expect(await retireRuns({ benchmark: slug, numbers: [1] }, db)).toEqual([1]);
    expect(await labels()).toEqual(Array(6).fill(["run 2"]));
    expect(await revisionNow()).toBeGreaterThan(revision);

    const entries = await db.logEntry.findMany({ where: { action: "trajectory.retired" } });
    expect(entries).toHaveLength(2);
    for (const { detail } of entries) {
      const shown = detail as { variant: string; number: number; seed: number; sha256: string; key: string };
      expect(shown.number).toBe(1);
      const file = (await trajectoryFile(shown.sha256, db, store))!;
      expect(sha256(file)).toBe(shown.sha256);
      expect(decodeTrajectory(file).header).toMatchObject({ variant: shown.variant, seed: shown.seed });
      const commitment = announced.get(`${shown.variant} 1`)!;
      expect(
        createHmac("sha256", Buffer.from(shown.key, "hex")).update(`${shown.seed} ${shown.sha256}`).digest("hex"),
      ).toBe(commitment);
      const listed = (await trajectories()).find((run) => run.commitment === commitment);
      expect(listed).toMatchObject({
        visibility: "retired",
        sha256: shown.sha256,
        seed: shown.seed,
        commitmentKey: shown.key,
      });

      const python = findPython("json");
      if (!python) continue;
      await writeFile(join(folder, "run.safetensors"), file);
      const argv = ["-c", checkCommitment, join(folder, "run.safetensors"), String(shown.seed), shown.key];
      const { stdout, stderr } = spawnSync(python, argv, { encoding: "utf8" });
      expect(stdout, stderr).toBe(`${commitment}\n`);
    }
  });

  it("that are retired are neither scored nor recorded again: others take their place, under new numbers", async () => {
    const { db, store } = installation();
    const { benchmarkId } = await db.trajectory.findFirstOrThrow();
    await recordHeldOut({ benchmarkId, number: 1 }, { db, store, scorer: scorers.prompt }); // a job queued before
    expect(await db.trajectory.count()).toBe(4);
    await recordAll();
    const rows = await db.trajectory.findMany({ orderBy: [{ number: "asc" }, { variant: "asc" }] });
    expect(rows.map(({ visibility, variant, number }) => `${visibility} ${variant} ${number}`)).toEqual([
      "retired bn 1",
      "retired bn-bfn 1",
      "held_out bn 2",
      "held_out bn-bfn 2",
      "held_out bn 3",
      "held_out bn-bfn 3",
    ]);
    for (const points of await labels()) expect(points).toEqual(["run 2", "run 3"]);
  }, 120_000);

  it("count among the first runs that a new policy is scored on, whatever their numbers", async () => {
    const { db, store } = installation();
    const { id: benchmarkId } = await db.benchmark.findFirstOrThrow({ where: { slug } });
    const { id: policyId } = await db.policy.update({ where: { slug: "pointnet" }, data: { hiddenAt: null } });
    await scoreEverywhere({ policyId, benchmarkId, runs: 1 }, { db, store, scorer: scorers.prompt });
    const scores = await db.score.findMany({
      where: { policyId },
      select: { trajectory: { select: { number: true, visibility: true } } },
    });
    expect(scores.map(({ trajectory }) => trajectory)).toEqual(Array(2).fill({ number: 2, visibility: "held_out" }));
    expect(await scoringOf(policyId, db)).toMatchObject([{ scored: 2, of: 4 }]);
  }, 60_000);

  it("of a retired seed are refused", async () => {
    const { db, store, folder } = installation();
    const retired = await db.trajectory.findFirstOrThrow({ where: { visibility: "retired", variant: "bn" } });
    const { header, ...rest } = decodeTrajectory(
      (await store.get({ key: retired.artifactKey, hash: retired.artifactHash }))!,
    );
    const again = encodeTrajectory({ header: { ...header, backend: "another" }, ...rest });
    const place = join(folder, "trajectories/digits-mlp-v1/held-out");
    await mkdir(place, { recursive: true });
    await writeFile(join(place, "bn-1.safetensors"), again);
    await writeFile(join(place, "SHA256SUMS"), `${sha256(again)}  bn-1.safetensors\n`);
    const refused = () => importTrajectories([join(folder, "trajectories")], { db, store });
    const named = { file: "digits-mlp-v1/held-out/bn-1.safetensors" };
    expect(await refused()).toEqual([{ ...named, reason: "its run is retired: everybody can know its seed" }]);
    await writeFile(join(place, "bn-1.safetensors"), again.subarray(1));
    expect(await refused()).toEqual([{ ...named, reason: "its SHA-256 is not the one in SHA256SUMS" }]);
  });

  it("are retired all or none: a number that is not in use is named", async () => {
    const { db } = installation();
    await expect(retireRuns({ benchmark: slug, numbers: [2, 1, 77] }, db)).rejects.toThrow(
      "runs: expected numbers of held-out runs of digits-mlp that are in use, found 1, 77. Nothing was retired.",
    );
    expect(await db.trajectory.count({ where: { visibility: "retired" } })).toBe(2);
    await expect(retireRuns({ benchmark: "mnist-mlp", numbers: null }, db)).rejects.toThrow("found no run");
    await expect(retireRuns({ benchmark: "nowhere", numbers: null }, db)).rejects.toThrow("found nowhere");
  });

  it("from before commitments stay announced by their hash, and a board without runs is empty", async () => {
    const { db } = installation();
    await db.trajectory.updateMany({ where: { number: 2 }, data: { commitmentKey: null } });
    const old = await db.trajectory.findMany({ where: { number: 2 }, orderBy: { variant: "asc" } });
    const shown = (await trajectories()).filter(({ number }) => number === 2);
    expect(shown.map((run) => [run.sha256, run.commitment, run.seed])).toEqual(
      old.map(({ artifactHash }) => [artifactHash, null, null]),
    );
    expect(await retireRuns({ benchmark: slug, numbers: null }, db)).toEqual([2, 3]);
    const entries = await db.logEntry.findMany({ where: { action: "trajectory.retired" }, orderBy: { id: "asc" } });
    expect(entries.slice(2, 4).map(({ detail }) => detail)).toMatchObject(
      old.map(({ artifactHash, seed }) => ({ sha256: artifactHash, seed: Number(seed), key: null, commitment: null })),
    );
    expect(await board()).toMatchObject({ rows: [], of: 0, resolution: null });
  });

  it("leave their board to published results where there are any, once none is left", async () => {
    const { db } = installation();
    await recordAll();
    const { id } = await db.benchmark.update({
      where: { slug_version: { slug, version: 1 } },
      data: { resultsHash: "0".repeat(64) },
    });
    const rankedOn = async () => (await db.benchmark.findUniqueOrThrow({ where: { id } })).rankedOn;
    const [first, ...others] = await db.trajectory
      .findMany({ where: { visibility: "held_out" }, distinct: ["number"] })
      .then((rows) => rows.map(({ number }) => number));
    await retireRuns({ benchmark: slug, numbers: [first!] }, db);
    expect(await rankedOn()).toBe("held_out");
    await retireRuns({ benchmark: slug, numbers: others }, db);
    expect(await rankedOn()).toBe("results_only");
  });
});
