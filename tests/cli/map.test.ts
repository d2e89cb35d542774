import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { startBackendInNode } from "@/lib/cli/backend";
import { runMapCell } from "@/lib/cli/map/cell";
import { mapRegimes } from "@/lib/cli/map/design";
import { mapCsv } from "@/lib/cli/map/report";
import { summarizeMap } from "@/lib/cli/map/summary";
import { mapCellSchema, mapSchema } from "@/lib/records";
import { digits } from "../support/digits";
import { dmbench, scratch } from "./command";

const argv = (out: string) =>
  ["map", "--datasets", "digits", "--models", "mlp", "--batch-sizes", "4", "--seeds", "2"].concat([
    ...["--backend", "wasm", "--jobs", "1", "--threads", "1", "--out", out],
  ]);

it("keeps finished cells on Ctrl-C, resumes without repeating them, and writes the map", async () => {
  const folder = scratch();
  const file = (seed: number) => join(folder, "cells", `digits-mlp-b4.bn.${seed}.json.gz`);
  const interrupted = await dmbench(argv(folder), { interruptAt: /^digits-mlp-b4 {2}seed 0/m });
  expect(interrupted.code).toBe(130);
  expect(interrupted.err).toMatch(/1 of 2 cells are kept .*; the same command goes on from there/);
  expect(await readdir(folder)).toEqual(["cells"]);
  const before = (await stat(file(0))).mtimeMs;

  const started = await dmbench([...argv(folder), "--summarize"]);
  expect(started.code).toBe(0);
  const half = mapSchema.parse(JSON.parse(await readFile(join(folder, "map.json"), "utf8")));
  expect(half).toMatchObject({ planned: 2, finished: 1 });
  expect(half.places.map(({ seeds }) => seeds)).toEqual([1, 1, 1, 1, 1]);

  const finished = await dmbench(argv(folder));
  expect(finished.code).toBe(0);
  expect(finished.out).toContain("2 cells: 1 done before, 1 to run");
  expect((await stat(file(0))).mtimeMs).toBe(before);
  const map = mapSchema.parse(JSON.parse(await readFile(join(folder, "map.json"), "utf8")));
  expect(map).toMatchObject({
    command:
      "npm run -s dmbench -- map --datasets digits --models mlp --batch-sizes 4 --seeds 2 --backend wasm --jobs 1 --threads 1",
    planned: 2,
    finished: 2,
    batchSizes: [4],
    steps: [100, 300, 1000, 3000, 10_000],
  });
  const cells = await Promise.all(
    [0, 1].map(async (seed) => mapCellSchema.parse(JSON.parse(gunzipSync(await readFile(file(seed))).toString()))),
  );
  expect(map.places).toEqual(summarizeMap(cells));
  expect(await readFile(join(folder, "map.csv"), "utf8")).toBe(mapCsv(map));
  const accuracies = cells[0]!.scores.map((score) => score.accuracies["pytorch-default"]!);
  expect(accuracies.at(-1)).toBeGreaterThan(accuracies[0]!); // trained on
}, 300_000);

it("keeps a cell that diverges, with what was scored before", async () => {
  const backend = await startBackendInNode("wasm", { now: () => performance.now(), threads: 1 });
  const regime = mapRegimes.find(({ slug }) => slug === "digits-mlp-deep-b32")!;
  // Decay by ten times the weight at every step, so that each overshoots further until float32 overflows.
  const recipe = { ...regime.recipe, learningRate: 10, weightDecay: 1 };
  const settings = { variant: "bn", seed: 0, settingsHash: "0".repeat(64) } as const;
  const running = runMapCell(
    { ...settings, regime: { ...regime, recipe, scoredAt: [2, 100] } },
    await digits(),
    backend,
    () => performance.now(),
  );
  let step = await running.next();
  while (!step.done) step = await running.next();
  expect(step.value.scores.map(({ steps }) => steps)).toEqual([2]);
  expect(step.value.divergedAt!.step).toBeLessThan(100);
  expect(summarizeMap([step.value]).map(({ seeds, diverged }) => [seeds, diverged])).toEqual([
    [1, 0],
    [0, 1],
  ]);
});

it("refuses a part of the map that has nothing", async () => {
  const refused = await dmbench(["map", "--models", "mlp", "--batch-sizes", "1", "--out", scratch()]);
  expect(refused.code).toBe(2);
  expect(refused.err).toContain("Batch 1 is of the CNN alone");
});
