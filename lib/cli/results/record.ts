/**
 * Runs `dmbench results`: trains a benchmark's runs from public seeds, scores every built-in policy on each and writes
 * the results to one file. A finished run is kept, so that an interruption loses only what was in progress.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { gzipSync } from "node:zlib";
import { gunzip } from "@/lib/datasets/gzip";
import type { Benchmark } from "@/lib/leaderboard";
import type { Results } from "@/lib/records";
import { decodeResults, encodeResults, resultsFile } from "@/lib/records";
import { startNodeBackend } from "@/lib/runtime/node";
import { readChecksums, writeChecksums } from "../checksums";
import { dataFolder, megabytes, openDataset } from "../data-folders";
import { Failure } from "../exit";
import { prepareFolder, writeWhole } from "../output";
import { inProcesses } from "../processes";
import type { Terminal } from "../terminal";
import { duration } from "../terminal";
import { factsOf } from "./run";
import type { Job } from "./worker";

export interface ResultsTask {
  benchmark: Benchmark;
  /** Seeds 0 … runs − 1. */
  runs: number;
  /** Folder of all benchmarks' results. */
  out: string;
  /** Runs at once, a process each. */
  jobs: number;
}

/** Computes the runs that are missing and writes the file. */
export async function recordResults({ benchmark, runs, out, jobs }: ResultsTask, terminal: Terminal): Promise<void> {
  const seeds = Array.from({ length: runs }, (_, seed) => seed);
  const kept = dataFolder("results", `${benchmark.slug}-v${benchmark.version}`);
  await prepareFolder(out);
  const name = resultsFile(benchmark);
  const published = await readRuns(join(out, name));
  const computed = await computeRuns({ benchmark, seeds, kept, published, jobs }, terminal);
  const bytes = gzipSync(encodeResults(joinRuns(computed)), { level: 9 });
  const hash = createHash("sha256").update(bytes).digest("hex");
  const before = (await readChecksums(out)).get(name);
  await writeWhole(join(out, name), bytes);
  await writeChecksums(out, new Map([[name, hash]]));
  const same = before === undefined ? "" : before === hash ? ", as before" : ", another than before";
  terminal.out(`${hash}  ${join(out, name)}  ${runs} runs, ${megabytes(bytes.length)} MB${same}\n`);
}

interface Runs {
  benchmark: Benchmark;
  seeds: readonly number[];
  /** Folder of finished runs. */
  kept: string;
  /** What a file has already. */
  published: readonly Results[];
  jobs: number;
}

/** Results of one run for each seed: those that are there already, and the others computed now. */
export async function computeRuns(
  { benchmark, seeds, kept, published, jobs }: Runs,
  terminal: Terminal,
): Promise<Results[]> {
  await prepareFolder(kept);
  const dataset = await openDataset(benchmark.recipe.dataset, terminal);
  const { name: backend } = await startNodeBackend("wasm", { threads: 1 });
  const facts = factsOf(benchmark, dataset, backend);
  const fileOf = (seed: number) => join(kept, `${seed}.safetensors`);
  const found = new Map<number, Results>();
  const take = (runs: readonly Results[]) => {
    for (const run of runs) if (isDeepStrictEqual(factsIn(run), facts)) found.set(run.seeds[0]!, run);
  };
  take(published);
  for (const seed of seeds) take(await readRuns(fileOf(seed)));
  const missing = seeds.filter((seed) => !found.has(seed));
  if (missing.length < seeds.length)
    terminal.out(`${seeds.length - missing.length} of ${seeds.length} runs are there already.\n`);
  const failures: string[] = [];
  const under = new Map<number, number>();
  const from = terminal.now();
  await inProcesses<number, Job, number, number>(
    missing,
    {
      program: new URL("./worker.ts", import.meta.url),
      processes: jobs,
      jobOf: (seed) => ({ benchmark: benchmark.slug, seed, file: fileOf(seed) }),
      signal: terminal.signal,
    },
    {
      async done(seed, seconds) {
        under.set(seed, 1);
        take(await readRuns(fileOf(seed)));
        terminal.out(`${benchmark.slug}, seed ${seed}: ${seconds.toFixed(1)} s\n`);
      },
      failed(seed, message) {
        under.delete(seed);
        failures.push(`seed ${seed}: ${message}`);
        terminal.err(`failed: ${benchmark.slug}, seed ${seed}: ${message}\n`);
      },
      progress(seed, fraction) {
        under.set(seed, fraction);
        const done = [...under.values()].reduce((sum, one) => sum + one, 0);
        const left = ((terminal.now() - from) / 1000 / done) * (missing.length - done);
        terminal.progress(
          `${benchmark.slug}: ${Math.floor(done)} of ${missing.length} runs, about ${duration(left)} left`,
        );
      },
    },
  ).catch((error: unknown) => {
    if (terminal.signal.aborted)
      terminal.err(`${found.size} of ${seeds.length} runs are kept in ${kept}; the same command goes on from there.\n`);
    throw error;
  });
  if (failures.length > 0) throw new Failure(`${failures.length} of ${seeds.length} runs failed: ${failures[0]}.`);
  return seeds.map((seed) => {
    const results = found.get(seed);
    if (!results) throw new Failure(`${fileOf(seed)} isn't what was written there; the data set may have changed.`);
    return results;
  });
}

/** The runs in a file, one by one; none where there is no file, or it is damaged. */
async function readRuns(path: string): Promise<Results[]> {
  try {
    const whole = decodeResults(await gunzip(path, await readFile(path)));
    return whole.seeds.map((seed, run) => ({
      ...whole,
      seeds: [seed],
      results: whole.results.map((runs) => [runs[run]!]),
    }));
  } catch {
    return [];
  }
}

/** What runs of the same benchmark, software and data share. */
const factsIn = ({
  benchmark,
  recipe,
  dataset,
  software,
  policies,
  classes,
  examples,
}: Results): ReturnType<typeof factsOf> => ({ benchmark, recipe, dataset, software, policies, classes, examples });

/** One file's content from several of the same facts. */
const joinRuns = (runs: readonly Results[]): Results => {
  const [first] = runs;
  if (!first) throw new Failure("There are no runs.");
  return {
    ...first,
    seeds: runs.flatMap(({ seeds }) => seeds),
    results: first.variants.map((_, variant) => runs.flatMap(({ results }) => results[variant]!)),
  };
};
