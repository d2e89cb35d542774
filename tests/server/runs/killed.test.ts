/**
 * `kill -9` of the site, and of its scoring process, at random moments while a client submits and retries: the stored
 * data is consistent at any time, and complete in the end.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { afterAll, describe, expect, it } from "vitest";
import type { PolicyAnswer } from "@/app/api/v1/policies/submit";
import { folderStore } from "@/lib/server/artifacts";
import type { DatabaseLocation, OpenDatabase } from "@/lib/server/database/client";
import { openDatabase } from "@/lib/server/database/client";
import { migrate } from "@/lib/server/database/migrate";
import { seed } from "@/lib/server/database/seed";
import { findPostgres, startPostgres } from "../../support/postgres";
import { copyDatabase } from "../databases";
import { copyRuns } from "../scoring/shipped-runs";

const variants = ["bn", "bn-bfn"];
const runs = { public: 1, held_out: 2 };

interface Process {
  child: ChildProcess;
  address: string;
}

function killed(
  where: string,
  start: (folder: string) => Promise<{ location: DatabaseLocation; stop: () => void }>,
): void {
  describe(`a site on ${where} that is killed while it scores`, () => {
    const folder = mkdtempSync(join(tmpdir(), "dmbench-killed-"));
    const store = folderStore(join(folder, "artifacts"));
    let site: Process | undefined;
    let stopDatabase = (): void => {};
    afterAll(() => {
      site?.child.kill("SIGKILL");
      stopDatabase();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    });

    it("stores scores with a mark on their board rows, without duplicates, and finishes once it is left alone", async () => {
      const { location: database, stop } = await start(folder);
      stopDatabase = stop;
      const trajectories = join(folder, "trajectories");
      copyRuns(trajectories, runs);
      const userId = await withDatabase(database, async (opened) => {
        const { client } = opened;
        await migrate(opened);
        await seed(client);
        await client.policy.updateMany({ data: { hiddenAt: new Date() } }); // to save the time of scoring them
        return (await client.user.create({ data: { name: "ada" }, select: { id: true } })).id;
      });
      const begin = async (): Promise<Process> => {
        const child = spawn(
          process.execPath,
          ["--import", "tsx", "--conditions=react-server", "tests/server/killable-site.ts"],
          {
            env: {
              ...process.env,
              DATABASE: JSON.stringify(database),
              FOLDER: join(folder, "artifacts"),
              TRAJECTORIES: trajectories,
              USER_ID: userId,
            },
            stdio: ["ignore", "pipe", "inherit"],
          },
        );
        for await (const port of createInterface(child.stdout!)) return { child, address: `http://127.0.0.1:${port}/` };
        throw new Error(`the site ended by itself (${child.exitCode})`);
      };

      // First the site is killed, then the scoring process and the site after it, each after some lines of progress.
      for (const [lines, victim] of [
        [1, "site"],
        [2, "scorer"],
      ] as const) {
        site = await begin();
        const answers = submissionLines(site);
        for (let line = 0; line < lines && !(await answers.next()).done; line++);
        if (victim === "scorer") {
          for (const pid of scorersOf(site.child)) process.kill(pid, "SIGKILL");
          const after = await answers.next();
          expect(after.done, "the site outlives its scoring process").not.toBe(true);
        }
        await kill(site);
        await withDatabase(database, async ({ client }) => expectComplete(client));
      }

      site = await begin();
      let last: PolicyAnswer | undefined;
      for await (last of submissionLines(site));
      const all = variants.length * (runs.public + runs.held_out);
      expect(last).toMatchObject({
        done: true,
        created: false,
        scoring: [{ state: "scored", scored: all, of: all, error: null }],
      });
      await kill(site); // its last transaction was acknowledged: nothing may be lost
      await withDatabase(database, async ({ client }) => {
        await expectComplete(client);
        expect(await client.staleBoardRow.count()).toBe(0);
        const policy = await client.policy.findUniqueOrThrow({ where: { slug: "unlucky" } });
        expect(await client.score.count({ where: { policyId: policy.id } })).toBe(all);
        expect((await client.boardRow.findMany({ where: { policyId: policy.id } })).map(({ n }) => n)).toEqual([
          runs.held_out,
          runs.held_out,
        ]);
        expect(await client.logEntry.count({ where: { action: "policy.added" } })).toBe(1);
        expect(await client.trajectory.count()).toBe(all);
      });
    }, 600_000); // generous, for a busy machine

    /**
     * Expects all stored data to be complete: scores with their files, board rows computed from exactly the stored
     * scores but for those that are marked as stale, no duplicates.
     */
    async function expectComplete(db: OpenDatabase["client"]): Promise<void> {
      const scores = await db.score.findMany({ include: { trajectory: true } });
      const distinct = new Set(scores.map(({ policyId, trajectoryId }) => `${policyId} ${trajectoryId}`));
      expect(distinct.size).toBe(scores.length);
      for (const { predictionsKey, predictionsHash } of scores)
        expect(await store.get({ key: predictionsKey!, hash: predictionsHash })).not.toBeNull();
      const seeds = new Map<string, number>();
      for (const { policyId, trajectory } of scores.filter(({ trajectory }) => trajectory.visibility === "held_out")) {
        const method = `${trajectory.variant} ${policyId}`;
        seeds.set(method, 1 + (seeds.get(method) ?? 0));
      }
      const stale = await db.staleBoardRow.findMany();
      const isStale = (row: { variant: string; policyId: string }) =>
        stale.some(({ variant, policyId }) => variant === row.variant && policyId === row.policyId);
      for (const { variant, policyId } of stale) seeds.delete(`${variant} ${policyId}`);
      const rows = (await db.boardRow.findMany()).filter((row) => !isStale(row));
      expect(new Map(rows.map(({ variant, policyId, n }) => [`${variant} ${policyId}`, n]))).toEqual(seeds);
      expect(rows).toHaveLength(seeds.size);
      expect(await db.policy.count({ where: { builtIn: null } })).toBeLessThanOrEqual(1);
    }
  });
}

