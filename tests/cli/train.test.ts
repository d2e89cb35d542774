import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { memory } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { recipeFor } from "@/lib/cli/recipes";
import { builtInPolicies } from "@/lib/dmbn/policy";
import { runRecordSchema } from "@/lib/records";
import { decodeSafetensors } from "@/lib/records/safetensors";
import { examplesOf, planRun, recordOf, scorePolicies, TrainingRun } from "@/lib/training";
import { digits } from "../support/digits";
import { findPython } from "../support/python";
import { dmbench, dmbenchProcess, scratch, startProcess } from "./command";

const REPRODUCE = "public/python/reproduce.py";
const python = findPython("numpy");

const policies = ["pytorch-default", "dmbn", "precise-bn"];
const argv = [
  "train",
  "--backend",
  "wasm",
  "--variant",
  "bn-bfn",
  "--width",
  "0.5",
  "--max-steps",
  "40",
  "--seed",
  "3",
  "--policies",
  policies.join(","),
];

it(
  "prints a record with exactly the library's numbers, and writes files that it can read" +
    (python
      ? ", and Python with numpy, which reproduces its scores"
      : " (Python with numpy isn't here: its part is skipped)"),
  async () => {
    const folder = scratch();
    const { code, out, err } = await dmbench([...argv, "--json", "--out", folder]);
    expect({ code, err: err.match(/wrote/g)?.length }).toEqual({ code: 0, err: 4 });
    const record = runRecordSchema.parse(JSON.parse(out));
    expect(JSON.parse(await readFile(join(folder, "record.json"), "utf8"))).toEqual(record);

    const dataset = await digits();
    const plan = planRun({
      recipe: recipeFor(undefined, { width: 0.5, maxSteps: 40 }),
      variant: "bn-bfn",
      seed: 3,
      dataset,
    });
    const run = new TrainingRun(plan);
    const losses: number[] = [];
    for await (const report of run.steps()) losses.push(...report.losses);
    const chosen = policies.map((slug) => builtInPolicies.find((policy) => policy.slug === slug)!);
    const scored = await scorePolicies(
      run.network,
      run.source,
      chosen.map(({ document }) => document),
      examplesOf(plan),
    );
    const { backend, software } = record.manifest;
    const expected = recordOf({
      run,
      benchmark: null,
      policies: chosen,
      scored,
      losses,
      observations: [],
      backend,
      platform: software.platform,
      timings: record.timings,
    });
    expect(record.scores).toEqual(expected.record.scores);
    expect(record.curves.loss).toEqual(expected.record.curves.loss);
    expect(record.manifest).toEqual(expected.record.manifest);

    const open = async (name: string) => decodeSafetensors(await readFile(join(folder, `${name}.safetensors`)));
    expect(Object.fromEntries((await open("weights")).tensors.map(({ name, values }) => [name, values]))).toEqual(
      await run.network.weights(),
    );
    expect(Object.fromEntries((await open("predictions")).tensors.map(({ name, values }) => [name, values]))).toEqual(
      expected.predictions,
    );
    const trace = await open("trace");
    expect(trace.tensors.map(({ name, shape }) => [name, shape])).toEqual(
      run.trace!.layers.flatMap(({ name, channels }) => [
        [`${name}.mean`, [40, channels]],
        [`${name}.variance`, [40, channels]],
      ]),
    );
    expect(trace.metadata).toMatchObject({
      datasetHash: dataset.hash,
      seed: "3",
      variant: "bn-bfn",
      layers: '["norm1","norm3"]',
      counts: "[32,32]",
    });
    expect(JSON.parse(trace.metadata.recipe!)).toEqual(plan.recipe);

    run.dispose();

    // The same files, opened in Python.
    if (!python) return;
    for (const policy of ["pytorch-default", "dmbn"]) {
      const { stdout, stderr, status } = spawnSync(python, [REPRODUCE, folder, policy], { encoding: "utf8" });
      expect({ stdout, stderr, status }).toMatchObject({
        stdout: expect.stringMatching(/accuracy (\d\.\d{4}), in the record \1; 0 predictions differ/),
        status: 0,
      });
    }
    expect(spawnSync(python, [REPRODUCE, folder, "precise-bn"], { encoding: "utf8" })).toMatchObject({
      stderr: expect.stringContaining("kind recalibrate measures anew"),
      status: 2,
    });
    const changed = { ...record, scores: record.scores.map((score) => ({ ...score, accuracy: 0.5 })) };
    await writeFile(join(folder, "record.json"), JSON.stringify(changed));
    expect(spawnSync(python, [REPRODUCE, folder]).status).toBe(1);
  },
);

it("exits with 130 on Ctrl-C", async () => {
  const { code, out } = await dmbenchProcess(["train", "--backend", "wasm", "--epochs", "1000", "--policies", "dmbn"], {
    interruptAt: /steps on wasm/,
  });
  expect([code, out]).toEqual([130, ""]);
});

it("exits with 0 when the reader of its output closes the pipe", async () => {
  const child = startProcess(["--help"]);
  child.stdout.destroy();
  expect(await new Promise((resolve) => child.on("exit", resolve))).toBe(0);
});

it("exits with 1, the reason and no leaked tensor if data or backend is missing, or training diverges", async () => {
  const tensors = () => memory().numTensors;
  const before = tensors();
  const missing = await dmbench(["datasets", "verify", "cifar-10"], { env: { DMBENCH_DATA_DIR: scratch() } });
  expect(missing.code).toBe(1);
  expect(missing.err).toMatch(/CIFAR-10 is not on this machine[\s\S]*DMBENCH_DATASETS_DIR/);
  const noGpu = await dmbench(["train", "--backend", "webgpu"], { env: { VK_ICD_FILENAMES: "/nonexistent" } });
  expect([noGpu.code, noGpu.out]).toEqual([1, ""]);
  expect(noGpu.err).toMatch(/^error: you chose webgpu, but it could not be used: /m);
  const diverged = await dmbench([
    "train",
    "--backend",
    "wasm",
    "--model",
    "mlp-deep",
    "--learning-rate",
    "10",
    "--sgd-momentum",
    "0.99",
    "--policies",
    "dmbn",
    "--epochs",
    "40",
  ]);
  expect(diverged.code).toBe(1);
  expect(diverged.err).toMatch(/^error: training diverged at step \d+ in .*Lower the learning rate/m);
  expect(tensors()).toBe(before);
});
