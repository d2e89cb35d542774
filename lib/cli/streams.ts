/**
 * Standard output and standard error that nobody reads any more: `dmbench … 2>&1 | head` ends no training. What can't
 * be written for another reason, such as a full disk, is a failure.
 */
import { reasonOf } from "./reasons";

const closed = ["EPIPE", "EIO", "ECONNRESET", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"];

/** The first failure of an output stream, in words; null while there is none. */
let failure: string | null = null;
export const streamFailure = (): string | null => failure;

/** Keeps this process alive when the reader of an output stream closes it. */
export function outliveReaders(): void {
  for (const [name, stream] of [
    ["standard output", process.stdout],
    ["standard error", process.stderr],
  ] as const)
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (!closed.includes(error.code ?? "")) failure ??= `${name} can't be written: ${reasonOf(error)}.`;
    });
}
