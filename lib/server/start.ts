/**
 * `npm start` and `npm run dev`: generates the database client and builds the site if their sources have changed,
 * brings the database up to date, then serves the site until it is stopped.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import nextEnv from "@next/env";
import { DatabaseInUse, lockDatabase, lockOwnerVariable } from "./database/lock";
import { dataPath, env } from "./env";

/** An error that the user can fix; only its message is printed. */
class StartError extends Error {}

const development = process.argv.includes("--dev");
const nextCommand = "node_modules/next/dist/bin/next";

try {
  nextEnv.loadEnvConfig(".", development, { info: () => {}, error: console.error });
  const port = await freePort(process.env.PORT ?? "3000");
  const unlock = env().DATABASE_URL ? () => {} : lockEmbedded();
  once("Making the database client", "prisma/generated/.made-from", ["prisma/schema.prisma", "package-lock.json"], () =>
    run(["node_modules/prisma/build/index.js", "generate", "--config", "prisma/prisma.config.ts", "--no-hints"]),
  );
  if (!development) {
    const sources = [
      "app",
      "lib",
      "public",
      "prisma/schema.prisma",
      "next.config.js",
      "proxy.ts",
      "instrumentation.ts",
      ".postcssrc.json",
      "tsconfig.json",
      "package.json",
      "package-lock.json",
    ];
    once("Building the site (a minute or two, the first time)", ".next/.made-from", sources, () =>
      run([nextCommand, "build"]),
    );
  }
  unlock();
  await prepareDatabase();
  await serve(port);
} catch (error) {
  console.error(error instanceof StartError || error instanceof DatabaseInUse ? `\n${error.message}\n` : error);
  process.exit(1);
}

/**
 * Applies migrations, and brings benchmarks, built-in policies, boards and maintainers up to date. The modules are
 * imported here because the database client may only just have been generated.
 */
async function prepareDatabase(): Promise<void> {
  const [
    { configuredLocation, openDatabase },
    { migrate },
    { seed },
    { prepareMaintainers },
    { deleteExpired },
    { refreshStaleBoards },
    { deleteExpiredSessions },
    { nameStoredPolicies },
    { checkStoredRuns },
    { checkStoredPolicies },
  ] = await Promise.all([
    import("./database/client"),
    import("./database/migrate"),
    import("./database/seed"),
    import("./people/maintainers"),
    import("./limits/rate-limits"),
    import("./boards/refresh"),
    import("./people/sessions"),
    import("./policies/names"),
    import("./runs/check-stored"),
    import("./policies/check-stored"),
  ]);
  const database = openDatabase(configuredLocation());
  for (const name of await migrate(database)) console.log(`Database: applied ${name}`);
  await seed(database.client);
  await nameStoredPolicies(database.client);
  await deleteExpired(database.client);
  await deleteExpiredSessions(database.client);
  const unreadable = await checkStoredPolicies(database.client);
  if (unreadable > 0) console.warn(`Policies that can no longer be read, and rank nowhere: ${unreadable}`);
  const { checked, contradicting } = await checkStoredRuns(database.client);
  if (checked > 0) console.log(`Runs checked against the rules: ${checked}; ${contradicting} contradict them`);
  await refreshStaleBoards(database.client);
  for (const { name, code } of await prepareMaintainers(database.client))
    console.log(
      `DMBENCH_MAINTAINERS: ${name} has not claimed the role. Sign in on the site as ${name}, which may be a new ` +
        `account, and enter on /settings: ${code}`,
    );
  await database.close();
}

async function serve(port: number): Promise<void> {
  // Locks the embedded database for the site, which may take the lock over from this process; no other process may.
  if (!env().DATABASE_URL) lockEmbedded();
  // Longer than clients and proxies keep an idle connection (usually 60 s): closing it first could lose a request that
  // is already on its way.
  const mode = development ? ["dev"] : ["start", "--keepAliveTimeout", "65000"];
  const site = spawn(process.execPath, [nextCommand, ...mode, "--port", String(port)], {
    stdio: "inherit",
    env: { ...process.env, [lockOwnerVariable]: String(process.pid) },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => site.kill(signal));
  site.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" || signal === "SIGTERM" ? 0 : 1)));
  // The first request opens the database and starts the worker; made here, so that no visitor has to wait.
  const address = `http://localhost:${port}`;
  while (!(await fetch(`${address}/api/v1/scoring`).catch(() => null)))
    await new Promise((resolve) => setTimeout(resolve, 200));
  console.log(`\nDMBench is on ${address}. Ctrl-C stops it; what it keeps is in ${dataPath()}.\n`);
}

function lockEmbedded(): () => void {
  mkdirSync(dataPath(), { recursive: true });
  return lockDatabase(dataPath("db"));
}

/** Runs `make` unless it ran for the same files and the same Node before; their hash is stored in `record`. */
function once(title: string, record: string, files: readonly string[], make: () => void): void {
  const hash = createHash("sha256").update(process.version);
  for (const file of files.flatMap(filesIn).sort()) hash.update(`${file}\0`).update(readFileSync(file));
  const digest = hash.digest("hex");
  if (existsSync(record) && readFileSync(record, "utf8") === digest) return;
  console.log(`${title} …`);
  make();
  writeFileSync(record, digest);
}

/** The files of a folder, or the file itself. Not those of a `dist`: the library's package is built while sites start. */
function filesIn(name: string): string[] {
  if (!existsSync(name)) return [];
  if (statSync(name).isFile()) return [name];
  const entries = readdirSync(name).filter((entry) => entry !== "dist");
  return entries.flatMap((entry) => filesIn(path.join(name, entry)));
}

function run(command: readonly string[]): void {
  const { status } = spawnSync(process.execPath, command, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new StartError(`${path.basename(command[0]!)} ${command[1]} failed; see above.`);
}

/** @throws StartError if it is not a port, or another program listens there */
async function freePort(setting: string): Promise<number> {
  const port = Number(setting);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new StartError(`PORT: expected a number from 1 to 65535, found ${JSON.stringify(setting)}`);
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new StartError(
              `Port ${port} is taken by another program. Stop it, or choose another: PORT=${port + 1} npm start`,
            )
          : error,
      ),
    );
    probe.listen(port, resolve);
  });
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
