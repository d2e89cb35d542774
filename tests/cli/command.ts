/** Runs the command in the test's process, or as users do in a separate one, for what only a process can show. */
import type { ChildProcessByStdio } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { onTestFinished, vi } from "vitest";
import { run } from "@/lib/cli/program";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

/** A temporary folder, deleted when the test ends. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "dmbench-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Options {
  env?: Record<string, string>;
  /** Interrupts as soon as standard output or error matches. */
  interruptAt?: RegExp;
}

/** The user's own data set folder must not affect tests. */
const ownEnv = { DMBENCH_DATASETS_DIR: "" };

/** Runs `dmbench` with `argv` to its end, in this process. Progress lines are left out of the outcome. */
export async function dmbench(argv: readonly string[], { env = {}, interruptAt }: Options = {}): Promise<Outcome> {
  const interrupted = new AbortController();
  const outcome: Outcome = { code: null, out: "", err: "" };
  const write = (stream: "out" | "err") => (text: string) => {
    outcome[stream] += text;
    if (interruptAt?.test(outcome[stream])) interrupted.abort();
  };
  for (const [name, value] of Object.entries({ ...ownEnv, ...env })) vi.stubEnv(name, value);
  try {
    outcome.code = await run(argv, {
      out: write("out"),
      err: write("err"),
      progress: () => {},
      clear: () => {},
      now: () => performance.now(),
      signal: interrupted.signal,
    });
    return outcome;
  } finally {
    vi.unstubAllEnvs();
  }
}

/** Starts `dmbench` with `argv` in a separate process, by default in the project's folder. */
export function startProcess(
  argv: readonly string[],
  { cwd = root, env = {} }: { cwd?: string; env?: Record<string, string | undefined> } = {},
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, ["--import", import.meta.resolve("tsx"), join(root, "lib/cli/main.ts"), ...argv], {
    cwd,
    env: {
      ...process.env,
      ...ownEnv,
      VITEST: "",
      NODE_OPTIONS: "",
      TSX_TSCONFIG_PATH: join(root, "tsconfig.json"),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs `dmbench` with `argv` to its end in a separate process, and interrupts it with SIGINT. */
export function dmbenchProcess(argv: readonly string[], { interruptAt }: Pick<Options, "interruptAt">) {
  const child = startProcess(argv);
  const outcome: Outcome = { code: null, out: "", err: "" };
  let interrupted = false;
  const read = (stream: "out" | "err") => (chunk: Buffer) => {
    outcome[stream] += chunk.toString();
    if (!interrupted && interruptAt?.test(outcome[stream])) interrupted = child.kill("SIGINT");
  };
  child.stdout.on("data", read("out"));
  child.stderr.on("data", read("err"));
  return new Promise<Outcome>((resolve) => child.on("close", (code) => resolve({ ...outcome, code })));
}
