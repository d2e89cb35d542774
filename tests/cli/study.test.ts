import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { studyCsv, studyMarkdown } from "@/lib/cli/study/report";
import { suites } from "@/lib/cli/study/suites";
import { summarizeStudy } from "@/lib/cli/study/summary";
import { staticReadings, varianceEstimators } from "@/lib/leaderboard";
import { studySchema } from "@/lib/records";
import { readCells } from "../support/study-cells";
import { dmbench, scratch } from "./command";

const argv = (out: string) => ["study", "--suite", "smoke", "--backend", "wasm", "--jobs", "1", "--out", out];

it("preserves finished cells on Ctrl-C, resumes without repeating them, and writes the study", async () => {
  const folder = scratch();
  const times = async () =>
    new Map(
      await Promise.all(
        (await readdir(join(folder, "cells"))).map(
          async (name) => [name, (await stat(join(folder, "cells", name))).mtimeMs] as const,
        ),
      ),
    );

  const interrupted = await dmbench(argv(folder), { interruptAt: /seed 0 {2}dmbn/ });
  expect(interrupted.code).toBe(130);
  expect(interrupted.err).toMatch(/[123] of 4 cells are kept .*; the same command goes on from there/);
  const finishedCells = await times();
  expect([...finishedCells.keys()]).toContain("digits-mlp.bn.0.json.gz");
  expect(finishedCells.size).toBeLessThan(4);
  expect(await readdir(folder)).toEqual(["cells"]);

  const finished = await dmbench(argv(folder));
  expect(finished.code).toBe(0);
  expect(finished.out).toContain(`4 cells: ${finishedCells.size} done before, ${4 - finishedCells.size} to run`);
  expect(finished.out.match(/^digits-mlp /gm)).toHaveLength(4 - finishedCells.size);
  const now = await times();
  expect(now.size).toBe(4);
  for (const [name, time] of finishedCells) expect(now.get(name)).toBe(time);

  const study = studySchema.parse(JSON.parse(await readFile(join(folder, "study.json"), "utf8")));
  expect(study.command).toBe("npm run -s dmbench -- study --suite smoke --backend wasm --jobs 1");
  const cells = await readCells(folder);
  expect(study).toMatchObject({ planned: 4, finished: 4, recipes: [{ regime: "digits-mlp" }] });
  expect(cells.map(({ manifest }) => [manifest.variant, manifest.seed])).toEqual([
    ["bn", 0],
    ["bn-bfn", 0],
    ["bn", 1],
    ["bn-bfn", 1],
  ]);
  expect(study.summary).toEqual(summarizeStudy(cells));
  for (const { manifest, scores, bestStatic } of cells) {
    expect(manifest.dataset.slug).toBe("digits");
    expect(scores.find(({ policy }) => policy.slug === "pytorch-default")!.accuracy).toBeGreaterThan(0.9);
    for (const { variance, policy } of bestStatic)
      expect(staticReadings(variance).map(({ slug }) => slug)).toContain(policy);
    expect(bestStatic.map(({ variance }) => variance)).toEqual(varianceEstimators);
  }
  expect(gunzipSync(await readFile(join(folder, "study.csv.gz"))).toString()).toBe(studyCsv(cells));
  expect(await readFile(join(folder, "study.md"), "utf8")).toBe(studyMarkdown(study));
  const plots = await readdir(join(folder, "plots"));
  expect(plots.sort()).toEqual(
    ["bn", "bn-bfn"]
      .flatMap((variant) => ["accuracy", "momentum", "shift"].map((plot) => `digits-mlp.${variant}.${plot}.svg`))
      .sort(),
  );
  for (const plot of plots)
    expect(await readFile(join(folder, "plots", plot), "utf8")).not.toMatch(/NaN|undefined|Infinity/);

  // Runs a damaged cell, and one of other settings, again, but no others.
  await writeFile(join(folder, "cells", "digits-mlp.bn.1.json.gz"), "{");
  const mended = await dmbench(argv(folder));
  expect(mended.out).toContain("4 cells: 3 done before, 1 to run");
  expect((await readCells(folder)).map(({ scores }) => scores)).toEqual(cells.map(({ scores }) => scores));
}, 300_000);

it("has suites whose regimes have unique names and score the compared policies", () => {
  for (const [name, suite] of Object.entries(suites)) {
    const compared = name === "protocols" ? ["dmbn"] : ["dmbn", "precise-bn", "static-0.99"];
    const names = suite.regimes.map(({ slug }) => slug);
    expect(new Set(names).size).toBe(names.length);
    for (const { policies } of suite.regimes) {
      const slugs = policies.map(({ slug }) => slug);
      expect(new Set(slugs).size).toBe(slugs.length);
      expect(slugs).toEqual(expect.arrayContaining([...compared, "pytorch-default"]));
    }
  }
});

it("has the dissertation's data sets and networks, in all three kinds of norms", () => {
  const { regimes, variants } = suites.dissertation;
  expect(variants).toEqual(["bn", "bn-bfn", "bfn"]);
  for (const dataset of ["mnist", "fashion-mnist", "cifar-10", "cifar-100"])
    for (const model of ["mlp", "cnn", "resnet-50"])
      expect(regimes.filter(({ recipe }) => recipe.dataset === dataset && recipe.model === model)).toHaveLength(1);
});
