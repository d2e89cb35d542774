/** `dmbench score`: scores a policy on recorded runs, with the same figures as the site. */
import type { Command } from "commander";
import { threadsOption } from "../options";
import type { ScoreOptions } from "../score";
import type { Terminal } from "../terminal";

/** Recorded runs that come with this project. */
const shipped = "public/trajectories/digits-mlp-v1";

export function scoreCommand(program: Command, terminal: Terminal): void {
  program
    .command("score")
    .description("Score a policy on recorded runs, exactly as if it had been kept in training.")
    .requiredOption("--policy <policy>", "a document in a file (*.json), a published name, or an expression of β")
    .requiredOption("--trajectory <file...>", "recorded runs, from `dmbench trajectory` or the site")
    .addOption(threadsOption())
    .option("--json", "print the figures as JSON")
    .addHelpText(
      "after",
      `
Examples:
  npm run -s dmbench -- score --policy dmbn --trajectory ${shipped}/*.safetensors
  npm run -s dmbench -- score --policy "min(0.99, 1 - 1/step)" --trajectory ${shipped}/bn-0.safetensors --json`,
    )
    .action(async (options: ScoreOptions) => (await import("../score")).score(options, terminal));
}
