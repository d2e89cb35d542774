/**
 * The server's cost of scoring a policy: replaying a trace, and evaluating a policy on a recorded run; on the digits
 * and, if the data is available, at the size of Fashion-MNIST.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Dataset } from "@/lib/datasets";
import { loadDataset } from "@/lib/datasets";
import { fromTrace } from "@/lib/dmbn";
import { builtInPolicies, scheduleOn } from "@/lib/dmbn/policy";
import { benchmarks } from "@/lib/leaderboard/benchmarks";
import { decodeTrajectory, encodeTrajectory } from "@/lib/records";
import { examplesOf, planRun, scorePolicies, TrainingRun } from "@/lib/training";
import { loadTrajectory, recordTrajectory } from "@/lib/training/trajectory";
import type { Measurement } from "./measure";
import { fastest } from "./measure";

const RUNS = 10; // five held-out seeds in two variants
const policy = builtInPolicies.find(({ slug }) => slug === "pointnet")!.document;

/** Seconds for one policy on ten runs: already loaded, and read from files. */
async function scored(file: Uint8Array, dataset: Dataset): Promise<{ cold: number; warm: number; replay: number }> {
  const scorers = [];
  let from = performance.now();
  for (let run = 0; run < RUNS; run++) {
    const loaded = loadTrajectory(decodeTrajectory(file), dataset);
    const scorer = loaded.scorer();
    await scorer.score(policy);
    scorers.push({ loaded, scorer });
  }
  const cold = (performance.now() - from) / 1000;
  from = performance.now();
  for (const { scorer } of scorers) await scorer.score(policy);
  const warm = (performance.now() - from) / 1000;
  const { trajectory, plan } = scorers[0]!.loaded;
  const source = fromTrace(trajectory.trace, scheduleOn(plan.shape));
  from = performance.now();
  if (policy.kind === "schedule") source.statistics(policy);
  const replay = (performance.now() - from) / 1000;
  for (const { loaded, scorer } of scorers) {
    scorer.dispose();
    loaded.dispose();
  }
  return { cold, warm, replay };
}

export async function scoring(): Promise<Measurement[]> {
  const digits = await loadDataset("digits", (name) =>
    readFile(fileURLToPath(new URL(`../../public/datasets/digits/${name}`, import.meta.url))),
  );
  const onDigits = await scored(
    await readFile(fileURLToPath(new URL("../../public/trajectories/digits-mlp-v1/bn-0.safetensors", import.meta.url))),
    digits,
  );
  return [
    {
      name: "a policy on ten digits runs, from their files",
      value: onDigits.cold,
      unit: "s",
      goal: "",
      note: `${onDigits.warm.toFixed(2)} s once loaded; replay of a trace ${(1000 * onDigits.replay).toFixed(1)} ms`,
    },
    ...(await onFashion()),
  ];
}

async function onFashion(): Promise<Measurement[]> {
  const name = "a policy on ten Fashion-MNIST runs, from their files";
  const folder = process.env.DMBENCH_DATASETS_DIR;
  if (!folder || !existsSync(join(folder, "fashion-mnist")))
    return [{ name, value: null, unit: "s", goal: "≤ 5", note: "set DMBENCH_DATASETS_DIR" }];
  const dataset = await loadDataset("fashion-mnist", (file) => readFile(join(folder, "fashion-mnist", file)));
  // The short recipe of the same network: training longer would not change the cost of scoring.
  const { recipe } = benchmarks.find(({ slug }) => slug === "fashion-mnist-mlp-short")!;
  const run = recordTrajectory(planRun({ recipe, variant: "bn", seed: 0, dataset }), "wasm");
  for (let step = await run.next(); ; step = await run.next()) {
    if (!step.done) continue;
    const { cold, warm, replay } = await scored(encodeTrajectory(step.value), dataset);
    const { steps } = step.value.header;
    const note = `${warm.toFixed(2)} s once loaded; replay of ${steps} steps ${(1000 * replay).toFixed(1)} ms`;
    return [{ name, value: cold, unit: "s", goal: "≤ 5", note }, await shareOfEpoch(dataset)];
  }
}

/**
 * Cost of scoring relative to training: sixteen policies on 10,000 test images, after an epoch of the benchmark's MLP.
 */
async function shareOfEpoch(dataset: Dataset): Promise<Measurement> {
  const { recipe } = benchmarks.find(({ slug }) => slug === "fashion-mnist-mlp")!;
  const schedules = builtInPolicies.filter(({ document }) => document.kind === "schedule").slice(0, 14);
  const policies = [...schedules, ...builtInPolicies.filter(({ slug }) => ["dmbn", "precise-bn"].includes(slug))].map(
    ({ document }) => document,
  );
  const run = new TrainingRun(planRun({ recipe: { ...recipe, epochs: 1 }, variant: "bn", seed: 0, dataset }));
  const seconds = await fastest(1, async () => {
    for await (const _ of run.steps());
  });
  const scoring = await fastest(
    3,
    async () => void (await scorePolicies(run.network, run.source, policies, examplesOf(run.plan))),
  );
  run.dispose();
  return {
    name: "16 policies on 10,000 images, of an epoch of the MLP",
    value: (100 * scoring) / seconds,
    unit: "%",
    goal: "≤ 25",
    note: `${scoring.toFixed(2)} s of ${seconds.toFixed(1)} s`,
  };
}
