/** `dmbench study`: every policy in every regime over several seeds; resumable. */

import { resolve } from "node:path";
import type { Command } from "commander";
import { Option } from "commander";
import { z } from "zod";
import { datasets } from "@/lib/datasets";
import type { Variant } from "@/lib/records";
import { modelNames, variantNames } from "@/lib/records";
import type { BackendWish } from "../backend-names";
import type { Regime } from "../cells/plan";
import { commandOf } from "../command-line";
import { dataFolder } from "../data-folders";
import { UsageError } from "../exit";
import { backendOption, cellJobsOption, choice, choices, number, threadsOption } from "../options";
import type { SuiteName } from "../study/suites";
import { suiteNames, suites } from "../study/suites";
import type { Terminal } from "../terminal";

interface StudyOptions {
  suite: SuiteName;
  datasets?: string[];
  models?: string[];
  variants?: Variant[];
  seeds?: number;
  firstSeed: number;
  backend: BackendWish;
  jobs: number;
  threads?: number | undefined;
  summarize?: boolean;
  out?: string;
}

export function studyCommand(program: Command, terminal: Terminal, argv: readonly string[]): void {
  program
    .command("study")
    .description(
      "Run the dissertation's comparison: the static sweep, DMBN and its variants, recalibration, " +
        "in every regime of a suite.",
    )
    .addOption(choice("--suite <name>", `one of ${suiteNames.join(", ")}`, "suite", suiteNames).default("smoke"))
    .addOption(
      choices(
        "--datasets <list>",
        "only these data sets of the suite",
        "data set",
        datasets.map(({ slug }) => slug),
      ),
    )
    .addOption(choices("--models <list>", "only these networks of the suite", "model", modelNames))
    .addOption(
      choices(
        "--variants <list>",
        "which norms the networks train with (default: the suite's)",
        "variant",
        variantNames,
      ),
    )
    .addOption(number("--seeds <n>", "how many seeds (default: the suite's)", z.int().min(1).max(1000)))
    .addOption(
      number(
        "--first-seed <n>",
        "the first of them",
        z
          .int()
          .min(0)
          .max(2 ** 31),
      ).default(0),
    )
    .addOption(backendOption())
    .addOption(cellJobsOption())
    .addOption(threadsOption())
    .option("--summarize", "run nothing: write the files of the cells that are finished")
    .addOption(new Option("--out <dir>", "where the study is kept (default: .data/study/SUITE)"))
    .addHelpText(
      "after",
      `
Suites:
${suiteNames.map((name) => `  ${name.padEnd(7)} ${suites[name].summary}`).join("\n")}

Every finished cell is kept: after Ctrl-C the same command goes on where it stopped.
Written at the end: study.json, study.csv, study.md and plots/*.svg.

Examples:
  npm run -s dmbench -- study
  npm run -s dmbench -- study --suite laptop --out results/laptop
  npm run -s dmbench -- study --suite laptop --datasets fashion-mnist --models mlp-deep --seeds 10`,
    )
    .action(async (options: StudyOptions) => {
      const {
        suite,
        variants = suites[suite].variants ?? ["bn", "bn-bfn"],
        seeds,
        firstSeed,
        backend,
        jobs,
        threads,
        summarize = false,
        out = dataFolder("study", suite),
      } = options;
      const regimes = regimesOf(suite, options);
      const { runStudy } = await import("../study/run-study");
      await runStudy(
        {
          suite,
          command: commandOf(argv),
          regimes,
          variants: [...new Set(variants)],
          seedsOf: (regime) => ({ first: firstSeed, count: seeds ?? regime.seeds ?? suites[suite].seeds }),
          backend,
          jobs,
          threads,
          summarize,
          out: resolve(out),
        },
        terminal,
      );
    });
}

function regimesOf(suite: SuiteName, { datasets, models }: Pick<StudyOptions, "datasets" | "models">): Regime[] {
  const { regimes } = suites[suite];
  const wanted = regimes.filter(
    ({ recipe }) => (datasets?.includes(recipe.dataset) ?? true) && (models?.includes(recipe.model) ?? true),
  );
  if (wanted.length > 0) return wanted;
  const has = [...new Set(regimes.map(({ recipe }) => `${recipe.dataset} × ${recipe.model}`))].join(", ");
  throw new UsageError(`suite ${suite} has nothing of the data sets and models asked for. It has: ${has}.`);
}
