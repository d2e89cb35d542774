/**
 * How much of a run rounding changes: predictions of every policy, and first losses, that differ between WASM and plain
 * JavaScript, which sums in another order. What audits allow rests on it. A separate program: `tsx tests/bench/rounding.ts BOARD … [--seeds
 * n]`, one line for each board and seed.
 */
import { parseArgs } from "node:util";
import { startBackendInNode } from "@/lib/cli/backend";
import { openDataset } from "@/lib/cli/data-folders";
import type { Dataset } from "@/lib/datasets";
import { builtInPolicies, isPeriodic } from "@/lib/dmbn/policy";
import { benchmarks } from "@/lib/leaderboard/benchmarks";
import { examplesOf, planRun, scorePolicies, TrainingRun } from "@/lib/training";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: "string", default: "2" } },
});
const policies = builtInPolicies.filter(({ document }) => !isPeriodic(document));
const now = () => performance.now();
const quiet = { out() {}, err() {}, progress() {}, now, signal: new AbortController().signal } as never;

async function train(board: string, seed: number, dataset: Dataset) {
  const { recipe } = benchmarks.find(({ slug }) => slug === board)!;
  const run = new TrainingRun(planRun({ recipe, variant: "bn", seed, dataset }));
  const losses: number[] = [];
  for await (const { losses: fresh } of run.steps()) losses.push(...fresh);
  const scored = await scorePolicies(
    run.network,
    run.source,
    policies.map(({ document }) => document),
    examplesOf(run.plan),
  );
  run.dispose();
  return { losses, predictions: scored.map(({ predictions }) => predictions) };
}

for (const board of positionals) {
  const dataset = await openDataset(benchmarks.find(({ slug }) => slug === board)!.recipe.dataset, quiet);
  for (let seed = 1; seed <= Number(values.seeds); seed += 1) {
    await startBackendInNode("wasm", { now, threads: 1 });
    const wasm = await train(board, seed, dataset);
    await startBackendInNode("cpu", { now });
    const cpu = await train(board, seed, dataset);
    const shares = wasm.predictions.map(
      (before, index) => before.filter((id, i) => id !== cpu.predictions[index]![i]).length / before.length,
    );
    const apart = wasm.losses.map((loss, step) => Math.abs(loss - cpu.losses[step]!) / Math.max(1e-3, Math.abs(loss)));
    const worst = shares.indexOf(Math.max(...shares));
    console.log(
      JSON.stringify({
        board,
        seed,
        mean: shares.reduce((sum, share) => sum + share, 0) / shares.length,
        worst: shares[worst],
        of: policies[worst]!.slug,
        firstLosses: apart.slice(0, 8).map((share) => Number(share.toExponential(0))),
      }),
    );
  }
}
process.exit(0);
