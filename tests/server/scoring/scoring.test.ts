import { createHmac } from "node:crypto";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { endpoints } from "@/app/api/endpoints";
import type { PolicyAnswer, SubmitParts } from "@/app/api/v1/policies/submit";
import { submit } from "@/app/api/v1/policies/submit";
import { builtInPolicies, isPeriodic } from "@/lib/dmbn/policy";
import { rightAnswers } from "@/lib/evaluation";
import { benchmarks, scorerVersion } from "@/lib/leaderboard";
import { encodeTrajectory } from "@/lib/records";
import { sha256 } from "@/lib/server/artifacts";
import { listBenchmarks } from "@/lib/server/boards/benchmarks";
import { compareMethods } from "@/lib/server/boards/compare";
import { boardPage } from "@/lib/server/boards/read";
import { refreshStaleBoards } from "@/lib/server/boards/refresh";
import { testData } from "@/lib/server/datasets";
import { socketAddressHeader } from "@/lib/server/limits/client-address";
import { user as userPage } from "@/lib/server/people/users";
import { listPolicies, policy } from "@/lib/server/policies/read";
import { recentRuns } from "@/lib/server/runs/read";
import { listTrajectories, trajectoryFile } from "@/lib/server/scoring/public-trajectories";
import { catchUp } from "@/lib/server/scoring/score-trajectory";
import type { Scorer } from "@/lib/server/scoring/scorer";
import { startScorer } from "@/lib/server/scoring/scorer";
import { scoringOf, scoringQueue } from "@/lib/server/scoring/state";
import { TrajectoryDamaged } from "@/lib/server/scoring/trajectories";
import type { Worker } from "@/lib/server/scoring/worker";
import { startWorker } from "@/lib/server/scoring/worker";
import { examplesOf, planRun, scorePolicies, TrainingRun } from "@/lib/training";
import { figuresOf } from "@/lib/training/make-record";
import { trajectoryOf } from "@/lib/training/trajectory";
import { eachBackend } from "../../support/backends";
import { digits } from "../../support/digits";
import { onEachDatabase } from "../databases";
import { copyRuns } from "./shipped-runs";

const scorers = { prompt: startScorer(), background: [startScorer(), startScorer()] };
afterAll(() => {
  for (const scorer of [scorers.prompt, ...scorers.background]) scorer.stop();
});

const slug = "digits-mlp";

/** Fewer than ranks need; more would add nothing but time. */
const heldOutRuns = 3;
const publicRuns = 2;
const numbers = (runs: number) => Array.from({ length: runs }, (_, index) => index + 1);

/** How a key might be printed. */
const spellings = (key: Uint8Array): string[] =>
  (["hex", "base64", "base64url"] as const).map((encoding) => Buffer.from(key).toString(encoding));

/** Periodic policies can be scored only while training. */
const replayable = builtInPolicies.filter(({ document }) => !isPeriodic(document));
const variants = ["bn", "bn-bfn"];
/** Recorded runs, each of which a policy is scored on. */
const recorded = variants.length * (heldOutRuns + publicRuns);

