/** `dmbench contribute`: trains what a board needs next, run after run, and publishes each. */
import type { Command } from "commander";
import { Option } from "commander";
import { z } from "zod";
import { benchmarks, referenceVariants } from "@/lib/leaderboard";
import { variantNames } from "@/lib/records";
import type { ContributeOptions } from "../contribute";
import { backendOption, choice, choices, number, threadsOption } from "../options";
import type { Terminal } from "../terminal";

export function contributeCommand(program: Command, terminal: Terminal): void {
  program
    .command("contribute")
    .description("Train what a board needs next, run after run, and publish each in your name.")
    .addOption(
      choice(
        "--benchmark <slug>",
        "the board",
        "benchmark",
        benchmarks.map(({ slug }) => slug),
      ).makeOptionMandatory(),
    )
    .addOption(number("--runs <n>", "how many seeds", z.int().min(1).max(1000)).default(1))
    .addOption(
      choices("--variants <list>", "each seed in these, with commas between", "variant", variantNames).default(
        referenceVariants,
        referenceVariants.join(","),
      ),
    )
    .addOption(new Option("--policies <list>", "published names with commas between, or all").default("all"))
    .addOption(backendOption())
    .addOption(threadsOption())
    .option("--site <address>", "the site (default: that of the login)")
    .addHelpText(
      "after",
      `
Needs \`dmbench login\` first, or DMBENCH_TOKEN. The board gives each seed, so that nobody picks a lucky one.
A run that is finished and can't be sent is kept: after Ctrl-C, or offline, the same command goes on from there.

Examples:
  npm run -s dmbench -- contribute --benchmark digits-mlp --runs 10
  npm run -s dmbench -- contribute --benchmark cifar-10-resnet-50-full --backend webgpu`,
    )
    .action(async ({ benchmark, ...options }: Omit<ContributeOptions, "benchmark"> & { benchmark: string }) =>
      (await import("../contribute")).contribute(
        { ...options, benchmark: benchmarks.find(({ slug }) => slug === benchmark)! },
        terminal,
      ),
    );
}
