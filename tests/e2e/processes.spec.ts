/**
 * The site's process: interrupted at its first start, told to stop, overrun, with a damaged file, killed.
 * `DMBENCH_KILLS` sets how often it is interrupted and killed; by default twice and once.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { ClientRequest } from "node:http";
import { request } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@playwright/test";
import type { TestData } from "../leaderboard/a-submission";
import { aSubmission } from "../leaderboard/a-submission";
import { digits } from "../support/digits";
import { findPostgres, startPostgres } from "../support/postgres";
import { signIn, signUp } from "../support/sign-in";
import type { Site } from "../support/site";
import { spawnSite, startSite } from "../support/site";
import { placeOf } from "./places";

const { port, dataFolder } = placeOf("processes");
const kills = process.env.DMBENCH_KILLS ? Number(process.env.DMBENCH_KILLS) : null;

test.describe.configure({ mode: "serial" });
test.setTimeout(900_000 + 60_000 * (kills ?? 0)); // starts the site again and again, on a machine that may be busy

let dataset: TestData;
let site: Site | undefined;

test.beforeAll(async () => {
  const { info, hash, subset, test: tested } = await digits();
  const { slug, version, classes } = info;
  dataset = { slug, version, subset, hash, classes: classes.length, testLabels: tested.labels };
});
test.afterEach(async () => {
  await site?.kill();
  site = undefined;
});

/** A new account's token to publish with. */
async function publisher(address: string): Promise<string> {
  const name = `publisher-${crypto.randomUUID().slice(0, 8)}`;
  await signUp(address, name);
  const answer = await fetch(`${address}/api/v1/tokens`, {
    method: "POST",
    headers: { cookie: await signIn(address, name), origin: address, "content-type": "application/json" },
    body: JSON.stringify({ name: "test", scopes: ["submit:runs"] }),
  });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { token: string }).token;
}

interface Sent {
  sent: ClientRequest;
  answer: Promise<{ status: number; retryAfter: string | undefined; body: unknown }>;
}

/** A publication on a connection of its own, whose body the caller sends. */
function publication(token: string, bytes: number): Sent {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "content-length": bytes };
  const sent = request({ port, method: "POST", path: "/api/v1/runs", agent: false, headers });
  const answer = new Promise<Awaited<Sent["answer"]>>((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      json(response).then((body) => resolve({ status, retryAfter: answered["retry-after"], body }), reject);
    });
  });
  return { sent, answer };
}

test("a first start that is interrupted at a random moment is made good by the next one", async () => {
  const ways = (["SIGKILL", "SIGTERM", "SIGINT"] as const).flatMap((signal) => [
    { signal, toAll: false },
    { signal, toAll: true },
  ]);
  const firstWay = Math.floor(Math.random() * ways.length);
  const folder = join(dataFolder, "first-start");
  let readyMs = 5000; // how long the last start took
  for (let kill = 0; kill < (kills ?? 2); kill += 1) {
    const { signal, toAll } = ways[(firstWay + kill) % ways.length]!;
    const afterMs = Math.random() * 1.3 * readyMs; // once it is ready, it records reference runs
    const interruption = `${signal} to ${toAll ? "all" : "npm"} after ${afterMs.toFixed(0)} ms`;
    await test.step(interruption, async () => {
      rmSync(folder, { recursive: true, force: true });
      const { npm, printed, signalAll } = spawnSite(port, folder);
      const ended = once(npm, "exit");
      let last: string | undefined;
      try {
        await sleep(afterMs);
        last = printed().trim().split("\n").at(-1);
        if (toAll) signalAll(signal);
        else npm.kill(signal);
        await ended;
        const begin = performance.now();
        site = await startSite(port, folder);
        readyMs = performance.now() - begin;
      } finally {
        signalAll("SIGKILL");
      }
      for (const page of ["/", "/leaderboard/digits-mlp", "/policies", "/train"])
        expect((await fetch(site.address + page)).status, page).toBe(200);
      await publisher(site.address); // signs up and in
      await site.kill();
      console.log(`${interruption}, when it had printed ${JSON.stringify(last)}: made good`);
    });
  }
});

