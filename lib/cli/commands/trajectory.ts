/** `dmbench trajectory`: records reference runs of a benchmark. */

import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { benchmarks } from "@/lib/leaderboard";
import type { Variant } from "@/lib/records";
import { parseDecimal, seedSchema, variantNames } from "@/lib/records";
import { dataFolder } from "../data-folders";
import { UsageError } from "../exit";
import { readList } from "../list";
import { choice, choices, number, threadsOption } from "../options";
import type { Terminal } from "../terminal";

interface Options {
  benchmark?: string;
  seeds?: number[];
  heldOut?: number;
  variants: Variant[];
  threads?: number | undefined;
  out?: string;
}

const PUBLIC_SEEDS = [0, 1, 2, 3, 4];

export function trajectoryCommand(program: Command, terminal: Terminal): void {
  program
    .command("trajectory")
    .description("Record reference runs of a benchmark: any policy can be scored on them later, exactly.")
    .addOption(
      choice(
        "--benchmark <slug>",
        "whose recipe to train",
        "benchmark",
        benchmarks.map(({ slug }) => slug),
      ).makeOptionMandatory(),
    )
    .addOption(
      new Option("--seeds <list>", "seeds of public runs, such as 0..4 or 0,2 (default: 0..4)")
        .argParser(seedList)
        .conflicts("heldOut"),
    )
    .addOption(
      number(
        "--held-out <n>",
        "instead: n runs of seeds drawn at random, which are shown nowhere",
        z.int().min(1).max(100),
      ),
    )
    .addOption(
      choices("--variants <list>", "which norms the networks train with", "variant", variantNames).default(
        ["bn", "bn-bfn"],
        "bn,bn-bfn",
      ),
    )
    .addOption(threadsOption())
    .option(
      "--out <dir>",
      "folder of all benchmarks' trajectories (default: .data/trajectories, where the site looks for them)",
    )
    .addHelpText(
      "after",
      `
Each run is one file, BENCHMARK-vVERSION/VARIANT-SEED.safetensors, beside SHA256SUMS. Whole files stay:
after Ctrl-C the same command goes on where it stopped. A site on the same data folder takes the files
in within a minute, running or not; held-out ones are announced by a commitment and shown to nobody.

Examples:
  npm run -s dmbench -- trajectory --benchmark fashion-mnist-mlp
  npm run -s dmbench -- trajectory --benchmark fashion-mnist-mlp --held-out 20`,
    )
    .action(
      async ({
        benchmark: slug,
        seeds = PUBLIC_SEEDS,
        heldOut,
        variants,
        threads,
        out = dataFolder("trajectories"),
      }: Options) => {
        const benchmark = benchmarks.find((known) => known.slug === slug);
        if (!benchmark) throw new UsageError("--benchmark names none.");
        const { recordTrajectories } = await import("../trajectories");
        await recordTrajectories(
          {
            benchmark,
            seeds: heldOut === undefined ? seeds : { heldOut },
            variants: [...new Set(variants)],
            out,
            threads,
          },
          terminal,
        );
      },
    );
}

/** `0..4` or `0,2,7`. */
function seedList(text: string): number[] {
  const range = /^(\d+)\.\.(\d+)$/.exec(text.trim());
  const [from, to] = range ? [Number(range[1]), Number(range[2])] : [0, -1];
  if (range && (to < from || to - from >= 1000))
    throw new InvalidArgumentError(`expected at most 1000 seeds, the first one first, found ${text}.`);
  const seeds = range
    ? Array.from({ length: to - from + 1 }, (_, index) => from + index)
    : readList(text).map((part) => parseDecimal(part) ?? NaN);
  const wrong = seeds.find((seed) => !seedSchema.safeParse(seed).success);
  if (wrong !== undefined)
    throw new InvalidArgumentError(
      `expected whole numbers from 0 to ${Number.MAX_SAFE_INTEGER} such as 0..4 or 0,2, found ${text}.`,
    );
  return [...new Set(seeds)];
}
