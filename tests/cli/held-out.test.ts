/** `dmbench snapshot` and `retire`, as whoever runs a site types them, on a site with ten held-out runs. */
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import type { Snapshot } from "@/lib/leaderboard";
import { folderStore } from "@/lib/server/artifacts";
import { openDatabase } from "@/lib/server/database/client";
import { startScorer } from "@/lib/server/scoring/scorer";
import { startWorker } from "@/lib/server/scoring/worker";
import { copyDatabase } from "../server/databases";
import { dmbench, scratch, startProcess } from "./command";

const slug = "digits-mlp-short"; // trains fastest
const policies = ["dmbn", "keras-default", "pytorch-default", "nasnet"];

it("ranks the board's methods on fresh runs, goes on after Ctrl-C, and retires runs", {
  timeout: 900_000,
}, async () => {
  const site = scratch();
  const env = { DMBENCH_DATA_DIR: site, DATABASE_URL: "" };
  await copyDatabase("installed", join(site, "db"));
  let opened = openDatabase({ folder: join(site, "db") });
  const scorers = { prompt: startScorer(), background: [startScorer(), startScorer()] };
  const { client: db } = opened;
  await db.policy.updateMany({ where: { slug: { notIn: policies } }, data: { hiddenAt: new Date() } });
  const worker = startWorker({
    db,
    store: folderStore(join(site, "artifacts")),
    scorers,
    folders: [],
    results: "nowhere",
    plan: async () => [{ slug, version: 1, runs: 10 }],
    serving: () => false,
    share: 1,
    auditSeconds: 0,
    alone: true,
    always: true,
  });
  await worker.scan();
  await worker.work("background");
  await vi.waitFor(async () => expect(await db.job.count({ where: { failedAt: null } })).toBe(0), {
    timeout: 300_000,
    interval: 500,
  });
  await worker.stop();
  for (const scorer of [scorers.prompt, ...scorers.background]) scorer.stop();
  const rows = await db.boardRow.findMany({
    where: { division: "closed", sameAs: null },
    select: {
      variant: true,
      accuracyMean: true,
      accuracyLow: true,
      accuracyHigh: true,
      bandFirst: true,
      bandLast: true,
      policy: true,
    },
  });
  const ranked = new Set((await db.trajectory.findMany({ select: { seed: true } })).map(({ seed }) => Number(seed)));
  await opened.close();

  const file = join(site, "today.json");
  const argv = ["snapshot", "--benchmark", slug, "--out", file];
  const interrupted = startProcess(argv, { env });
  const partial = `${file}.partial`;
  await vi.waitFor(() => expect(existsSync(partial)).toBe(true), { timeout: 120_000, interval: 50 });
  interrupted.kill("SIGINT");
  expect(await once(interrupted, "close")).toEqual([130, null]);
  expect(existsSync(file)).toBe(false);
  const done = (JSON.parse(readFileSync(partial, "utf8")) as { runs: { seed: number }[] }).runs.map(({ seed }) => seed);
  expect(done.length).toBeGreaterThan(0);

  const other = await dmbench([...argv, "--methods", "2"], { env });
  expect(other).toMatchObject({ code: 1, err: expect.stringContaining("has runs of another snapshot") });
  const taken = await dmbench(argv, { env });
  expect(taken, taken.err).toMatchObject({ code: 0, err: "" });
  expect(taken.out).toMatch(/today\.json and .*today\.md: on 10 fresh runs \d+ of \d+ methods have another place/);
  expect(
    readdirSync(site)
      .filter((name) => name.startsWith("today"))
      .sort(),
  ).toEqual(["today.json", "today.md"]);

  const snapshot = JSON.parse(readFileSync(file, "utf8")) as Snapshot;
  const { fresh, methods } = snapshot;
  expect(snapshot).toMatchObject({ format: "dmbench-snapshot-1", benchmark: { slug, version: 1 } });
  expect(snapshot.board.runs).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(fresh.seeds.slice(0, done.length)).toEqual(done);
  expect(new Set(fresh.seeds).size).toBe(10);
  for (const seed of fresh.seeds) expect(ranked.has(seed)).toBe(false);
  // All methods of the board are in it, so on the board's runs they have the board's ranks.
  expect(methods.map(({ method }) => method).sort()).toEqual(
    rows.map(({ variant, policy }) => `${variant}/${policy.slug}`).sort(),
  );
  for (const { method, board } of methods) {
    const row = rows.find(({ variant, policy }) => `${variant}/${policy.slug}` === method)!;
    expect(board.ranks).toEqual({ from: row.bandFirst, to: row.bandLast });
    expect(board.mean).toBeCloseTo(row.accuracyMean, 12);
    expect(board.low).toBeCloseTo(row.accuracyLow!, 12);
    expect(board.high).toBeCloseTo(row.accuracyHigh!, 12);
  }
  const behind = methods.find(({ method }) => method === "bn/nasnet")!;
  expect(behind.fresh.place).toBeGreaterThan(methods.length / 2);
  const table = readFileSync(join(site, "today.md"), "utf8");
  for (const { name } of methods) expect(table).toContain(`| ${name} (`);

  // What it says of a fresh run is what anybody gets who trains that seed.
  const seed = fresh.seeds[0]!;
  const runs = join(site, "again");
  const recorded = await dmbench([
    "trajectory",
    "--benchmark",
    slug,
    "--seeds",
    String(seed),
    "--variants",
    "bn",
    "--out",
    runs,
  ]);
  expect(recorded.code, recorded.err).toBe(0);
  const scored = await dmbench([
    ...["score", "--policy", "dmbn", "--json", "--trajectory"],
    join(runs, `${slug}-v1/bn-${seed}.safetensors`),
  ]);
  const { scores } = JSON.parse(scored.out) as { scores: { accuracy: number }[] };
  expect(methods.find(({ method }) => method === "bn/dmbn")!.fresh.accuracies[0]).toBe(scores[0]!.accuracy);

  expect(await dmbench(argv, { env })).toMatchObject({ code: 1, err: expect.stringContaining("is there already") });

  const retired = await dmbench(["retire", "--benchmark", slug, "--runs", "3,5"], { env });
  expect(retired, retired.err).toMatchObject({ code: 0, err: "" });
  expect(retired.out).toMatch(/^Retired 2 held-out runs of digits-mlp-short: 3, 5\. /);
  opened = openDatabase({ folder: join(site, "db") });
  const entry = await opened.client.logEntry.findFirstOrThrow({ where: { action: "trajectory.retired" } });
  const stored = await opened.client.trajectory.findMany({ select: { seed: true } });
  await opened.close();
  expect(stored.filter((run) => fresh.seeds.includes(Number(run.seed)))).toEqual([]);

  // The log's seed gives the file that was announced, to the bit.
  const { seed: shown, sha256: hash, variant } = entry.detail as { seed: number; sha256: string; variant: string };
  const again = await dmbench([
    "trajectory",
    "--benchmark",
    slug,
    "--seeds",
    String(shown),
    "--variants",
    variant,
    "--out",
    runs,
  ]);
  expect(again.out).toContain(hash);

  const few = await dmbench(["snapshot", "--benchmark", slug, "--out", join(site, "few.json")], { env });
  expect(few).toMatchObject({
    code: 1,
    err: expect.stringMatching(/at least 10 held-out runs, found 8 on digits-mlp-short/),
  });
});

