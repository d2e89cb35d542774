/**
 * A PostgreSQL server for tests, on its own port and in its own folder: Debian's `postgresql`, or one on the PATH. Its
 * data is gone when it stops.
 */
import type { SpawnSyncReturns } from "node:child_process";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export interface PostgresServer {
  /** `postgresql://…` of an empty database. */
  url: string;
  stop(): void;
  /** Stops it, and leaves its data in `folder`, for other servers to start with. */
  stopInto(folder: string): void;
}

/** The folder with `initdb` and `pg_ctl`, the newest of Debian's first; undefined if there is none. */
export function findPostgres(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env.PATH ?? "").split(delimiter),
  ];
  return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "pg_ctl")));
}

/**
 * Starts a server, in about 2 s. It runs without fsync: fast, but a power cut may lose data.
 * @param options.password of its user; without one, everybody is let in
 * @param options.copyOf the data of another one to start with, from `stopInto`; it has no password
 * @throws if PostgreSQL is not installed (see findPostgres) or does not start, with its output
 */
export async function startPostgres({
  password = "",
  copyOf,
}: {
  password?: string;
  copyOf?: string;
} = {}): Promise<PostgresServer> {
  const programs = findPostgres();
  if (!programs) throw new Error("PostgreSQL is not installed: apt-get install postgresql");
  const folder = mkdtempSync(join(tmpdir(), "dmbench-postgres-"));
  const data = join(folder, "data");
  const owner = ownerOfServer();
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid!);

  const run = (program: string, ...options: string[]): SpawnSyncReturns<string> => {
    const done = spawnSync(join(programs, program), options, {
      ...owner,
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (done.status !== 0) throw new Error(`${program} failed: ${done.error?.message ?? done.stderr + done.stdout}`);
    return done;
  };
  try {
    if (copyOf) {
      cpSync(copyOf, data, { recursive: true });
      chmodSync(data, 0o700); // else PostgreSQL refuses it: Node 24 doesn't copy the mode of a folder
      if (owner.uid !== undefined)
        for (const name of [".", ...readdirSync(data, { recursive: true, encoding: "utf8" })])
          chownSync(join(data, name), owner.uid, owner.gid!);
    } else {
      const passwordFile = join(folder, "password");
      if (password) writeFileSync(passwordFile, password, { mode: 0o644 });
      run(
        "initdb",
        "--pgdata",
        data,
        "--username",
        "dmbench",
        ...(password ? ["--auth", "scram-sha-256", "--pwfile", passwordFile] : ["--auth", "trust"]),
        "--encoding",
        "UTF8",
        "--no-locale",
        "--no-sync",
      );
    }
    const start = (port: number): number => {
      const settings = [
        `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=`,
        "-c fsync=off -c full_page_writes=off",
      ].join(" ");
      run("pg_ctl", "--pgdata", data, "--wait", "--log", join(folder, "log"), "--options", settings, "start");
      return port;
    };
    // Another process may take the free port before the server does; then try another port.
    const port = await freePort()
      .then(start)
      .catch(() => freePort().then(start));
    const end = (mode: "fast" | "immediate") => run("pg_ctl", "--pgdata", data, "--mode", mode, "stop");
    return {
      url: `postgresql://dmbench${password && `:${encodeURIComponent(password)}`}@127.0.0.1:${port}/postgres`,
      stop() {
        end("immediate");
        rmSync(folder, { recursive: true });
      },
      stopInto(copy) {
        end("fast");
        cpSync(data, copy, { recursive: true });
        rmSync(folder, { recursive: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
}

/** PostgreSQL refuses to run as root: it then runs as the user that its package created. */
export function ownerOfServer(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (which: string): number => Number(execFileSync("id", [which, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
