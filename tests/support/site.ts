/** A test's own site, started with `npm start` like any other; it can be stopped and restarted. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Site {
  address: string;
  /** What it has printed. */
  printed: () => string;
  /** Stops it, and waits until it is gone. */
  stop: () => Promise<void>;
  /** Kills it, as a power cut would. */
  kill: () => Promise<void>;
}

/**
 * Starts the site on `dataFolder`, without a network, and waits for its first response.
 * @param settings environment variables besides those that a test's site always has
 * @throws Error with its output, if it exits instead
 */
export async function startSite(
  port: number,
  dataFolder: string,
  settings: Record<string, string> = {},
): Promise<Site> {
  const address = `http://localhost:${port}`;
  const { DMBENCH_DATASETS_DIR: _none, DATABASE_URL: _server, ...env } = process.env;
  const site = spawn("npm", ["start"], {
    cwd: root,
    detached: true, // its own process group, so that all of it can be killed
    env: {
      ...env,
      PORT: String(port),
      DMBENCH_DATA_DIR: dataFolder,
      NEXTAUTH_URL: address,
      NODE_OPTIONS: `--require ${JSON.stringify(fileURLToPath(new URL("./offline.cjs", import.meta.url)))}`,
      ...settings,
    },
  });
  let printed = "";
  for (const stream of [site.stdout, site.stderr]) stream.on("data", (text: Buffer) => (printed += text.toString()));
  const ended = new Promise<void>((resolve) => site.on("close", () => resolve()));
  let up = false;
  void ended.then(() => (up = true));
  while (!up) {
    up = (await fetch(`${address}/api/v1/benchmarks`).catch(() => null))?.ok ?? false;
    if (!up) await new Promise((resolve) => setTimeout(resolve, 200));
  }
  if (site.exitCode !== null) throw new Error(`the site ended by itself:\n${printed}`);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const gone = new Promise((resolve) => site.once("exit", resolve));
    process.kill(-site.pid!, signal);
    if (site.exitCode === null && site.signalCode === null) await gone;
    try {
      process.kill(-site.pid!, "SIGKILL"); // a process in the middle of a computation reacts to nothing else
    } catch {
      // nothing was left
    }
    await ended;
  };
  return {
    address,
    printed: () => printed,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}
