/** `dmbench submit`: publishes a run or a network of one's own, or submits a policy. */
import type { Command } from "commander";
import type { SubmitPolicyOptions } from "../submit";
import type { Terminal } from "../terminal";

export function submitCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command("submit")
    .description("Publish a run or a network of your own, or submit a policy, in your name.")
    .addHelpText(
      "after",
      `
Needs \`dmbench login\` first, or DMBENCH_TOKEN. Sent twice, each is stored once.

Examples:
  npm run -s dmbench -- train --benchmark digits-mlp --seed 7 --out runs/7
  npm run -s dmbench -- submit run runs/7
  npm run -s dmbench -- submit external my-network
  npm run -s dmbench -- submit policy "min(0.99, 1 - 1/step)" --name "Capped average"`,
    );

  command
    .command("run")
    .description("Publish what `dmbench train --out` wrote.")
    .argument("<folder>", "with record.json and predictions.safetensors")
    .option("--site <address>", "the site (default: that of the login)")
    .action(async (folder: string, { site }: { site?: string }) =>
      (await import("../submit")).submitRun(folder, site, terminal),
    );

  command
    .command("external")
    .description("Publish a network that you trained with your own code, which the site doesn't repeat.")
    .argument("<folder>", "with external.json, and predictions.safetensors where the data set is registered")
    .option("--site <address>", "the site (default: that of the login)")
    .addHelpText("after", "\nThe folder is what `Table.save` of /python/dmbn.py writes: see /docs/python.")
    .action(async (folder: string, { site }: { site?: string }) =>
      (await import("../submit")).submitExternal(folder, site, terminal),
    );

  command
    .command("policy")
    .description("Submit a policy; the site scores it on its reference runs.")
    .argument("<policy>", "a document in a JSON file, or an expression of β")
    .requiredOption("--name <name>", "what it is to be called")
    .option("--description <text>", "in a sentence or two")
    .option("--fork-of <slug>", "the policy that it began as")
    .option("--benchmarks <names>", "to score on, with commas (default: all)")
    .option("--site <address>", "the site (default: that of the login)")
    .action(async (policy: string, options: SubmitPolicyOptions) =>
      (await import("../submit")).submitPolicy(policy, options, terminal),
    );
}
