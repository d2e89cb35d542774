/** `npm run -s dmbench -- …`: the command's process. */
import { run } from "./program";
import { processTerminal } from "./terminal";

const interrupted = new AbortController();
// The first Ctrl-C lets the command keep what is finished; the second is not waited for.
process.once("SIGINT", () => {
  interrupted.abort();
  process.once("SIGINT", () => process.exit(130));
});
// A reader that has seen enough (`dmbench … | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

const code = await run(process.argv.slice(2), processTerminal(interrupted.signal));
// Said outright: a GPU device would keep the process alive. What was written goes out first.
process.stdout.write("", () => process.exit(code));
