/**
 * `npm run bench:site -- [--runs 1000000] [--policies 100000] [--users 50000] [--seconds 60]
 * [--database postgresql://…]`: the production site on PostgreSQL with years of generated data: reading at 200 requests
 * per second, publishing at 20 per second and in a burst, also while the server is killed. `--database` reuses a
 * database that an earlier run has filled. With `DMBENCH_DATASETS_DIR`, the burst publishes Fashion-MNIST runs (10,000 predictions per method),
 * otherwise digits. `--instances 10 [--publish 20] [--submit 2]` starts so many instances of the standalone
 * build instead (after `npm run build`), which are frozen and killed while so many runs and policies a second come in. Nothing here fails; RESULTS.md records the figures.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { PrismaPg } from "@prisma/adapter-pg";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Dataset } from "@/lib/datasets";
import type { Benchmark } from "@/lib/leaderboard";
import { benchmarks, readBoardView } from "@/lib/leaderboard";
import { boardPage } from "@/lib/server/boards/read";
import { openDatabase } from "@/lib/server/database/client";
import { migrate } from "@/lib/server/database/migrate";
import { seed } from "@/lib/server/database/seed";
import { openDataset } from "@/lib/server/datasets";
import { PrismaClient } from "@/prisma/generated/client";
import type { TestData } from "../../leaderboard/a-submission";
import { digits } from "../../support/digits";
import { startPostgres } from "../../support/postgres";
import { startSite } from "../../support/site";
import { fill } from "./fill";
import { benchInstances } from "./instances";
import { load, percentiles } from "./load";
import { lostAndDoubled, publishers, publishMany, timesOf } from "./publishing";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000000" },
    policies: { type: "string", default: "100000" },
    users: { type: "string", default: "50000" },
    seconds: { type: "string", default: "60" },
    port: { type: "string", default: "3190" },
    database: { type: "string" },
    instances: { type: "string" },
    publish: { type: "string", default: "20" },
    submit: { type: "string", default: "2" },
  },
});
const sizes = { runs: Number(values.runs), policies: Number(values.policies), users: Number(values.users) };
const seconds = Number(values.seconds);
const port = Number(values.port);

/** Typical pages: both divisions, sorted and filtered, the first page and a later one. */
const boards = ["", "&sort=esm", "&variant=bn", "&q=generated", "&kind=schedule&take=100"].flatMap((view) =>
  ["closed", "open"].map((division) => `/api/v1/benchmarks/digits-mlp?division=${division}${view}`),
);

const say = (name: string, value: string, goal = "") =>
  console.log(`${name.padEnd(58)} ${value.padStart(44)}  ${goal}`);
const ms = (value: number) => `${value.toFixed(0)} ms`;

if (values.instances) {
  const rates = { publishRate: Number(values.publish), submitRate: Number(values.submit) };
  await benchInstances(Number(values.instances), { seconds, ...rates, ...shown(await digits(), "digits-mlp") }, say);
  process.exit(0);
}

