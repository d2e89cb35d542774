/** The command as users run it: a process of its own, in a folder of its own. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

/** A folder that is gone when the test ends. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "dmbench-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Options {
  env?: Record<string, string>;
  /** Sends SIGINT once, when this much of standard output or error has been seen. */
  interruptAt?: RegExp;
}

/** Runs `dmbench` with `argv` to its end. */
export function dmbench(argv: readonly string[], { env = {}, interruptAt }: Options = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--import", "tsx", join(root, "lib/cli/main.ts"), ...argv], {
      cwd: root,
      env: { ...process.env, DMBENCH_DATASETS_DIR: "", VITEST: "", NODE_OPTIONS: "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const outcome: Outcome = { code: null, out: "", err: "" };
    let interrupted = false;
    const hear = (stream: "out" | "err") => (chunk: Buffer) => {
      outcome[stream] += chunk.toString();
      if (!interrupted && interruptAt?.test(outcome[stream])) interrupted = child.kill("SIGINT");
    };
    child.stdout.on("data", hear("out"));
    child.stderr.on("data", hear("err"));
    child.on("close", (code) => resolve({ ...outcome, code }));
  });
}
