/** Exit codes of the command, and which error leads to which. */
import { CommanderError } from "commander";
import { reasonOf } from "./reasons";
import type { Terminal } from "./terminal";

export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** The request is invalid; nothing has been started. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The request was valid and failed. The message is complete: no stack trace is printed. */
export class Failure extends Error {
  override name = "Failure";
}

/** Errors of the library whose messages are written for users. */
const wordedErrors = [
  "DatasetError",
  "DatasetUnavailableError",
  "TrainingDiverged",
  "OutOfMemory",
  "SafetensorsError",
  "TrajectoryError",
  "ResultsError",
  "Failure",
];

/** The exit code for an error that a command threw; prints the reason to standard error. */
export function exitCodeOf(error: unknown, terminal: Terminal): number {
  // commander has printed it already
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
  const { path } = error as NodeJS.ErrnoException;
  const words = path === undefined ? null : `${path}: ${reasonOf(error)}.`; // an error of the file system
  terminal.err(`error: ${words ?? (wordedErrors.includes(name) ? message : (stack ?? message))}\n`);
  return exitCodes.failed;
}

/** Runs a check of the user's settings, turning its RangeError into a UsageError. */
export function checkingSettings<Result>(check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}
