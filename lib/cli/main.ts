/** `npm run -s dmbench -- …`: the entry point of the command's process. */
import "./settings";
import { exitCodes } from "./exit";
import { run } from "./program";
import { outliveReaders, streamFailure } from "./streams";
import { processTerminal } from "./terminal";

const interrupted = new AbortController();
// The first Ctrl-C lets the command save what is finished; the second ends it at once.
process.once("SIGINT", () => {
  interrupted.abort();
  process.once("SIGINT", () => process.exit(130));
});
outliveReaders();

const code = await run(process.argv.slice(2), processTerminal(interrupted.signal));
// Exit explicitly, since a GPU device would keep the process alive, but flush the output first.
process.stdout.write("", () => setImmediate(end)); // after the stream's own error event

function end(): void {
  const failure = streamFailure();
  if (failure === null) process.exit(code);
  process.stderr.write(`error: ${failure}\n`, () => process.exit(code || exitCodes.failed));
}
