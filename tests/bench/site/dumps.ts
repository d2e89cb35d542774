/**
 * How long a dump of a site with years of generated data takes, and its import into an empty PostgreSQL:
 * `node --import tsx --conditions=react-server tests/bench/site/dumps.ts [--runs 100000] [--policies 10000] [--users 5000]
 * [--imports 3]`. RESULTS.md has the figures.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { OpenDatabase } from "@/lib/server/database/client";
import { openDatabase } from "@/lib/server/database/client";
import { migrate } from "@/lib/server/database/migrate";
import { seed } from "@/lib/server/database/seed";
import { dump } from "@/lib/server/dumps/dump";
import { importDump } from "@/lib/server/dumps/import";
import { digitsTestData } from "../../server/material";
import { startPostgres } from "../../support/postgres";
import { fill } from "./fill";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "100000" },
    policies: { type: "string", default: "10000" },
    users: { type: "string", default: "5000" },
    imports: { type: "string", default: "3" },
  },
});
const sizes = { runs: Number(values.runs), policies: Number(values.policies), users: Number(values.users) };

/** Prints how long something took, and the processor time of this process and of the database's (on Linux). */
async function timed<Result>(what: string, { client }: OpenDatabase, work: () => Promise<Result>): Promise<Result> {
  const [start, cpu, databaseCpu] = [performance.now(), process.cpuUsage(), await databaseSeconds(client)];
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / 1000;
  const figures = { seconds, site: (user + system) / 1e6, database: (await databaseSeconds(client)) - databaseCpu };
  const shown = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(1)}`);
  console.log(`${what}: ${shown.join(", ")}`);
  return result;
}

/** The processor time of the server's processes that serve connections, in seconds. */
async function databaseSeconds(client: OpenDatabase["client"]): Promise<number> {
  const rows = await client.$queryRaw<{ pid: number }[]>`
    SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'`;
  return rows.reduce((sum, { pid }) => {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ").slice(11, 13);
    return sum + (Number(user) + Number(system)) / 100;
  }, 0);
}

const folder = mkdtempSync(join(tmpdir(), "dmbench-bench-dumps-"));
try {
  const server = await startPostgres();
  const source = openDatabase({ url: server.url });
  try {
    await migrate(source);
    await seed(source.client);
    await fill(source.client, sizes, await digitsTestData());
    const { tables } = await timed("dumped", source, () => dump(source.client, join(folder, "dump")));
    console.log(`${(tables.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1)} MB`);
  } finally {
    await source.close();
    server.stop();
  }
  for (let i = 0; i < Number(values.imports); i += 1) {
    const empty = await startPostgres();
    const target = openDatabase({ url: empty.url });
    try {
      await migrate(target);
      await timed("imported", target, () => importDump(join(folder, "dump"), async () => target));
    } finally {
      await target.close();
      empty.stop();
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
