/** How the command ends: what each exit code means, and which error leads to it. */
import { CommanderError } from "commander";
import type { Terminal } from "./terminal";

export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** What was asked for can't be done as asked; nothing has started. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** What was asked for was right and didn't succeed; the message says all there is to say. */
export class Failure extends Error {
  override name = "Failure";
}

/** Errors of the library whose message is written for users. */
const wordedErrors = [
  "DatasetError",
  "DatasetUnavailableError",
  "TrainingDiverged",
  "OutOfMemory",
  "SafetensorsError",
  "TrajectoryError",
  "Failure",
];

/** The exit code for what a command threw; says why on standard error. */
export function exitCodeOf(error: unknown, terminal: Terminal): number {
  // it has spoken for itself
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (terminal.signal.aborted) {
    terminal.err("Stopped.\n");
    return exitCodes.interrupted;
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  if (name === "UsageError" || name === "PolicyError") {
    terminal.err(`error: ${message}\n`);
    return exitCodes.usage;
  }
  terminal.err(`error: ${wordedErrors.includes(name) ? message : (stack ?? message)}\n`);
  return exitCodes.failed;
}

/** Runs what only checks settings: a RangeError in it is the user's. */
export function checkingSettings<Result>(check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}
