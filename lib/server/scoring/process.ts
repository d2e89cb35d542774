/**
 * The program of a scoring process: computes for the site, so that pages stay responsive while policies are scored. Its
 * argument is the bytes of its cache. `bundle.ts` makes one file of it.
 */
import { fileURLToPath } from "node:url";
import { compute, setPace, setUpComputer } from "./computer";
import type { Pace, ScorerMessage, Task } from "./messages";

setUpComputer({ cacheBytes: Number(process.argv[2]), wasmPaths: fileURLToPath(new URL(".", import.meta.url)) });

// Send errors are ignored: when the site is gone, "disconnect" follows.
const send = (message: ScorerMessage) => process.send?.(message, undefined, undefined, () => {});

async function handle(task: Task): Promise<void> {
  const signs = setInterval(() => send("alive"), 1000);
  try {
    send({ result: await compute(task) });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    send({ error: { name, message } });
  } finally {
    clearInterval(signs);
  }
}

process.on("message", (message: Task | Pace) => {
  if ("share" in message) setPace(message.share);
  else void handle(message);
});
process.on("SIGINT", () => {}); // Ctrl-C reaches this process too, but the site decides when it ends
process.on("disconnect", () => process.exit());
send("ready");