it("says what is wrong with a request, and does nothing", async () => {
  const site = scratch();
  const env = { DMBENCH_DATA_DIR: site, DATABASE_URL: "" };
  writeFileSync(join(site, "there.json"), "{}");
  const cases: [argv: string[], code: number, words: RegExp][] = [
    [["retire", "--benchmark", slug], 2, /expected --runs with the numbers of runs, or --all/],
    [["retire", "--benchmark", slug, "--runs", "3", "--all"], 2, /cannot be used with option '--all'/],
    [["retire", "--benchmark", slug, "--runs", "0"], 2, /Expected whole numbers from 1 such as 3 or 3,5, found 0/],
    [["retire", "--benchmark", "digits-mpl", "--all"], 2, /Did you mean digits-mlp\?/],
    [["retire", "--benchmark", slug, "--all"], 1, /There is no database in .*DMBENCH_DATA_DIR/],
    [["snapshot", "--benchmark", slug], 2, /required option '--out <file>'/],
    [["snapshot", "--benchmark", slug, "--out", join(site, "a.txt")], 2, /expected a name that ends in \.json/],
    [["snapshot", "--benchmark", slug, "--out", join(site, "a.json"), "--runs", "9"], 2, /Expected at least 10/],
    [["snapshot", "--benchmark", slug, "--out", join(site, "there.json")], 1, /is there already/],
  ];
  for (const [argv, code, words] of cases) {
    const { err, ...rest } = await dmbench(argv, { env });
    expect.soft(rest, argv.join(" ")).toEqual({ code, out: "" });
    expect.soft(err).toMatch(words);
    expect.soft(err).not.toContain("    at "); // a stack
  }
});
