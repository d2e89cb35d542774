/**
 * `npm start` and `npm run dev`: generates the database client and builds the site if their sources have changed,
 * brings the database up to date, then serves the site until it is stopped. Interrupted at any moment, by any signal,
 * the next start goes on.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import nextEnv from "@next/env";
import { wholeNumberSchema } from "@/lib/records";
import { artifacts, moveArtifacts, requireBucket, siteBucket } from "./artifacts";
import { makePrograms } from "./bundle";
import { DatabaseInUse, lockDatabase, lockOwnerVariable } from "./database/lock";
import { makeDatabaseClient } from "./database/make-client";
import { requirePostgres } from "./database/postgres";
import { dataPath, env } from "./env";
import { shutdownSeconds } from "./shutdown-seconds";
import { buildSite, nextCommand } from "./site-build";
import { siteOrigin } from "./site-origin";
import { prepareDataFolder, printStartError, StartError } from "./start-error";

const development = process.argv.includes("--dev");

/**
 * How long to wait for a site that was just stopped. Its port is free at once, its database when it has finished. A
 * process that creates a database doesn't even notice until that is done: on a busy machine half a minute.
 */
const patienceMs = { port: 5000, database: 60_000 };

class PortTaken extends StartError {}

/** The process that this one waits for: a step of the build, or the site. */
let child: ChildProcess | null = null;
let stopping = false;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
endWithNpm();

try {
  nextEnv.loadEnvConfig(".", development, { info: () => {}, error: console.error });
  const port = portOf(process.env.PORT ?? "3000");
  await patiently(patienceMs.port, () => requireFree(port));
  prepareDataFolder(dataPath(), !env().DATABASE_URL);
  const { DATABASE_URL } = env();
  if (DATABASE_URL) await requirePostgres(DATABASE_URL);
  const bucket = siteBucket() && artifacts();
  const withoutCors = bucket && (await requireBucket(bucket, siteOrigin(new Headers())));
  if (withoutCors) console.warn(withoutCors);
  const unlock = DATABASE_URL
    ? () => {}
    : await patiently(patienceMs.database, async () => lockDatabase(dataPath("db")));
  await makeDatabaseClient(run);
  await makePrograms();
  if (!development) await buildSite(run);
  unlock();
  const moved = bucket ? await moveArtifacts(dataPath("artifacts"), bucket) : 0;
  if (moved > 0) console.log(`Artifacts: moved ${moved} files of ${dataPath()} into the bucket`);
  await prepare();
  await serve(port);
} catch (error) {
  printStartError(error);
  process.exit(1);
}

/** Brings the database up to date. Imported here because the database client may only just have been made. */
async function prepare(): Promise<void> {
  const [{ configuredLocation, openDatabase }, { prepareDatabase, UpgradedByLaterVersion }] = await Promise.all([
    import("./database/client"),
    import("./prepare-database"),
  ]);
  const opened = openDatabase(configuredLocation());
  try {
    await prepareDatabase(opened);
  } catch (error) {
    if (!(error instanceof UpgradedByLaterVersion)) throw error;
    console.warn(`\n${error.message}\n`);
  } finally {
    await opened.close();
  }
}

async function serve(port: number): Promise<void> {
  // Locks the embedded database for the site, which may take the lock over from this process; no other process may.
  if (!env().DATABASE_URL) lockDatabase(dataPath("db"));
  // Longer than clients and proxies keep an idle connection (usually 60 s): closing it first could lose a request that
  // is already on its way.
  const mode = development ? ["dev"] : ["start", "--keepAliveTimeout", "65000"];
  const site = begin([nextCommand, ...mode, "--port", String(port)]);
  site.on("exit", (code, signal) => process.exit(code ?? (stopping && signal !== "SIGKILL" ? 0 : 1)));
  const address = `http://localhost:${port}`;
  await untilReady(address);
  await fetch(`${address}/api/v1/scoring`); // starts the worker, before a visitor does
  console.log(`\nDMBench is on ${address}. Ctrl-C stops it; what it keeps is in ${dataPath()}.\n`);
}

/** Resolves once the site is ready; says what it waits for. */
async function untilReady(address: string): Promise<void> {
  for (let said = ""; ; await sleep(200)) {
    const response = await fetch(`${address}/api/v1/ready`).catch(() => null);
    if (response?.ok) return;
    const { detail = "" } = ((await response?.json().catch(() => null)) ?? {}) as { detail?: string };
    if (detail && detail !== said) console.log(`Not ready yet. ${detail}`);
    said = detail || said;
  }
}

/** Runs a step of the build to its end. */
async function run(command: readonly string[]): Promise<void> {
  const step = begin(command);
  const status = await new Promise((resolve) => step.on("exit", resolve));
  child = null;
  if (stopping) process.exit(0);
  if (status !== 0) throw new StartError(`${path.basename(command[0]!)} ${command[1]} failed; see above.`);
}

/** Starts a process that ends when this one does, however it ends: killed, it can't end the other itself. */
function begin(command: readonly string[]): ChildProcess {
  // Its own workers inherit this option, and have another parent.
  const endWithParent = `if (process.ppid === ${process.pid}) {
    process.on("disconnect", () => process.exit(1));
    process.channel.unref();
  }`;
  child = spawn(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(endWithParent)}`, ...command],
    {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...process.env, [lockOwnerVariable]: String(process.pid) },
    },
  );
  return child;
}

/** Passes a signal on; what doesn't end in time is killed. Without a child there is nothing to finish. */
function stop(signal: NodeJS.Signals): void {
  stopping = true;
  if (!child) process.exit(0);
  child.kill(signal);
  setTimeout(() => child?.kill("SIGKILL"), 1000 * (shutdownSeconds + 15)).unref();
}

/** Stops when the npm that started this process was killed, so that nothing is left that holds the port. */
function endWithNpm(): void {
  if (!process.env.npm_lifecycle_event) return;
  const npm = process.ppid;
  if (!isRunner(npm)) process.exit(1); // it was killed before this process came this far
  setInterval(() => process.ppid !== npm && !stopping && stop("SIGTERM"), 500).unref();
}

/** Whether a process runs scripts of packages, rather than being the one that orphans are left to. */
function isRunner(pid: number): boolean {
  if (process.platform !== "linux") return pid !== 1;
  try {
    return /npm|yarn|bun|node/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
  } catch {
    return false;
  }
}

/** The result of `attempt`, tried again for `milliseconds` as long as another process holds what it needs. */
async function patiently<Value>(milliseconds: number, attempt: () => Promise<Value>): Promise<Value> {
  let hasSaid = false;
  for (const deadline = Date.now() + milliseconds; ; await sleep(200)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof PortTaken || error instanceof DatabaseInUse) || Date.now() > deadline) throw error;
      if (error instanceof DatabaseInUse && !hasSaid)
        console.log(`Waiting for process ${error.pid} to end, which has the database open …`);
      hasSaid = true;
    }
  }
}

function portOf(setting: string): number {
  const port = wholeNumberSchema(1, 65535).safeParse(setting);
  if (port.success) return port.data;
  throw new StartError(`PORT: expected a number from 1 to 65535, found ${JSON.stringify(setting)}`);
}

/** @throws StartError if another program listens on this port, or this user may not */
async function requireFree(port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE")
        reject(
          new PortTaken(
            `PORT: ${port} is taken by another program. Stop it, or choose another: PORT=${port + 1} npm start`,
          ),
        );
      else reject(new StartError(`PORT: ${port} can't be used (${error.code}). Choose another, such as 3000.`));
    });
    probe.listen(port, resolve);
  });
  await new Promise((resolve) => probe.close(resolve));
}
