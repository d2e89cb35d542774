/** `dmbench results`: the results of a benchmark from public seeds, as they are published with the software. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { benchmarks } from "@/lib/leaderboard";
import { UsageError } from "../exit";
import { choice, number } from "../options";
import type { Terminal } from "../terminal";

interface Options {
  benchmark: string;
  runs?: number;
  verify: boolean;
  jobs: number;
  out: string;
}

export function resultsCommand(program: Command, terminal: Terminal): void {
  program
    .command("results")
    .description("Compute the results that are published for a benchmark, from public seeds, or verify them.")
    .addOption(
      choice(
        "--benchmark <slug>",
        "whose results",
        "benchmark",
        benchmarks.map(({ slug }) => slug),
      ).makeOptionMandatory(),
    )
    .addOption(
      number("--runs <n>", "seeds 0 … n − 1 (default: as many runs as its board ranks on)", z.int().min(1).max(1000)),
    )
    .option("--verify", "compute the file's first n runs (default: all) again and compare every figure", false)
    .addOption(
      number("--jobs <n>", "runs at once, a process each", z.int().min(1).max(256)).default(
        availableParallelism(),
        "one for each core",
      ),
    )
    .option("--out <dir>", "folder of all benchmarks' results", "public/results")
    .addHelpText(
      "after",
      `
Each run trains both variants and scores every built-in policy. All goes into one file, with the confusion
matrix, estimation shift and momenta per layer, and which test examples were answered right. A site loads the
files of public/results at its start and shows them until it has recorded held-out runs of its own.
Finished runs are kept: after Ctrl-C the same command goes on where it stopped.

Examples:
  npm run -s dmbench -- results --benchmark mnist-mlp --runs 20
  npm run -s dmbench -- results --benchmark mnist-mlp --verify --runs 1`,
    )
    .action(async ({ benchmark: slug, runs, verify, jobs, out }: Options) => {
      const benchmark = benchmarks.find((known) => known.slug === slug);
      if (!benchmark) throw new UsageError("--benchmark names none.");
      const task = { benchmark, out: resolve(out), jobs };
      if (verify) {
        const { verifyResults } = await import("../results/verify");
        await verifyResults({ ...task, runs: runs ?? null }, terminal);
      } else {
        const { recordResults } = await import("../results/record");
        await recordResults({ ...task, runs: runs ?? benchmark.heldOutRuns }, terminal);
      }
    });
}