test("told to stop, it finishes what is in flight and exits with 0", async () => {
  const { npm } = spawnSite(port, dataFolder);
  const ended = once(npm, "exit");
  const address = `http://localhost:${port}`;
  while (!(await fetch(`${address}/api/v1/ready`).catch(() => null))?.ok) await sleep(200);
  const token = await publisher(address);
  const bodies = Array.from({ length: 20 }, (_, seed) => JSON.stringify(aSubmission({ dataset, seed: 1000 + seed })));
  const publications = bodies.map((body) => publication(token, Buffer.byteLength(body)));
  // Some are sent whole before the signal, some reach the site in two parts with the signal in between.
  publications.forEach(({ sent }, i) => {
    if (i % 2 === 0) sent.end(bodies[i]!);
    else sent.write(bodies[i]!.slice(0, 500));
  });
  await Promise.all(publications.map(({ sent }) => once(sent, "socket").then(([socket]) => once(socket, "connect"))));
  await sleep(50);
  process.kill(npm.pid!, "SIGTERM");
  await sleep(300);
  publications.forEach(({ sent }, i) => void (i % 2 === 1 && sent.end(bodies[i]!.slice(500))));
  const answers = await Promise.all(publications.map(({ answer }) => answer));
  expect(answers.map(({ status }) => status)).toEqual(Array<number>(20).fill(201));
  expect(await ended).toEqual([0, null]);
  await expect(fetch(address)).rejects.toThrow();
});

test("300 half-sent requests of one token, or of 300 unknown ones, keep nobody else waiting", async () => {
  site = await startSite(port, dataFolder);
  const timed = async (count: number): Promise<number[]> => {
    const times: number[] = [];
    for (let i = 0; i < count; i += 1) {
      const from = performance.now();
      const answer = await fetch(`${site!.address}/`);
      await answer.text();
      expect(answer.status).toBe(200);
      times.push(performance.now() - from);
    }
    return times.sort((a, b) => a - b);
  };
  await timed(5); // warm
  const before = await timed(20);
  const one = await publisher(site.address);
  const kinds = [
    { whose: "of one token", token: () => one, places: 32 },
    { whose: "of 300 unknown tokens", token: () => `dmb_${randomBytes(32).toString("base64url")}`, places: 64 },
  ];
  for (const { whose, token, places } of kinds) {
    const half = Array.from({ length: 300 }, () => publication(token(), 5000));
    const refused: Awaited<(typeof half)[number]["answer"]>[] = [];
    for (const { sent, answer } of half) {
      answer.then((refusal) => refused.push(refusal)).catch(() => {}); // those that wait outside are cut off below
      sent.write('{"record":');
    }
    const during = await timed(40);
    // All but `places` are refused: not always the last ones, since connections may overtake each other.
    await expect.poll(() => refused.length).toBeGreaterThanOrEqual(300 - places);
    expect(refused.filter(({ status, retryAfter }) => status !== 429 || retryAfter !== "1")).toEqual([]);
    for (const { sent } of half) sent.destroy();
    await sleep(1000); // until the site has noticed
    const p95 = (times: number[]): string => `${times[Math.floor(0.95 * times.length)]!.toFixed(0)} ms`;
    const slowest = `${during.at(-1)!.toFixed(0)} ms`;
    console.log(`GET / at p95: ${p95(before)} before, ${p95(during)} with 300 half-sent ${whose}; slowest ${slowest}`);
  }
});

