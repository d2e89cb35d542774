/** PgBouncer in front of a test's PostgreSQL server, in transaction mode: Debian's `pgbouncer`, or one on the PATH. */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { freePort, ownerOfServer } from "./postgres";

export const findPgBouncer = (): boolean => spawnSync("pgbouncer", ["--version"]).status === 0;

/**
 * @param database the server's address, whose user has no password
 * @param connections that it opens to the server, at most
 * @returns the address to use instead
 */
export async function startPgBouncer(
  database: string,
  connections: number,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const { hostname, port: serverPort, username, pathname } = new URL(database);
  const folder = mkdtempSync(join(tmpdir(), "dmbench-pgbouncer-"));
  chmodSync(folder, 0o755);
  const port = await freePort();
  writeFileSync(join(folder, "users"), `"${username}" ""\n`);
  const settings = `[databases]
${pathname.slice(1)} = host=${hostname} port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, "users")}
pool_mode = transaction
default_pool_size = ${connections}
max_client_conn = 500
ignore_startup_parameters = extra_float_digits
`;
  writeFileSync(join(folder, "pgbouncer.ini"), settings);
  const bouncer = spawn("pgbouncer", ["-q", join(folder, "pgbouncer.ini")], { stdio: "inherit", ...ownerOfServer() });
  const ended = new Promise<void>((resolve) => bouncer.on("close", () => resolve()));
  while (!(await accepts(port))) {
    if (bouncer.exitCode !== null) throw new Error("PgBouncer ended by itself; see above");
    await setTimeout(50);
  }
  return {
    url: `postgresql://${username}@127.0.0.1:${port}${pathname}`,
    async stop() {
      bouncer.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