onEachDatabase("the Closed division", (installation) => {
  const workers: Worker[] = [];
  let worker: Worker;
  let ada: { id: string };
  let shipped: string;

  const workerWith = (changed: Partial<Parameters<typeof startWorker>[0]> = {}): Worker => {
    const { db, store } = installation();
    const started = startWorker({
      db,
      store,
      scorers,
      folders: [shipped],
      results: "nowhere",
      plan: async () => [{ slug, version: 1, runs: heldOutRuns }],
      serving: () => false,
      share: 1,
      auditSeconds: 0,
      alone: true,
      always: true,
      ...changed,
    });
    workers.push(started);
    return started;
  };
  afterAll(() => Promise.all(workers.map((started) => started.stop())));
  /** Waits until the queue is empty. A job that failed is retried some seconds later. */
  const queueEmpty = async (working: Worker = worker) => {
    await working.work("background");
    await working.work("prompt");
    await vi.waitFor(async () => expect(await installation().db.job.count({ where: { failedAt: null } })).toBe(0), {
      timeout: 120_000,
      interval: 200,
    });
  };

  const send = (
    body: unknown,
    {
      as = ada,
      accept = "application/json",
      wake = () => void worker.work("prompt"),
      scorer = scorers.prompt as Scorer,
      patienceMs = 600_000,
    }: { as?: { id: string } | null; accept?: string } & Partial<Omit<SubmitParts, "db">> = {},
  ) => {
    const parts: SubmitParts = { db: installation().db, scorer, wake, patienceMs };
    return submit(() => parts).handle(
      new Request("http://site/api/v1/policies", {
        method: "POST",
        headers: { "content-type": "application/json", accept, [socketAddressHeader]: "127.0.0.1" },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
      { caller: as && { ...as, name: "", role: "user", scopes: null }, db: installation().db },
    );
  };

  beforeAll(async () => {
    vi.stubEnv("DMBENCH_DATA_DIR", installation().folder); // where endpoints find files
    shipped = join(installation().folder, "shipped");
    copyRuns(shipped, { public: publicRuns, held_out: 0 });
    ada = await installation().db.user.create({ data: { name: "ada" } });
    worker = workerWith();
    await worker.scan();
    await queueEmpty();
  }, 600_000);

  it("starts on its own: imports public runs, records held-out ones, scores every built-in policy on all", async () => {
    const { db } = installation();
    expect(worker.refused()).toEqual([]);
    const listed = await listTrajectories({ benchmark: slug }, db);
    expect(listed.map(({ visibility, variant, number }) => `${visibility} ${variant} ${number}`).sort()).toEqual(
      [["held-out", heldOutRuns] as const, ["public", publicRuns] as const]
        .flatMap(([visibility, runs]) =>
          variants.flatMap((variant) => numbers(runs).map((number) => `${visibility} ${variant} ${number}`)),
        )
        .sort(),
    );
    expect(await db.score.count()).toBe(recorded * replayable.length);
    expect(await scoringQueue(db)).toEqual({ waiting: 0, running: 0, failed: [] });
    const board = await boardPage(slug, { division: "closed", rows: "all" }, { take: 1000, points: true }, db);
    expect(board!.rows).toHaveLength(2 * replayable.length);
    for (const row of board!.rows) {
      expect(row).toMatchObject({ n: heldOutRuns, runs: heldOutRuns, tier: 4, policy: { builtIn: true } });
      expect(row.points!.map(({ label }) => label)).toEqual(numbers(heldOutRuns).map((number) => `run ${number}`));
      expect(row.accuracy.mean).toBeCloseTo(
        row.points!.reduce((sum, { accuracy }) => sum + accuracy / heldOutRuns, 0),
        12,
      );
      expect(row.band).toBeNull(); // too few runs for ranks
    }
    const leaders = board!.rows.filter(({ gap, sameAs }) => gap === null && sameAs === null);
    expect(leaders).toHaveLength(1);
    expect(leaders[0]!.accuracy.mean).toBe(board!.rows[0]!.accuracy.mean);
  });

  it("uses one seed per number in every variant, a different one for each number, and never a public one", async () => {
    const rows = await installation().db.trajectory.findMany({ where: { visibility: "held_out" } });
    const seeds = new Map(rows.map(({ number, seed: drawn }) => [number, drawn]));
    expect(new Set(seeds.values()).size).toBe(heldOutRuns);
    for (const { number, seed: drawn } of rows) expect(drawn).toBe(seeds.get(number));
    for (const drawn of seeds.values()) expect(Number(drawn)).toBeGreaterThanOrEqual(2 ** 32);
  });

  it("logs a commitment to each held-out file before anything is scored on it, and not its hash", async () => {
    const { db } = installation();
    const rows = await db.trajectory.findMany({ where: { visibility: "held_out" } });
    const log = await db.logEntry.findMany({ where: { action: "trajectory.added" } });
    for (const { id, artifactHash, seed: drawn, commitmentKey } of rows) {
      expect(commitmentKey).toHaveLength(32);
      const commitment = createHmac("sha256", commitmentKey!).update(`${drawn} ${artifactHash}`).digest("hex");
      const entry = log.find(({ subjectId }) => subjectId === id)!;
      expect(entry.detail).toMatchObject({ commitment });
      expect(entry.detail).not.toHaveProperty("sha256");
      const first = await db.score.findFirstOrThrow({ where: { trajectoryId: id }, orderBy: { createdAt: "asc" } });
      expect(entry.createdAt.getTime()).toBeLessThanOrEqual(first.createdAt.getTime());
    }
  });

  it("reveals neither a held-out seed nor where its file is in anything public", async () => {
    const { db, store } = installation();
    const heldOut = await db.trajectory.findMany({ where: { visibility: "held_out" } });
    const policies = await listPolicies(db);
    const seen = JSON.stringify([
      await listTrajectories({}, db),
      await boardPage(slug, { division: "closed", rows: "all" }, { take: 1000, points: true }, db),
      await boardPage(slug, { division: "open" }, { take: 1000, points: true }, db),
      await listBenchmarks(db),
      policies,
      await Promise.all(policies.slice(0, 3).map(({ slug: policySlug }) => policy(policySlug, db))),
      await scoringQueue(db),
      await recentRuns({}, db),
      await userPage("ada", db),
      await compareMethods({ benchmark: slug, methods: ["bn/dmbn", "bn/keras-default"] }, { db, store, testData }),
      await db.logEntry.findMany({ select: { action: true, detail: true } }),
    ]);
    for (const { seed: drawn, artifactKey, artifactHash, commitmentKey } of heldOut) {
      expect(seen).not.toMatch(new RegExp(`(?<!\\d)${drawn}(?!\\d)`));
      for (const secret of [artifactKey, artifactHash, ...spellings(commitmentKey!)])
        expect(seen).not.toContain(secret);
      expect(await trajectoryFile(artifactHash, db, store)).toBeNull();
      expect(await trajectoryFile(artifactKey, db, store)).toBeNull();
    }
    const [open] = (await listTrajectories({}, db)).filter(({ visibility }) => visibility === "public");
    expect(sha256((await trajectoryFile(open!.sha256!, db, store))!)).toBe(open!.sha256);
  });

  it("returns no held-out seed, key or file from any endpoint, for any caller and any address", async () => {
    const { db } = installation();
    // The endpoints use the site's database: here, that of this installation.
    const site = globalThis as typeof globalThis & {
      dmbenchDatabase?: { client: typeof db; embedded: boolean };
      dmbenchWorker?: Worker;
    };
    Object.assign(site, { dmbenchDatabase: { client: db, embedded: true }, dmbenchWorker: worker });
    const heldOut = await db.trajectory.findMany({ where: { visibility: "held_out" } });
    const [{ id: scoreId }] = (await db.score.findMany({
      where: { trajectoryId: heldOut[0]!.id },
      take: 1,
      select: { id: true },
    })) as [{ id: string }];
    const { id, artifactKey, artifactHash, seed } = heldOut[0]!;
    const names = [
      id,
      scoreId,
      artifactKey,
      artifactKey.split("/")[1]!,
      artifactHash,
      String(seed),
      `../${artifactKey}`,
      slug,
      "dmbn",
      "ada",
      "digits",
    ];
    const queries = [
      "",
      "division=closed",
      "division=closed&points=true&take=100",
      "division=closed&seeds=each",
      `benchmark=${slug}`,
      `benchmark=${slug}&methods=bn/dmbn,bn/keras-default`,
      "format=csv&division=closed",
      "format=json&division=closed&seeds=each",
    ];
    const callers = [null, { ...ada, name: "ada", role: "maintainer" as const, scopes: null }];
    let answered = 0;
    for (const [path, { GET }] of Object.entries(endpoints)) {
      const fields = [...path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field!);
      const named =
        fields.length === 0 ? [{}] : names.map((name) => Object.fromEntries(fields.map((field) => [field, name])));
      for (const params of named) {
        for (const query of Object.values(params).every((name) => name === slug) ? queries : [""]) {
          for (const caller of callers) {
            const response = await GET?.handle(new Request(`http://site${path.replace(/[{}]/g, "")}?${query}`), {
              params,
              caller,
            });
            if (!response?.ok) continue;
            answered++;
            const bytes = Buffer.from(await response.arrayBuffer());
            expect(
              heldOut.map((trajectory) => trajectory.artifactHash),
              `${path} ${JSON.stringify(params)}`,
            ).not.toContain(sha256(bytes));
            const text = bytes.toString("latin1");
            for (const { artifactKey: heldOutKey, artifactHash: hash, commitmentKey, seed: drawn } of heldOut) {
              for (const secret of [heldOutKey, hash, ...spellings(commitmentKey!)])
                if (!Object.values(params).includes(secret))
                  expect(text.includes(secret), `${path}?${query}: ${secret} of a held-out run`).toBe(false);
              expect(new RegExp(`(?<![\\d.])${drawn}(?!\\d)`).test(text), `${path}?${query}: a held-out seed`).toBe(
                false,
              );
            }
          }
        }
      }
    }
    expect(answered).toBeGreaterThan(60);
    Object.assign(site, { dmbenchDatabase: undefined, dmbenchWorker: undefined });
  });

  it("scores a policy in the request, on every run, and answers with address and scores", async () => {
    const { db } = installation();
    const response = await send({
      document: { kind: "schedule", momentum: "min(.99, 1 - .5 * .5 ^ floor(step / 60))" },
      name: "Halving <b>fast</b>",
      description: "d",
      forkOf: "pointnet",
      reference: { title: "A paper", url: "https://example.org/p" },
    });
    const answer = (await response.json()) as PolicyAnswer;
    expect(response.status).toBe(201);
    expect(answer).toMatchObject({
      slug: "halving-b-fast-b",
      url: "/policies/halving-b-fast-b",
      created: true,
      done: true,
      scoring: [{ benchmark: { slug }, state: "scored", scored: recorded, of: recorded, ahead: null, error: null }],
    });
    const shown = await policy(answer.slug, db);
    expect(shown).toMatchObject({
      name: "Halving <b>fast</b>",
      author: "ada",
      forkOf: { slug: "pointnet" },
      source: { title: "A paper" },
      rule: "min(0.99, 1 - 0.5 * 0.5^floor(step / 60))",
      scoring: answer.scoring,
    });
    expect(shown!.standings.map(({ entry }) => [entry.division, entry.method, entry.n, entry.band !== null])).toEqual(
      variants.map((variant) => ["closed", `${variant}/${answer.slug}`, heldOutRuns, false]),
    );
    expect(await db.logEntry.count({ where: { action: "policy.added" } })).toBe(1);
  });

  it("answers 202 when scoring takes longer than the answer may, with the address at which it is followed", async () => {
    const response = await send(
      { document: { kind: "schedule", momentum: "0.907" }, name: "Later" },
      { wake: () => {}, patienceMs: 0 },
    );
    expect([response.status, response.headers.get("location")]).toEqual([202, "/api/v1/policies/later"]);
    const waiting = { state: "waiting", scored: 0, of: recorded };
    expect(await response.json()).toMatchObject({ created: true, done: false, scoring: [waiting] });
    const lines = await send(
      { document: { kind: "schedule", momentum: "0.907" }, name: "Later" },
      { wake: () => {}, patienceMs: 0, accept: "application/x-ndjson" },
    );
    expect(
      (await lines.text())
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as object),
    ).toMatchObject([{ created: false, done: false, scoring: [waiting] }]);
    await queueEmpty();
    expect((await policy("later", installation().db))!.scoring).toMatchObject([{ state: "scored", scored: recorded }]);
  });

  it("recognizes another spelling of the same document, and scores nothing twice", async () => {
    const { db } = installation();
    const before = await db.score.count();
    const response = await send({
      document: { momentum: "min(0.990, 1-0.5*0.5^floor(step/60))", kind: "schedule", debias: false },
      name: "Mine",
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ slug: "halving-b-fast-b", created: false, done: true });
    expect([await db.score.count(), await db.policy.count({ where: { builtIn: null } })]).toEqual([before, 2]);
  });

  it("streams its progress line by line where that is requested", async () => {
    const slow: Scorer = {
      ...scorers.prompt,
      score: (...task) => setTimeout(200).then(() => scorers.prompt.score(...task)),
    };
    const working = workerWith({ scorers: { ...scorers, prompt: slow } });
    const response = await send(
      { document: { kind: "schedule", momentum: "0.931" }, name: "Line by line" },
      { accept: "application/x-ndjson", wake: () => void working.work("prompt") },
    );
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    const lines = (await response.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as PolicyAnswer);
    const done = lines.map(({ scoring }) => scoring[0]!.scored);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(new Set(done).size).toBeGreaterThan(3); // it stores what it has computed about twice a second
    expect(lines.map((line) => line.done)).toEqual([...lines.slice(1).map(() => false), true]);
    expect(lines.at(-1)!.scoring).toMatchObject([{ state: "scored", scored: recorded, of: recorded }]);
  });

  it("stores one row and one set of scores for a hundred parallel submissions of one policy", async () => {
    const { db } = installation();
    const before = {
      policies: await db.policy.count(),
      scores: await db.score.count(),
      log: await db.logEntry.count(),
    };
    const responses = await Promise.all(
      Array.from({ length: 100 }, () =>
        send({ document: { kind: "schedule", momentum: "0.923" }, name: "One of many" }),
      ),
    );
    const answers = await Promise.all(responses.map(async (response) => (await response.json()) as PolicyAnswer));
    expect(responses.map(({ status }) => status).sort()).toEqual([...Array<number>(99).fill(200), 201]);
    expect(new Set(answers.map((answer) => answer.slug)).size).toBe(1);
    for (const { scoring } of answers)
      expect(scoring).toMatchObject([{ state: "scored", scored: recorded, of: recorded }]);
    expect({
      policies: await db.policy.count(),
      scores: await db.score.count(),
      log: await db.logEntry.count(),
    }).toEqual({ policies: before.policies + 1, scores: before.scores + recorded, log: before.log + 1 });
  });

  it("keeps complete results when scoring is interrupted, and a retry scores the rest", async () => {
    const { db } = installation();
    const cutOff = 5; // of six held-out runs, which come first
    let scored = 0;
    const dying: Scorer = {
      ...scorers.prompt,
      score: (...task) =>
        ++scored > cutOff ? Promise.reject(new Error("the power is gone")) : scorers.prompt.score(...task),
    };
    const document = { kind: "schedule", momentum: "0.917" };
    const dead = workerWith({ scorers: { ...scorers, prompt: dying } });
    const first = await send({ document, name: "Cut off" }, { wake: () => {}, accept: "application/x-ndjson" });
    await dead.work("prompt");
    await first.body!.cancel();
    const id = (await db.policy.findUniqueOrThrow({ where: { slug: "cut-off" } })).id;
    const half = await db.score.findMany({ where: { policyId: id }, include: { trajectory: true } });
    expect(half).toHaveLength(cutOff);
    await refreshStaleBoards(db); // as each scan does
    const rows = await db.boardRow.findMany({ where: { policyId: id } });
    // The board has exactly what is scored.
    expect(rows.map(({ variant, n }) => [variant, n]).sort()).toEqual(
      variants.map((variant) => [variant, half.filter(({ trajectory }) => trajectory.variant === variant).length]),
    );
    expect(await scoringOf(id, db)).toMatchObject([
      { state: "waiting", scored: cutOff, of: recorded, error: "the power is gone" },
    ]);

    const revived = workerWith(); // as after a restart: leases of the previous worker are void
    const answer = send({ document, name: "Cut off" }, { wake: () => {} });
    await revived.scan();
    expect(await (await answer).json()).toMatchObject({
      created: false,
      done: true,
      scoring: [{ state: "scored", scored: recorded, of: recorded }],
    });
    expect(await db.score.count({ where: { policyId: id } })).toBe(recorded);
    expect((await db.boardRow.findMany({ where: { policyId: id } })).map(({ n }) => n)).toEqual([
      heldOutRuns,
      heldOutRuns,
    ]);
  });

  describe("refuses", () => {
    beforeAll(() => queueEmpty());
    const counts = async () => {
      const { db } = installation();
      return [await db.policy.count(), await db.job.count(), await db.logEntry.count()];
    };
    const schedule = (momentum: unknown) => ({ document: { kind: "schedule", momentum }, name: "x" });

    it.each([
      [
        "an invalid expression, naming the character",
        schedule("0.9 + velocity"),
        422,
        {
          field: "document.momentum",
          position: 6,
          found: expect.stringContaining("velocity"),
          remedy: expect.any(String),
        },
      ],
      [
        "β outside [0, 1], naming step, layer, value and run",
        schedule("step / 300"),
        422,
        {
          field: "document.momentum",
          offence: { step: 301, layer: 0, value: 301 / 300 },
          found: expect.stringContaining("on digits-mlp in bn"),
        },
      ],
      [
        "division by zero",
        schedule("1 / (step - 5)"),
        422,
        { field: "document.momentum", offence: { step: 1, layer: 0, value: -0.25 } },
      ],
      [
        "a periodic choice, which no recording can replay",
        { document: { kind: "select", every: 2 }, name: "x" },
        422,
        { field: "document.every" },
      ],
      ["an unknown kind", { document: { kind: "__proto__" }, name: "x" }, 422, { field: "document.kind" }],
      ["a policy without a document", { name: "x" }, 422, { field: "document" }],
      ["a built-in policy's name, with a Cyrillic М", { ...schedule("0.9124"), name: "DМBN" }, 409, { field: "name" }],
      ["an empty name", { ...schedule("0.9"), name: "  " }, 422, { field: "name" }],
      [
        "a URL that is not a web page",
        { ...schedule("0.9"), reference: { title: "t", url: "javascript:alert(1)" } },
        422,
        { field: "reference.url" },
      ],
      ["a fork of an unknown policy", { ...schedule("0.9"), forkOf: "nobody" }, 422, { field: "forkOf" }],
      ["an unknown benchmark", { ...schedule("0.9"), benchmarks: ["nowhere"] }, 422, { field: "benchmarks[0]" }],
      [
        "a benchmark without reference runs, saying how to get them",
        { ...schedule("0.9"), benchmarks: ["mnist-mlp"] },
        503,
        { field: "benchmarks[0]", remedy: expect.stringContaining("dmbench -- trajectory --benchmark mnist-mlp") },
      ],
      ["a body that is too long", `"${"x".repeat(65_536)}"`, 413, { expected: "at most 65536 bytes" }],
    ])("%s", async (_, body, status, error) => {
      const before = await counts();
      const response = await send(body);
      expect([response.status, response.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
      expect(((await response.json()) as { errors: unknown[] }).errors[0]).toMatchObject(error);
      expect(await counts()).toEqual(before);
    });

    it("a caller who is not signed in", async () => {
      expect((await send(schedule("0.9"), { as: null })).status).toBe(401);
    });
  });

  it("compares two methods of a board, seed by seed", async () => {
    const { db, store } = installation();
    const methods = ["bn/pytorch-default", "bn/static-0.9995", "bn-bfn/dmbn"];
    const comparison = (await compareMethods({ benchmark: slug, methods }, { db, store, testData }))!;
    expect(comparison.methods.map(({ entry }) => entry.method)).toEqual(methods);
    const rows = (await boardPage(slug, { division: "closed", rows: "all" }, { take: 1000, points: true }, db))!.rows;
    for (const { entry, points, layers, classes } of comparison.methods) {
      const { points: onBoard, document: _, ...row } = rows.find(({ method }) => method === entry.method)!;
      expect(entry).toEqual(row);
      expect(points.map(({ seed, ...figures }) => ({ label: `run ${seed}`, ...figures }))).toEqual(onBoard);
      expect(layers.map(({ name, momenta }) => [name, momenta.length])).toEqual(
        (entry.variant === "bn" ? ["norm1", "norm2", "norm3"] : ["norm1", "norm3"]).map((name) => [name, heldOutRuns]),
      );
      expect(layers.reduce((sum, { shift }) => sum + shift, 0)).toBeCloseTo(entry.esm.mean, 9);
      expect(classes.reduce((sum, { figures }) => sum + figures.sensitivity.mean / 10, 0)).toBeCloseTo(
        entry.sensitivity.mean,
        12,
      );
    }
    expect(comparison.pairs.map(({ a, b }) => [a, b])).toEqual([
      methods.slice(0, 2),
      [methods[0], methods[2]],
      methods.slice(1),
    ]);
    const [pair] = comparison.pairs;
    expect(pair!.points).toHaveLength(heldOutRuns);
    expect(pair!.difference!.mean).toBeCloseTo(
      pair!.points.reduce((sum, { a, b }) => sum + (a - b) / heldOutRuns, 0),
      12,
    );
    // So few runs say nothing; tests/server/boards/rank.test.ts has more.
    expect(pair!.difference).toMatchObject({ low: null, high: null });
    expect(pair!.verdict).toBe("unresolved");
    const labels = await testData("digits");
    const examples = "testLabels" in labels ? labels.testLabels.length : 0;
    expect(pair!.mcnemar).toHaveLength(heldOutRuns);
    pair!.mcnemar.forEach(({ onlyARight, onlyBRight, seed }, index) => {
      expect(seed).toBe(pair!.points[index]!.seed);
      expect(onlyARight - onlyBRight).toBe(Math.round(pair!.points[index]!.difference * examples));
    });
    expect(
      await compareMethods({ benchmark: slug, methods: ["bn/dmbn", "bn/nobody"] }, { db, store, testData }),
    ).toMatchObject({ unknown: ["bn/nobody"], pairs: [] });
    expect(await compareMethods({ benchmark: "nowhere", methods }, { db, store, testData })).toBeNull();
  });

  it("refuses a stored file that has changed, logs it, and imports an intact one in its place", async () => {
    const { db, store } = installation();
    await queueEmpty(); // no earlier job may read the file first
    const row = await db.trajectory.findFirstOrThrow({ where: { visibility: "public", variant: "bn", number: 1 } });
    const intact = await store.get({ key: row.artifactKey, hash: row.artifactHash });
    const corrupted = Uint8Array.from(intact!);
    corrupted[corrupted.length - 1]! ^= 1;
    await store.put(row.artifactKey, corrupted);
    const fresh = startScorer();
    const suspicious = workerWith({ scorers: { ...scorers, prompt: fresh } });
    const response = await send(
      { document: { kind: "schedule", momentum: "0.911" }, name: "Suspicious" },
      { wake: () => void suspicious.work("prompt") },
    );
    await suspicious.work("prompt"); // until then its job is queued, and a scan leaves the missing scores to it
    fresh.stop();
    const answer = (await response.json()) as PolicyAnswer;
    expect(answer).toMatchObject({ scoring: [{ scored: recorded - 1, of: recorded - 1 }] });
    // If a scan read the file first, its log entry has the error instead.
    const { state, error } = answer.scoring[0]!;
    if (state === "failed") expect(error).toContain(`expected a file with SHA-256 ${row.artifactHash}`);
    expect(
      (await listTrajectories({}, db)).filter(({ damage }) => damage !== null).map(({ sha256: hash }) => hash),
    ).toEqual([row.artifactHash]);
    await expect(trajectoryFile(row.artifactHash, db, store)).rejects.toThrow(TrajectoryDamaged);
    expect(await db.logEntry.count({ where: { action: "trajectory.refused", subjectId: row.id } })).toBe(1);

    await worker.scan(); // the project's own copy is intact
    await queueEmpty();
    expect(sha256((await trajectoryFile(row.artifactHash, db, store))!)).toBe(row.artifactHash);
    expect(await db.score.count({ where: { policy: { slug: "suspicious" } } })).toBe(recorded);
  });

  it("does not retry at each scan what can't be scored on a run", async () => {
    const { db } = installation();
    await queueEmpty();
    const document = { kind: "schedule", momentum: "0.9" };
    const { id } = await db.policy.create({
      data: {
        slug: "vain",
        hash: "vain",
        name: "vain",
        givenName: "vain",
        description: "",
        rule: "",
        kind: "schedule",
        document,
      },
      select: { id: true },
    });
    const [one] = await db.trajectory.findMany({ where: { visibility: "held_out" }, take: 1 });
    let tries = 0;
    const faulty: Scorer = {
      ...scorers.background[0]!,
      score: (_, policies) => {
        tries += 1;
        return Promise.resolve(policies.map(() => ({ fault: "it overflows" })));
      },
    };
    const looking = workerWith({ scorers: { ...scorers, background: [faulty] }, plan: async () => [] });
    const template = await db.score.findFirstOrThrow({
      where: { trajectoryId: one!.id },
      omit: { id: true, policyId: true, createdAt: true },
    });
    await db.score.create({
      data: {
        ...template,
        confusionMatrix: template.confusionMatrix!,
        esmLayers: template.esmLayers!,
        momentumPerLayer: template.momentumPerLayer!,
        policyId: id,
      },
    });
    await looking.scan();
    await queueEmpty(looking); // the file's other workers may have leased a job too
    expect(tries).toBeGreaterThan(0);
    const before = tries;
    await looking.scan();
    expect(await db.job.count({ where: { kind: "catch_up" } })).toBe(0);
    await queueEmpty(looking);
    expect(tries).toBe(before);
    await db.policy.update({ where: { id }, data: { hiddenAt: new Date() } });
  });

  it("refuses a file with a wrong hash, with none listed, or of another recipe, and imports the others", async () => {
    const { db, folder } = installation();
    const root = join(folder, "trajectories");
    const digitsFolder = join(root, "digits-mlp-v1");
    const mnistFolder = join(root, "mnist-mlp-v1");
    for (const path of [digitsFolder, mnistFolder]) await mkdir(path, { recursive: true });
    const original = "public/trajectories/digits-mlp-v1/bn-0.safetensors";
    for (const copy of [
      join(digitsFolder, "bent.safetensors"),
      join(digitsFolder, "stranger.safetensors"),
      join(mnistFolder, "other.safetensors"),
    ])
      await copyFile(original, copy);
    const bytes = await readFile(original);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(join(mnistFolder, "changed.safetensors"), bytes);
    await writeFile(join(digitsFolder, "SHA256SUMS"), `${"0".repeat(64)}  bent.safetensors\n`);
    await writeFile(
      join(mnistFolder, "SHA256SUMS"),
      `${sha256(bytes)}  changed.safetensors\n${sha256(await readFile(original))}  other.safetensors\n`,
    );
    const careful = workerWith({ folders: [root], plan: async () => [] });
    const before = await db.trajectory.count();
    await careful.scan();
    expect(careful.refused().map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^expected SHA-256 0{64}, found [0-9a-f]{64}$/),
      "no hash in SHA256SUMS",
      "epochs: expected 3 as in mnist-mlp, version 1, found 10",
    ]);
    expect(await db.trajectory.count()).toBe(before);
  });

  it("logs what another version of the scorer changed, without the seed", async () => {
    const { db, store } = installation();
    await queueEmpty();
    const trajectory = await db.trajectory.findFirstOrThrow({
      where: { visibility: "held_out", variant: "bn", number: 2 },
    });
    const { id: policyId } = await db.policy.findUniqueOrThrow({ where: { slug: "dmbn" } });
    const { accuracy } = await db.score.findFirstOrThrow({ where: { trajectoryId: trajectory.id, policyId } });
    await db.score.updateMany({
      where: { trajectoryId: trajectory.id, policyId },
      data: { scorerVersion: "0", accuracy: 0.5 },
    });
    const scorer = startScorer(); // not the shared one: a worker stops that when it has nothing left to do
    await catchUp(trajectory.id, { db, store, scorer });
    scorer.stop();
    const [entry, ...others] = await db.logEntry.findMany({ where: { action: "policy.rescored" } });
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      subject: "policy",
      subjectId: policyId,
      detail: { slug: "dmbn", number: 2, accuracy: { before: 0.5, after: accuracy } },
    });
    expect(JSON.stringify(entry!.detail)).toContain(`version ${scorerVersion}, was 0`);
    expect(JSON.stringify(entry!.detail)).not.toContain(String(trajectory.seed));
  });
});

eachBackend("the scoring process", () => {
  it("scores bit-identically to training", async () => {
    const dataset = await digits();
    const plan = planRun({ recipe: benchmarks[0]!.recipe, variant: "bn-bfn", seed: 11, dataset });
    const run = new TrainingRun(plan);
    for await (const report of run.steps()) void report;
    const documents = replayable.map(({ document }) => document);
    const direct = await scorePolicies(run.network, run.source, documents, examplesOf(plan));
    const file = encodeTrajectory(await trajectoryOf(run, "wasm"));
    const scorings = await scorers.prompt.score({ hash: sha256(file), read: () => Promise.resolve(file) }, documents);
    expect(scorings).toEqual(
      direct.map((scored) => ({
        figures: {
          ...figuresOf(scored, dataset, run.network.batchNorms),
          predictions: scored.predictions,
          correct: rightAnswers(dataset.test.labels, scored.predictions),
        },
      })),
    );
    run.dispose();
  });
}, ["wasm"]);
