/**
 * A site of three instances that may write nowhere, on PostgreSQL and a bucket: a newcomer's path through all of them, and
 * users whose instances are frozen and killed. `npm run bench:site -- --instances 10` does the same for minutes.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { chromium, expect as expectPage } from "@playwright/test";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { benchmarks } from "@/lib/leaderboard";
import type { OpenDatabase } from "@/lib/server/database/client";
import { openDatabase } from "@/lib/server/database/client";
import { lostAndDoubled, publishers, publishMany } from "../bench/site/publishing";
import { chromiumFlags, findChromium } from "../support/chromium";
import { digits } from "../support/digits";
import { findPostgres } from "../support/postgres";
import { signUpInDialog } from "../support/sign-in";
import type { Instances } from "./instances";
import { cronSecret, noFaults, startInstances } from "./instances";
import { openSessions, staleRows, startCron, submitMany } from "./traffic";

const board = "digits-mlp";
const browser = await findChromium();

describe.skipIf(!findPostgres())("three instances", () => {
  let site: Instances;
  let opened: OpenDatabase;
  beforeAll(async () => {
    const root = fileURLToPath(new URL("../..", import.meta.url));
    const build = spawnSync("npm", ["run", "-s", "build"], { cwd: root, stdio: "inherit" });
    if (build.status !== 0) throw new Error("the site can't be built; see above");
    site = await startInstances(3, { settings: { DMBENCH_RECORD: board, DMBENCH_RECORD_RUNS: "2" } });
    opened = openDatabase({ url: site.database, connections: 2 });
  }, 600_000);
  afterAll(async () => {
    await opened?.close();
    await site?.stop();
  });

  const ask = async <Answer>(path: string): Promise<Answer> =>
    (await (await fetch(`${site.address}${path}`)).json()) as Answer;

  it("answers the same from each instance, and does background work for a cron service alone", async () => {
    const { version } = await ask<{ version: string }>("/api/v1/health");
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    const etags = new Set<string | null>();
    for (let turn = 0; turn < 3; turn += 1) {
      const answer = await fetch(`${site.address}/api/v1/benchmarks/${board}`);
      expect(answer.status).toBe(200);
      etags.add(answer.headers.get("etag"));
      expect(answer.headers.get("cache-control")).toMatch(/^public, .*s-maxage=5, stale-while-revalidate=60$/);
      expect(answer.headers.get("vary")).not.toMatch(/cookie|authorization|origin/i); // a CDN stores one for all
    }
    expect(etags.size).toBe(1);
    const work = (secret: string) =>
      fetch(`${site.address}/api/v1/work?seconds=30`, { headers: { authorization: `Bearer ${secret}` } });
    expect((await work("of somebody else")).status).toBe(401);
    const done = await work(cronSecret);
    expect([done.status, await done.json()]).toEqual([200, { left: expect.any(Number) }]);
  });

  it.skipIf(!browser)("lets a newcomer train, publish and find the run, whichever instance answers", async () => {
    const chrome = await chromium.launch({ executablePath: browser!.program, args: chromiumFlags });
    try {
      const page = await (await chrome.newContext()).newPage();
      page.setDefaultTimeout(120_000);
      const see = expectPage.configure({ timeout: 120_000 });
      await page.goto(`${site.address}/train?benchmark=${board}&backend=wasm`);
      await page.getByRole("button", { name: "Train", exact: true }).click();
      await see(page.getByRole("heading", { name: /^\d+ methods? on 2 runs/ })).toBeVisible();
      await page.getByRole("button", { name: "Publish 2 runs" }).click();
      await signUpInDialog(page, "newcomer");
      await see(page.getByRole("heading", { name: "Published" })).toBeVisible();
      await page.getByRole("link", { name: "See it among runs by users" }).click();
      await see(page.getByRole("rowheader", { name: /^DMBN/ }).first()).toBeVisible();
      for (let turn = 0; turn < 3; turn += 1) {
        await page.goto(`${site.address}/u/newcomer`);
        await see(page.getByRole("heading", { name: "newcomer" })).toBeVisible();
        await page.getByRole("table").getByRole("link").first().click();
        await see(page.getByRole("rowheader", { name: "DMBN", exact: true })).toBeVisible();
      }
    } finally {
      await chrome.close();
    }
  });

  it("loses nothing, doubles nothing and leaves nothing stale while instances are frozen and killed", async () => {
    const db = opened.client;
    site.startWorker("record"); // functions live too short to train held-out runs
    const people = await publishers(db, 20);
    const { info, hash, subset, test } = await digits();
    const dataset = { ...info, classes: info.classes.length, subset, hash, testLabels: test.labels };
    const stopCron = startCron(site.address, { secret: cronSecret, everySeconds: 5, seconds: 10 });
    let sessions = 0;
    const watch = setInterval(
      () =>
        void openSessions(db).then(
          (now) => (sessions = Math.max(sessions, now)),
          () => {},
        ),
      500,
    );
    site.faults = { freezeEvery: 4, killEvery: 15 };
    const [published, policies] = await Promise.all([
      publishMany(() => site.address, people, {
        dataset,
        benchmark: benchmarks.find((known) => known.slug === board)!,
        count: 60,
        rate: 3,
        from: 1000,
        db,
      }),
      submitMany(site.address, people, { count: 6, rate: 0.3, benchmark: board }),
    ]);
    site.faults = noFaults;
    clearInterval(watch);
    await expect.poll(() => staleRows(db)).toMatchObject({ rows: 0 });
    const { id: benchmarkId } = await db.benchmark.findFirstOrThrow({ where: { slug: board } });
    const heldOut = () => db.trajectory.count({ where: { benchmarkId, visibility: "held_out" } });
    await expect.poll(heldOut, { timeout: 240_000 }).toBe(4); // two runs in two variants
    const left = () => db.job.count({ where: { failedAt: null } });
    await expect.poll(left, { timeout: 240_000 }).toBe(0);
    await stopCron();

    console.log(
      `${site.counts.frozen} freezes, ${site.counts.killed} kills: ${published.acknowledged.size} runs acknowledged in ` +
        `${published.tries} tries, ${policies.length} policies; ${sessions} sessions of PostgreSQL at most`,
    );
    expect(Math.min(site.counts.frozen, site.counts.killed)).toBeGreaterThan(0);
    expect(await lostAndDoubled(db, published)).toEqual({ lost: 0, doubled: 0 });
    const [id] = published.acknowledged.values();
    const predictions = await fetch(`${site.address}/api/v1/runs/${id}/predictions`, { redirect: "manual" });
    expect([predictions.status, predictions.headers.get("location")?.startsWith(site.bucket.url)]).toEqual([307, true]);
    expect(await db.trajectory.count({ where: { damage: { not: null } } })).toBe(0);
    expect(await db.logEntry.count({ where: { action: { in: ["trajectory.refused", "trajectory.lost"] } } })).toBe(0);
    const runs = await db.trajectory.count({ where: { benchmarkId } });
    for (const { slug } of policies)
      expect(await db.score.count({ where: { policy: { slug }, trajectory: { benchmarkId } } })).toBe(runs);
    expect(await db.job.count({ where: { failedAt: { not: null } } })).toBe(0);
    expect(sessions).toBeLessThanOrEqual(40);
  });

  it("has written no file", () => expect(site.writtenFiles()).toEqual([]));
});

it.skipIf(!findPostgres())(
  "an instance that scores in processes works on the queue before anybody asks it",
  async () => {
    const settings = { DMBENCH_SCORING: "process", DMBENCH_RECORD: "digits-mlp-short", DMBENCH_RECORD_RUNS: "1" };
    const alone = await startInstances(1, { settings });
    const { client, close } = openDatabase({ url: alone.database, connections: 1 });
    try {
      await expect.poll(() => client.trajectory.count({ where: { visibility: "held_out" } })).toBe(2); // two variants
      expect(alone.writtenFiles()).toEqual([]);
    } finally {
      await close();
      await alone.stop();
    }
  },
);
