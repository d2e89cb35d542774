import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { studyCsv, studyMarkdown } from "@/lib/cli/study/report";
import { suites } from "@/lib/cli/study/suites";
import { summarizeStudy } from "@/lib/cli/study/summary";
import { builtInPolicies, staticSweep } from "@/lib/dmbn/policy";
import { studySchema } from "@/lib/records";
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
  expect([...finishedCells.keys()]).toContain("digits-mlp.bn.0.json");
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
  expect(study.cells.map(({ manifest }) => [manifest.variant, manifest.seed])).toEqual([
    ["bn", 0],
    ["bn", 1],
    ["bn-bfn", 0],
    ["bn-bfn", 1],
  ]);
  expect(study.summary).toEqual(summarizeStudy(study.cells, staticSweep));
  for (const { manifest, scores, bestStatic } of study.cells) {
    expect(manifest.dataset.slug).toBe("digits");
    expect(scores.find(({ policy }) => policy.slug === "pytorch-default")!.accuracy).toBeGreaterThan(0.9);
    expect(staticSweep).toContain(bestStatic.policy);
  }
  expect(await readFile(join(folder, "study.csv"), "utf8")).toBe(studyCsv(study));
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
  await writeFile(join(folder, "cells", "digits-mlp.bn.1.json"), "{");
  const mended = await dmbench(argv(folder));
  expect(mended.out).toContain("4 cells: 3 done before, 1 to run");
  expect(
    studySchema.parse(JSON.parse(await readFile(join(folder, "study.json"), "utf8"))).cells.map(({ scores }) => scores),
  ).toEqual(study.cells.map(({ scores }) => scores));
}, 300_000);

it("has suites whose regimes have unique names and score the compared policies", () => {
  const [regime] = suites.smoke.regimes;
  const rule = (slug: string) => builtInPolicies.find((policy) => policy.slug === slug)!;
  expect(regime!.policies.map((slug) => rule(slug).slug)).toEqual([...regime!.policies]);
  for (const suite of Object.values(suites)) {
    const slugs = suite.regimes.map(({ slug }) => slug);
    expect(new Set(slugs).size).toBe(slugs.length);
    for (const { policies } of suite.regimes)
      for (const needed of ["dmbn", "precise-bn", "pytorch-default", "keras-default"])
        expect(policies).toContain(needed);
  }
});
