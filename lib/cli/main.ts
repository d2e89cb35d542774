/** `npm run -s dmbench -- …`: the entry point of the command's process. */
import { run } from "./program";
import { processTerminal } from "./terminal";

const interrupted = new AbortController();
// The first Ctrl-C lets the command save what is finished; the second ends it at once.
process.once("SIGINT", () => {
  interrupted.abort();
  process.once("SIGINT", () => process.exit(130));
});
// A closed pipe (`dmbench … | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

const code = await run(process.argv.slice(2), processTerminal(interrupted.signal));
// Exit explicitly, since a GPU device would keep the process alive, but flush the output first.
process.stdout.write("", () => process.exit(code));