const postgres = values.database ? { url: values.database, stop: () => {} } : await startPostgres();
const folder = mkdtempSync(join(tmpdir(), "dmbench-bench-"));
const opened = openDatabase({ url: postgres.url });
try {
  const ofDigits = shown(await digits(), "digits-mlp");
  const { dataset } = ofDigits;
  const folderOfDatasets = process.env.DMBENCH_DATASETS_DIR;
  const large = folderOfDatasets ? shown(await openDataset("fashion-mnist"), "fashion-mnist-mlp") : ofDigits;
  await migrate(opened);
  await seed(opened.client);
  const from = performance.now();
  if (!values.database) await fill(opened.client, sizes, dataset);
  if (!values.database)
    say(
      `${sizes.runs} runs, ${sizes.policies} policies, ${sizes.users} users`,
      `${((performance.now() - from) / 1000).toFixed(0)} s`,
      "≤ 600 s",
    );
  const people = await publishers(opened.client, 100);

  const start = () =>
    startSite(port, folder, {
      DATABASE_URL: postgres.url,
      DMBENCH_PROXIES: "1",
      DMBENCH_AUDIT_SECONDS: "0", // what it publishes is made up
      ...(folderOfDatasets && { DMBENCH_DATASETS_DIR: folderOfDatasets }),
    });
  let site = await start();
  // A new site spends its first minute on reference runs; this one is years old.
  await setTimeout(10_000);
  for (let queue: { waiting: number; running: number } | null = null; queue?.waiting !== 0 || queue.running !== 0; ) {
    await setTimeout(500);
    queue = await (await fetch(`${site.address}/api/v1/scoring`)).json();
  }
  await load(site.address, boards, { seconds: 3 }); // warm-up

  await reading();
  await publishing();

  async function reading(): Promise<void> {
    const board = await load(site.address, boards, { rate: 200, seconds });
    say(
      "board API, asked for 200 a second",
      `${board.rate.toFixed(0)} a second, p50 ${ms(board.p50)}, p95 ${ms(board.p95)}, errors ${board.errors}`,
      "p95 ≤ 100 ms",
    );
    const alone = await load(site.address, boards, { seconds: 10, connections: 1 });
    const direct = await directly();
    say(
      "… one at a time, against the same queries in PostgreSQL",
      `${ms(alone.p50)} / ${direct.toFixed(1)} ms = ${(alone.p50 / direct).toFixed(1)} ×`,
      "≤ 3 ×",
    );
    const runs = await load(site.address, ["/api/v1/runs?take=20", "/api/v1/policies?take=20", "/api/v1/log?take=50"], {
      rate: 50,
      seconds: 10,
    });
    say("lists of runs, policies and the log, 50 a second", `p95 ${ms(runs.p95)}, errors ${runs.errors}`);
    const html = await load(site.address, ["/leaderboard/digits-mlp"], { rate: 5, seconds: 20, connections: 1 });
    say(
      "first HTML of a board, one visitor after the other",
      `p50 ${ms(html.p50)}, p95 ${ms(html.p95)}, errors ${html.errors}`,
      "p95 ≤ 200 ms",
    );
  }

  async function publishing(): Promise<void> {
    const address = () => site.address;
    const steady = await publishMany(address, people, {
      ...ofDigits,
      count: 20 * seconds,
      rate: 20,
      from: 2_000_000,
      db: opened.client,
    });
    say("publishing, 20 a second", `p50 ${ms(timesOf(steady).p50)}, p95 ${ms(timesOf(steady).p95)}`, "p95 ≤ 400 ms");
    const burst = await publishMany(address, people, {
      ...large,
      count: 500,
      rate: 500,
      from: 3_000_000,
      db: opened.client,
    });
    say(
      `publishing, a burst of 500 of ${large.dataset.testLabels.length} examples`,
      `p50 ${ms(timesOf(burst).p50)}, p95 ${ms(timesOf(burst).p95)}`,
    );
    const draw = xoroshiro128plus(7);
    let ended = false;
    const killing = (async () => {
      for (let kills = 0; kills < 3 && !ended; kills += 1) {
        await setTimeout(2000 + (Math.abs(draw.next()) % 4000));
        await site.kill();
        site = await start();
      }
    })();
    const killed = await publishMany(address, people, {
      ...ofDigits,
      count: 10 * seconds,
      rate: 20,
      from: 4_000_000,
      db: opened.client,
    });
    ended = true;
    await killing;
    for (const [name, published] of [
      ["steady", steady],
      ["burst", burst],
      ["kill -9, three times", killed],
    ] as const) {
      const { lost, doubled } = await lostAndDoubled(opened.client, published);
      say(
        `… ${name}: ${published.acknowledged.size} acknowledged in ${published.tries} tries`,
        `${lost} lost, ${doubled} doubled`,
        "none",
      );
    }
    await site.stop();
  }
} finally {
  await opened.close();
  postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

/** A data set as the server uses it for scoring, with a benchmark on it. */
function shown({ info, hash, subset, test }: Dataset, slug: string): { dataset: TestData; benchmark: Benchmark } {
  return {
    dataset: {
      slug: info.slug,
      version: info.version,
      subset,
      hash,
      classes: info.classes.length,
      testLabels: test.labels,
    },
    benchmark: benchmarks.find((known) => known.slug === slug)!,
  };
}

/** Milliseconds in PostgreSQL alone, median: the statements of one board, as the server sends them. */
async function directly(): Promise<number> {
  const statements: { query: string; params: unknown[] }[] = [];
  const client = new PrismaClient({
    adapter: new PrismaPg({ connectionString: postgres.url }),
    log: [{ emit: "event", level: "query" }],
  });
  client.$on("query", ({ query, params }) => statements.push({ query, params: JSON.parse(params) as unknown[] }));
  await boardPage("digits-mlp", readBoardView({ division: "closed" }), { take: 50 }, client);
  const recorded = [...statements];
  const times: number[] = [];
  for (let round = 0; round < 40; round += 1) {
    let total = 0;
    for (const { query, params } of recorded) {
      const plan = await client.$queryRawUnsafe<
        { "QUERY PLAN": { "Execution Time": number; "Planning Time": number }[] }[]
      >(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${query}`, ...params);
      const [{ "Execution Time": execution, "Planning Time": planning }] = plan[0]!["QUERY PLAN"] as [
        { "Execution Time": number; "Planning Time": number },
      ];
      total += execution + planning;
    }
    times.push(total);
  }
  await client.$disconnect();
  return percentiles(times).p50;
}
