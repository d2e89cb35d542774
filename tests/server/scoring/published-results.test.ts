import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { benchmarks, changeView, firstRuns, readBoardView, referenceVariants, scorerVersion } from "@/lib/leaderboard";
import type { Results } from "@/lib/records";
import { encodeResults } from "@/lib/records";
import { sha256 } from "@/lib/server/artifacts";
import { boardPage } from "@/lib/server/boards/read";
import { testData } from "@/lib/server/datasets";
import { listTrajectories } from "@/lib/server/scoring/public-trajectories";
import { giveWay, importResults } from "@/lib/server/scoring/published-results";
import { trajectoriesBehind } from "@/lib/server/scoring/score-trajectory";
import { someResults } from "../../records/some-results";
import { onEachDatabase } from "../databases";

const benchmark = benchmarks[0]!;
const name = `${benchmark.slug}-v${benchmark.version}.safetensors.gz`;

onEachDatabase("published results", (installation) => {
  const folder = mkdtempSync(join(tmpdir(), "dmbench-results-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  let labels: ArrayLike<number>;
  beforeAll(async () => {
    const data = await testData("digits");
    if (!("testLabels" in data)) throw new Error("the digits are missing");
    labels = data.testLabels;
  });

  /** Each policy is wrong on a few more images than the one before, and on others in each run. */
  const results = (runs: number, change: Partial<Results> = {}): Results => ({
    ...someResults({
      benchmark,
      labels,
      runs,
      policies: 4,
      isWrong: ({ variant, run, policy }, example) => (example + 17 * run) % labels.length < 5 + 25 * policy + variant,
    }),
    ...change,
  });

  /** Puts a file in the folder; returns its hash. */
  const put = (given: Results, listed?: string): string => {
    const file = gzipSync(encodeResults(given));
    writeFileSync(join(folder, name), file);
    writeFileSync(join(folder, "SHA256SUMS"), `${listed ?? sha256(file)}  ${name}\n`);
    return sha256(file);
  };
  const load = () => importResults(folder, installation());
  const board = async () => {
    const view = changeView(readBoardView({}), { division: "closed", rows: "all" });
    const { pinned, rows, resolution } = (await boardPage(benchmark.slug, view, { take: 100 }, installation().db))!;
    return { entries: [...pinned, ...rows].sort((a, b) => b.accuracy.mean - a.accuracy.mean), resolution };
  };
  const stored = () => installation().db.benchmark.findFirstOrThrow({ where: { slug: benchmark.slug } });

  it.each([
    ["another checksum", () => put(results(3), "0".repeat(64)), /^expected SHA-256 0{64}, found/],
    [
      "another version of the benchmark",
      () => put(results(3, { benchmark: { slug: benchmark.slug, version: 2 } })),
      /^expected results of digits-mlp, version 1, found digits-mlp, version 2/,
    ],
    [
      "another recipe",
      () => put(results(3, { recipe: { ...benchmark.recipe, epochs: 11 } })),
      /^expected the recipe of digits-mlp, version 1/,
    ],
    [
      "another scorer",
      () => put(results(3, { software: { dmbench: "0.1.0", scorer: "2", backend: "wasm" } })),
      new RegExp(`^expected scores by version ${scorerVersion} of the scorer, found version 2`),
    ],
  ])("refuses a file with %s by name, and leaves the board as it is", async (_, make, reason) => {
    make();
    expect(await load()).toEqual([{ file: `results/${name}`, reason: expect.stringMatching(reason) }]);
    expect(await stored()).toMatchObject({ rankedOn: "held_out", resultsHash: null });
    expect((await board()).entries).toEqual([]);
  });

  it("fills a board that has no runs of its own, with ranks, and offers none of the runs for scoring", async () => {
    const hash = put(results(firstRuns));
    expect(await load()).toEqual([]);
    expect(await stored()).toMatchObject({ rankedOn: "results_only", resultsHash: hash });
    const { entries, resolution } = await board();
    expect(entries).toHaveLength(8);
    expect(entries[0]).toMatchObject({ n: firstRuns, band: { first: 1 } });
    expect(resolution).toMatchObject({ runs: firstRuns, methods: 8 });
    expect(resolution!.toldApart).toBeGreaterThan(0);
    expect(await listTrajectories({}, installation().db)).toEqual([]);
    expect(await trajectoriesBehind(installation().db)).toEqual([]);
  });

  it("imports a file once, goes on where an interrupted import stopped, and adds what a later file has more", async () => {
    const { db } = installation();
    const logged = () => db.logEntry.count({ where: { action: "results.published" } });
    const before = await logged();
    await load();
    expect(await logged()).toBe(before);
    const { id: benchmarkId } = await stored();
    await db.benchmark.update({ where: { id: benchmarkId }, data: { resultsHash: null } }); // as before its last step
    await load();
    expect((await board()).entries[0]).toMatchObject({ n: firstRuns });
    put(results(firstRuns + 2));
    expect(await Promise.all([load(), load()])).toEqual([[], []]); // two instances at once
    expect(await logged()).toBe(before + 2);
    expect((await board()).entries.map(({ n }) => n)).toEqual(Array(8).fill(firstRuns + 2));
    expect(await db.trajectory.count({ where: { benchmarkId } })).toBe(2 * (firstRuns + 2));
  });

  it("gives way to held-out runs once there are enough for ranks, and not before", async () => {
    const { db } = installation();
    const { id: benchmarkId } = await stored();
    const [policy] = await db.policy.findMany({ where: { builtIn: 0 }, take: 1 });
    const model = await db.score.findFirstOrThrow({ where: { policyId: policy!.id } });
    for (let number = 1; number <= firstRuns; number++) {
      expect(await stored()).toMatchObject({ rankedOn: "results_only" });
      for (const variant of referenceVariants) {
        const { id } = await db.trajectory.create({
          data: {
            benchmarkId,
            variant,
            number,
            seed: 100_000 + number,
            visibility: "held_out",
            artifactKey: `held-out/${variant}-${number}`,
            artifactHash: sha256(`${variant} ${number}`),
            artifactBytes: 1,
            datasetVersion: "1",
            datasetHash: "0",
            software: {},
          },
        });
        const { id: _, createdAt: __, ...score } = model;
        await db.score.create({
          data: { ...score, trajectoryId: id, accuracy: 0.5 } as Parameters<typeof db.score.create>[0]["data"],
        });
      }
      await giveWay(db, benchmarkId);
    }
    expect(await stored()).toMatchObject({ rankedOn: "held_out" });
    const { entries } = await board();
    expect(entries).toHaveLength(2); // the one policy that was scored on them, in both variants
    expect(entries[0]!.accuracy.mean).toBe(0.5);
    put(results(firstRuns + 3));
    expect(await load()).toEqual([]);
    expect(await stored()).toMatchObject({ rankedOn: "held_out" });
    expect((await board()).entries).toHaveLength(2);
  });
});
