/** The worker process of `dmbench results`: computes the runs of one seed and writes their results to a file. */
import type { Dataset } from "@/lib/datasets";
import { benchmarks } from "@/lib/leaderboard";
import { encodeResults } from "@/lib/records";
import { startNodeBackend } from "@/lib/runtime/node";
import { openDataset } from "../data-folders";
import { yieldToEventLoop } from "../event-loop";
import { writeWhole } from "../output";
import { quietTerminal, serveJobs } from "../worker-process";
import { runResults } from "./run";

export interface Job {
  /** The benchmark's slug. */
  benchmark: string;
  seed: number;
  /** The file to write. */
  file: string;
}

let dataset: Dataset | undefined;

/** Yields the fraction done, returns the seconds that it took. */
serveJobs<Job, number, number>(async function* ({ benchmark: slug, seed, file }) {
  const benchmark = benchmarks.find((known) => known.slug === slug)!;
  if (dataset?.info.slug !== benchmark.recipe.dataset)
    dataset = await openDataset(benchmark.recipe.dataset, quietTerminal);
  const { name } = await startNodeBackend("wasm", { threads: 1 });
  const start = performance.now();
  const results = yield* yieldToEventLoop(runResults(benchmark, seed, dataset, name));
  await writeWhole(file, encodeResults(results));
  return (performance.now() - start) / 1000;
});
