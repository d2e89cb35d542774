/** `dmbench retire` and `snapshot`: how whoever runs a site keeps its board from being fitted to its held-out runs. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { fewestSeeds } from "@/lib/evaluation";
import { benchmarks } from "@/lib/leaderboard";
import { parseDecimal } from "@/lib/records";
import { UsageError } from "../exit";
import { readList } from "../list";
import { operate } from "../operation";
import { choice, number } from "../options";
import { prepareFile } from "../output";
import type { Terminal } from "../terminal";

const benchmarkOption = (description: string): Option =>
  choice(
    "--benchmark <slug>",
    description,
    "benchmark",
    benchmarks.map(({ slug }) => slug),
  ).makeOptionMandatory();

export function retireCommand(program: Command, terminal: Terminal): void {
  program
    .command("retire")
    .description("Retire held-out runs of this site: they rank nobody, and the log shows what they were.")
    .addOption(benchmarkOption("whose runs"))
    .addOption(new Option("--runs <numbers>", "their numbers, such as 3,5").argParser(runNumbers).conflicts("all"))
    .option("--all", "every run of the benchmark that is in use")
    .addHelpText(
      "after",
      `
Seed, file, SHA-256 and key of a retired run are public from then on, so anybody can check that it is the one
that was announced: /docs/method says how. The site records a run with a new number and a new seed in its
place. On PostgreSQL the site may go on running; with an embedded database stop it first.

Examples:
  npm run -s dmbench -- retire --benchmark digits-mlp --runs 3,5
  npm run -s dmbench -- retire --benchmark digits-mlp --all`,
    )
    .action(async ({ benchmark, runs, all }: { benchmark: string; runs?: number[]; all?: boolean }) => {
      if (!runs && !all) throw new UsageError("expected --runs with the numbers of runs, or --all.");
      terminal.out(`${await operate({ operation: "retire", benchmark, numbers: runs ?? null }, terminal)}\n`);
    });
}

function runNumbers(text: string): number[] {
  const numbers = readList(text).map((part) => parseDecimal(part) ?? NaN);
  if (numbers.length === 0 || !numbers.every((value) => Number.isInteger(value) && value > 0))
    throw new InvalidArgumentError(`Expected whole numbers from 1 such as 3 or 3,5, found ${text}.`);
  return [...new Set(numbers)];
}

export function snapshotCommand(program: Command, terminal: Terminal): void {
  program
    .command("snapshot")
    .description("Score the first methods of a board of this site on fresh runs, and show both ranks.")
    .addOption(benchmarkOption("whose board"))
    .addOption(number("--methods <n>", "how many methods, by rank", z.int().min(2).max(500)).default(20))
    .addOption(number("--runs <n>", "how many fresh runs", z.int().min(fewestSeeds).max(100)).default(fewestSeeds))
    .requiredOption("--out <file>", "the document, FILE.json; a table is written beside it as FILE.md")
    .addHelpText(
      "after",
      `
Whoever tries many policies on the same runs finds some that fit them by chance. The fresh runs are trained
from seeds that nobody was ever ranked on, and rank nobody later. The site is only read: on PostgreSQL it may go
on running; an embedded database must be free for the first seconds. After Ctrl-C the same command goes on
where it stopped.

Examples:
  npm run -s dmbench -- snapshot --benchmark digits-mlp --out snapshots/digits-mlp-$(date +%F).json`,
    )
    .action(async (options: { benchmark: string; methods: number; runs: number; out: string }) => {
      const { benchmark, methods, runs, out } = options;
      if (!out.endsWith(".json")) throw new UsageError(`--out: expected a name that ends in .json, found ${out}.`);
      const file = resolve(out);
      await prepareFile(file);
      terminal.out(`${await operate({ operation: "snapshot", benchmark, methods, runs, file }, terminal)}\n`);
    });
}
