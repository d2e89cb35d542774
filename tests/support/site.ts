/** A test's own site, started with `npm start` like any other; it can be stopped and restarted. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Settings of a test's site: ten runs of one board, the fewest that are ranked, so that recording is soon over; and no
 * audits, since most runs that tests publish are made up.
 */
export const testSettings = {
  DMBENCH_RECORD: "digits-mlp",
  DMBENCH_RECORD_RUNS: "10",
  DMBENCH_AUDIT_SECONDS: "0",
} as const;

export interface Site {
  address: string;
  /** What it has printed. */
  printed: () => string;
  /** Stops it, and waits until it is gone. */
  stop: () => Promise<void>;
  /** Kills it, as a power cut would. */
  kill: () => Promise<void>;
}

interface SiteProcesses {
  npm: ChildProcess;
  printed: () => string;
  /** Sends a signal to npm and to all that it has started, where any of it is left. */
  signalAll: (signal: NodeJS.Signals) => void;
}

/**
 * Runs `npm start` on `dataFolder`, without a network, in a process group of its own, so that all of it can be killed.
 * @param settings environment variables besides those that a test's site always has
 */
export function spawnSite(port: number, dataFolder: string, settings: Record<string, string> = {}): SiteProcesses {
  const { DMBENCH_DATASETS_DIR: _none, DATABASE_URL: _server, ...env } = process.env;
  const npm = spawn("npm", ["start"], {
    cwd: root,
    detached: true,
    env: {
      ...env,
      PORT: String(port),
      DMBENCH_DATA_DIR: dataFolder,
      NEXTAUTH_URL: `http://localhost:${port}`,
      ...testSettings,
      NODE_OPTIONS: `--require ${JSON.stringify(fileURLToPath(new URL("./offline.cjs", import.meta.url)))}`,
      ...settings,
    },
  });
  let printed = "";
  for (const stream of [npm.stdout, npm.stderr]) stream.on("data", (text: Buffer) => (printed += text.toString()));
  const signalAll = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-npm.pid!, signal);
    } catch {
      // nothing was left
    }
  };
  return { npm, printed: () => printed, signalAll };
}

/**
 * Starts the site as `spawnSite` does, and waits until it is ready.
 * @throws Error with its output, if it exits instead
 */
export async function startSite(
  port: number,
  dataFolder: string,
  settings: Record<string, string> = {},
): Promise<Site> {
  const address = `http://localhost:${port}`;
  const { npm: site, printed, signalAll } = spawnSite(port, dataFolder, settings);
  const ended = new Promise<void>((resolve) => site.on("close", () => resolve()));
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  // A site that was just told to stop may still answer on this port: only what this one prints counts.
  const isReady = async (): Promise<boolean> =>
    printed().includes(`DMBench is on ${address}`) &&
    ((await fetch(`${address}/api/v1/ready`).catch(() => null))?.ok ?? false);
  while (!hasEnded && !(await isReady())) await sleep(200);
  if (hasEnded) throw new Error(`the site ended by itself:\n${printed()}`);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const gone = new Promise((resolve) => site.once("exit", resolve));
    signalAll(signal);
    if (site.exitCode === null && site.signalCode === null) await gone;
    signalAll("SIGKILL"); // a process in the middle of a computation reacts to nothing else
    await ended;
  };
  return {
    address,
    printed,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}
