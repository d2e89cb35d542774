/**
 * A first start that is killed at random moments, while it creates, migrates and seeds its database: the next one
 * recovers by itself. `DMBENCH_KILLS` sets how often, 2 by default.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { benchmarks } from "@/lib/leaderboard";
import type { DatabaseLocation } from "@/lib/server/database/client";
import { openDatabase } from "@/lib/server/database/client";
import { findPostgres, startPostgres } from "../../support/postgres";

const kills = Number(process.env.DMBENCH_KILLS ?? 2);

/**
 * Starts, and kills the process after `milliseconds` of work.
 * @returns how long it worked, and whether it came to its end
 */
async function start(
  location: DatabaseLocation,
  milliseconds = Number.POSITIVE_INFINITY,
): Promise<{ worked: number; code: number | null; said: string }> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--conditions=react-server", "tests/server/killable-start.ts"],
    { env: { ...process.env, DATABASE: JSON.stringify(location) }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  child.stderr.on("data", (text: Buffer) => (said += text.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  await Promise.race([new Promise((resolve) => child.stdout.once("data", resolve)), ended]);
  const begin = performance.now();
  if (Number.isFinite(milliseconds)) {
    await Promise.race([sleep(milliseconds), ended]);
    child.kill("SIGKILL");
  }
  const code = await ended;
  return { worked: performance.now() - begin, code, said };
}

function interrupted(where: string, prepare: () => Promise<{ fresh: () => Promise<DatabaseLocation> }>): void {
  describe(`a first start on ${where}`, () => {
    it(
      `recovers from ${kills} kills at random moments`,
      async () => {
        const { fresh } = await prepare();
        const { worked, code, said } = await start(await fresh());
        expect(code, said).toBe(0);
        for (let kill = 0; kill < kills; kill += 1) {
          const location = await fresh();
          await start(location, (worked * (kill + Math.random())) / kills); // one in each part of its work
          const next = await start(location);
          expect(next.code, next.said).toBe(0);
          const { client, close } = openDatabase(location);
          expect(await client.benchmark.count()).toBe(benchmarks.length);
          const applied = await client.$queryRaw<{ finished: boolean }[]>`
            SELECT finished_at IS NOT NULL AS finished FROM _prisma_migrations`;
          const names = readdirSync("prisma/migrations").filter((name) => name !== "migration_lock.toml");
          expect(applied).toEqual(names.map(() => ({ finished: true })));
          await close();
          if ("folder" in location) expect(existsSync(`${location.folder}.unfinished`)).toBe(false);
        }
      },
      180_000 * (kills + 1), // generous, for a busy machine
    );
  });
}

const folder = mkdtempSync(join(tmpdir(), "dmbench-interrupted-"));
const closing: (() => void)[] = [() => rmSync(folder, { recursive: true, maxRetries: 5 })];
afterAll(() => {
  for (const close of closing.reverse()) close();
});

let databases = 0;

interrupted("PGlite", async () => ({
  fresh: async () => {
    databases += 1;
    return { folder: join(folder, String(databases), "db") };
  },
}));

if (findPostgres()) {
  interrupted("PostgreSQL", async () => {
    const { url, stop } = await startPostgres();
    closing.push(stop);
    return {
      fresh: async () => {
        databases += 1;
        const { client, close } = openDatabase({ url });
        await client.$executeRawUnsafe(`CREATE DATABASE first${databases}`);
        await close();
        return { url: url.replace(/\/postgres$/, `/first${databases}`) };
      },
    };
  });
} else if (process.env.CI === "true") {
  it("is tested on PostgreSQL too", () => {
    throw new Error("PostgreSQL is not installed: apt-get install postgresql");
  });
} else {
  it.skip("is tested on PostgreSQL too: not installed; apt-get install postgresql");
}