async function withDatabase<Value>(
  location: DatabaseLocation,
  use: (opened: OpenDatabase) => Promise<Value>,
): Promise<Value> {
  const opened = openDatabase(location);
  try {
    return await use(opened);
  } finally {
    await opened.close();
  }
}

/** The lines that the site streams about a submission's scoring; ends early when the site dies. */
async function* submissionLines({ address }: Process): AsyncGenerator<PolicyAnswer> {
  const body = JSON.stringify({ document: { kind: "schedule", momentum: "0.913" }, name: "Unlucky" });
  const response = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/x-ndjson" },
    body,
  });
  expect([200, 201]).toContain(response.status);
  try {
    for await (const line of createInterface(Readable.fromWeb(response.body as ReadableStream)))
      yield JSON.parse(line) as PolicyAnswer;
  } catch (error) {
    // undici reports a broken connection as "terminated".
    if (!(error instanceof Error && error.message === "terminated")) throw error;
  }
}

/** The scoring processes of a site: its children. */
const scorersOf = ({ pid }: ChildProcess): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

/** Kills the site, as a power cut would; its scoring process exits on its own. */
async function kill({ child }: Process): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

killed("PGlite", async (folder) => {
  const location = { folder: join(folder, "db") };
  await copyDatabase("installed", location.folder);
  return { location, stop: () => {} };
});

if (findPostgres()) {
  killed("PostgreSQL", async () => {
    const { url, stop } = await startPostgres();
    return { location: { url }, stop };
  });
} else if (process.env.CI === "true") {
  it("is tested on PostgreSQL too", () => {
    throw new Error("PostgreSQL is not installed: apt-get install postgresql");
  });
} else {
  it.skip("is tested on PostgreSQL too: not installed; apt-get install postgresql");
}
