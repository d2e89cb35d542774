/**
 * The command line: its commands, their options and help. A command's heavy imports happen only when it runs, so that
 * help is fast.
 */
import { Command } from "commander";
import { DMBENCH_VERSION } from "@/lib/records";
import { boardCommand } from "./commands/board";
import { contributeCommand } from "./commands/contribute";
import { datasetsCommand } from "./commands/datasets";
import { exportCommand } from "./commands/export";
import { retireCommand, snapshotCommand } from "./commands/held-out";
import { loginCommand } from "./commands/login";
import { mapCommand } from "./commands/map";
import {
  backupCommand,
  dumpCommand,
  importCommand,
  moveCommand,
  resetPasswordCommand,
  restoreCommand,
} from "./commands/operate";
import { resultsCommand } from "./commands/results";
import { scoreCommand } from "./commands/score";
import { studyCommand } from "./commands/study";
import { submitCommand } from "./commands/submit";
import { trainCommand } from "./commands/train";
import { trajectoryCommand } from "./commands/trajectory";
import { workCommand } from "./commands/work";
import { exitCodeOf, exitCodes } from "./exit";
import type { Terminal } from "./terminal";

/**
 * Runs the command and returns its exit code. May be called several times in one process.
 * @param argv without program and script
 */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const program = new Command("dmbench")
    .description("Train once, score every batch-norm momentum policy on the same weights.")
    .version(DMBENCH_VERSION)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showHelpAfterError("(--help shows the options, with examples)")
    .addHelpText(
      "after",
      `\nExit codes: ${exitCodes.done} done, ${exitCodes.failed} failed, ${exitCodes.usage} not a valid request, ` +
        `${exitCodes.interrupted} interrupted.`,
    );
  for (const add of [
    trainCommand,
    studyCommand,
    mapCommand,
    trajectoryCommand,
    resultsCommand,
    scoreCommand,
    datasetsCommand,
    loginCommand,
    submitCommand,
    contributeCommand,
    boardCommand,
    exportCommand,
    backupCommand,
    restoreCommand,
    dumpCommand,
    importCommand,
    moveCommand,
    resetPasswordCommand,
    retireCommand,
    snapshotCommand,
    workCommand,
  ])
    add(program, terminal, argv);
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCodes.done;
  } catch (error) {
    return exitCodeOf(error, terminal);
  } finally {
    terminal.clear();
  }
}
