/** Runs an operation on this installation's data, which the server's own process does. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { Failure } from "./exit";
import { reasonOf } from "./reasons";
import type { Terminal } from "./terminal";

type Operation =
  | { operation: "backup"; folder: string }
  | { operation: "restore"; folder: string; replace: boolean }
  | { operation: "dump"; folder: string }
  | { operation: "import"; from: string; replace: boolean }
  | { operation: "move"; url: string }
  | { operation: "reset-password"; name: string; password: string }
  | { operation: "retire"; benchmark: string; numbers: number[] | null }
  | { operation: "snapshot"; benchmark: string; methods: number; runs: number; file: string };

const messageSchema = z.union([
  z.object({ progress: z.string() }),
  z.object({ warning: z.string() }),
  z.object({ done: z.string() }),
  z.object({ failure: z.string(), code: z.string().optional(), path: z.string().optional() }),
]);

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * @returns what was done, in a sentence
 * @throws Failure
 */
export function operate(request: Operation, terminal: Terminal): Promise<string> {
  const child = fork(`${root}lib/server/operate.ts`, {
    cwd: root,
    execArgv: ["--import", "tsx", "--conditions=react-server"],
  });
  return new Promise((resolve, reject) => {
    child.on("message", (sent) => {
      const message = messageSchema.parse(sent);
      if ("progress" in message) terminal.progress(message.progress);
      else if ("warning" in message) terminal.err(`warning: ${message.warning}\n`);
      else if ("done" in message) resolve(message.done);
      else reject(new Failure(inWords(message)));
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Failure(`It ended without an outcome (${signal ?? code}).`)));
    terminal.signal.addEventListener("abort", () => child.connected && child.disconnect()); // it ends then
    child.send(request);
  });
}

function inWords({ failure, code, path }: { failure: string; code?: string | undefined; path?: string | undefined }) {
  if (code === undefined) return failure;
  const reason = reasonOf({ code, message: failure });
  return path === undefined ? `${reason}.` : `${path}: ${reason}.`;
}