test("a damaged file is never served", async () => {
  site = await startSite(port, dataFolder);
  const { address } = site;
  const token = await publisher(address);
  const body = JSON.stringify(aSubmission({ dataset, seed: 77 }));
  const { sent, answer } = publication(token, Buffer.byteLength(body));
  sent.end(body);
  const { id } = (await answer).body as { id: string };
  const { trajectories } = (await (await fetch(`${address}/api/v1/trajectories`)).json()) as {
    trajectories: { url: string | null; sha256: string }[];
  };
  const trajectory = trajectories.find(({ url }) => url)!;
  const artifacts = join(dataFolder, "artifacts");
  const newest = readdirSync(join(artifacts, "predictions"))
    .map((name) => join(artifacts, "predictions", name))
    .find((file) => readFileSync(file).includes("bn/keras-default"))!;
  for (const [file, url] of [
    [newest, `/api/v1/runs/${id}/predictions`],
    [join(artifacts, "trajectories", `${trajectory.sha256}.safetensors`), trajectory.url!],
  ] as const) {
    const intact = await fetch(address + url);
    expect(intact.status).toBe(200);
    expect(intact.headers.get("cache-control")).toContain("immutable");
    await intact.arrayBuffer();
    const bytes = readFileSync(file);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    writeFileSync(file, bytes);
    const damaged = await fetch(address + url);
    expect(damaged.status).toBe(503);
    expect(damaged.headers.get("cache-control")).toBe("no-store");
    expect(await damaged.json()).toMatchObject({ type: "urn:dmbench:problem:file-damaged" });
  }
});

const databases: [string, () => Promise<{ settings: Record<string, string>; stop: () => void }>][] = [
  ["the embedded database", async () => ({ settings: {}, stop: () => {} })],
  [
    "PostgreSQL",
    async () => {
      const { url, stop } = await startPostgres();
      return { settings: { DATABASE_URL: url }, stop };
    },
  ],
];
for (const [where, start] of databases) {
  test(`kill -9 while runs are published on ${where} loses none and doubles none`, async () => {
    test.skip(where === "PostgreSQL" && !findPostgres(), "PostgreSQL is not installed: apt-get install postgresql");
    const { settings, stop } = await start();
    const folder = join(dataFolder, "killed");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    try {
      site = await startSite(port, folder, settings);
      const tokens = await Promise.all(Array.from({ length: 4 }, () => publisher(site!.address)));
      const acknowledged = new Map<string, string>();
      let tries = 0;
      let publishing = true;
      const send = async (index: number): Promise<{ id: string; created: boolean } | null> => {
        const key = keys[index]!;
        const body = JSON.stringify({ ...aSubmission({ dataset, seed: index }), idempotencyKey: key });
        const sent = await fetch(`http://localhost:${port}/api/v1/runs`, {
          method: "POST",
          headers: { authorization: `Bearer ${tokens[index % 4]}`, "content-type": "application/json" },
          body,
        }).catch(() => null);
        return sent?.ok ? ((await sent.json().catch(() => null)) as { id: string; created: boolean } | null) : null;
      };
      const keys: string[] = [];
      const publishers = Array.from({ length: 8 }, async () => {
        while (publishing) {
          const index = keys.push(crypto.randomUUID()) - 1;
          for (let answer = null; !answer; ) {
            tries += 1;
            answer = await send(index);
            if (answer) acknowledged.set(keys[index]!, answer.id);
            else await sleep(200);
          }
          await sleep(150);
        }
      });
      for (let kill = 0; kill < (kills ?? 1); kill += 1) {
        await sleep(500 + 2000 * Math.random());
        await site.kill();
        site = await startSite(port, folder, settings);
      }
      publishing = false;
      await Promise.all(publishers);
      await site.kill(); // what was acknowledged until now must be there
      site = await startSite(port, folder, settings);
      let lost = 0;
      for (const [index, key] of keys.entries()) {
        let again = await send(index);
        while (!again) {
          await sleep(1000); // a rate limit
          again = await send(index);
        }
        if (again.created || again.id !== acknowledged.get(key)) lost += 1;
      }
      let stored = 0;
      for (let next: string | null = "/api/v1/runs?take=100"; next; ) {
        const page = (await (await fetch(`${site.address}${next}`)).json()) as { runs: object[]; next: string | null };
        stored += page.runs.length;
        next = page.next;
      }
      const doubled = stored - keys.length;
      console.log(
        `${where}: ${kills ?? 1} kills, ${acknowledged.size} acknowledged in ${tries} tries, ${lost} lost, ${doubled} doubled`,
      );
      expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 });
    } finally {
      await site?.kill();
      site = undefined;
      stop();
    }
  });
}
