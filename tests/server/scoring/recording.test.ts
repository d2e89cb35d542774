/** Recording held-out runs: its order, its pace, what it does about failures, and what it tells about itself. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { builtInPolicies, isPeriodic, parsePolicy, schedule } from "@/lib/dmbn/policy";
import { benchmarks, firstRuns, needsGpu } from "@/lib/leaderboard";
import { folderStore } from "@/lib/server/artifacts";
import { parseEnv } from "@/lib/server/env";
import type { NewJob } from "@/lib/server/scoring/jobs";
import { enqueue, fail, jobKinds, lease } from "@/lib/server/scoring/jobs";
import type { RecordedBoard } from "@/lib/server/scoring/plan";
import { chosenBoards, recordingPlan } from "@/lib/server/scoring/plan";
import { decideRecording, finishTimes, isPaused, recording, runsOf } from "@/lib/server/scoring/recording";
import { scoreEverywhere } from "@/lib/server/scoring/score-trajectory";
import type { Scorer } from "@/lib/server/scoring/scorer";
import { startScorer } from "@/lib/server/scoring/scorer";
import { startWorker } from "@/lib/server/scoring/worker";
import type { Job } from "@/prisma/generated/client";
import { onEachDatabase } from "../databases";

// One board's data must be missing; settings are read once.
vi.hoisted(() => {
  delete process.env.DMBENCH_DATASETS_DIR;
});

const short = benchmarks.find(({ slug }) => slug === "digits-mlp-short")!;
const scorers = [startScorer(), startScorer()];
/** Scored here, of the built-in policies: a few are enough. */
const scored = builtInPolicies.filter(({ document }) => !isPeriodic(document)).slice(0, 4);
afterAll(() => {
  for (const scorer of scorers) scorer.stop();
});

describe("the plan", () => {
  const plan = async (settings: Record<string, string>) => {
    const boards = await recordingPlan(parseEnv({ NODE_ENV: "test", ...settings }));
    return Object.fromEntries(boards.map(({ slug, runs }) => [slug, runs]));
  };
  const digits = Object.fromEntries(
    benchmarks.filter(({ recipe }) => recipe.dataset === "digits").map(({ slug, heldOutRuns }) => [slug, heldOutRuns]),
  );

  it("has every board whose data is here, those named, or none", async () => {
    expect(Object.values(digits)).toEqual([50, 50, 50, 50]);
    expect(await plan({})).toMatchObject(digits);
    expect(await plan({ DMBENCH_RECORD: "embedded" })).toEqual(digits);
    expect(await plan({ DMBENCH_RECORD: "none" })).toEqual({});
    expect(await plan({ DMBENCH_RECORD: "digits-cnn,digits-mlp", DMBENCH_RECORD_RUNS: "7" })).toEqual({
      "digits-mlp": 7,
      "digits-cnn": 7,
    });
    expect(await plan({ DMBENCH_RECORD: "digits-cnn", DMBENCH_RECORD_RUNS: "999" })).toEqual({ "digits-cnn": 50 });
  });

  it("leaves boards that take days without a GPU to settings that name them", () => {
    const slugs = (chosen: string) =>
      chosenBoards(parseEnv({ NODE_ENV: "test", DMBENCH_RECORD: chosen }).DMBENCH_RECORD).map(({ slug }) => slug);
    const forGpus = benchmarks.map(({ slug }) => slug).filter(needsGpu);
    expect(forGpus).toContain("cifar-10-resnet-50-full");
    expect(slugs("all")).toEqual(benchmarks.map(({ slug }) => slug).filter((slug) => !needsGpu(slug)));
    expect(slugs("cifar-10-resnet-50-full")).toEqual(["cifar-10-resnet-50-full"]);
  });

  it("gives every board at least the runs that ranks need", () => {
    for (const { slug, heldOutRuns } of benchmarks) expect(heldOutRuns, slug).toBeGreaterThanOrEqual(firstRuns);
  });
});

describe("the time that is left", () => {
  const seconds = fc.double({ min: 0.01, max: 100, noNaN: true });

  it("is all the work by the threads for the last board, and no less than its own work for any", () =>
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.array(seconds, { maxLength: 8 })), { maxLength: 8 }),
        fc.integer({ min: 1, max: 4 }),
        (work, threads) => {
          const ends = finishTimes(work, threads);
          const total = (pieces: readonly number[]) => pieces.reduce((sum, piece) => sum + piece, 0) / threads;
          const all = total(work.flatMap((pieces) => pieces ?? []));
          expect(ends.reduce<number>((last, end) => Math.max(last, end ?? 0), 0)).toBeCloseTo(all, 6);
          work.forEach((pieces, board) => {
            if (!pieces) expect(ends[board]).toBeNull();
            else expect(ends[board]).toBeGreaterThanOrEqual(total(pieces) - 1e-9);
          });
        },
      ),
      { numRuns: 200 },
    ));

  it("lets boards take turns", () => {
    expect(finishTimes([[1, 1, 1], [10], null, []], 1)).toEqual([13, 11, null, 0]);
    expect(finishTimes([[2], [2]], 2)).toEqual([1, 2]);
  });
});

onEachDatabase("recording", (installation) => {
  beforeAll(async () => {
    await installation().db.policy.updateMany({
      where: { slug: { notIn: scored.map(({ slug }) => slug) } },
      data: { builtIn: null },
    });
  });

  /** Boards of these tests, all on the digits; none has runs of its own. */
  const board = async (slug: string, changed: Partial<typeof short.recipe> = {}): Promise<RecordedBoard> => {
    const recipe = { ...short.recipe, maxSteps: 4, ...changed };
    const data = { slug, version: 1, title: slug, summary: "", dataset: recipe.dataset, recipe };
    const { version } = await installation().db.benchmark.create({ data });
    return { slug, version, runs: 2 };
  };
  const idOf = async (slug: string) =>
    (await installation().db.benchmark.findFirstOrThrow({ where: { slug } })).id as string;
  const start = (plan: RecordedBoard[], changed: Partial<Parameters<typeof startWorker>[0]> = {}) => {
    const { db, store } = installation();
    return startWorker({
      db,
      store,
      scorers: { prompt: scorers[0]!, background: [scorers[0]!] },
      folders: [],
      results: "nowhere",
      plan: async () => plan,
      serving: () => false,
      share: 1,
      auditSeconds: 0,
      alone: true,
      always: true,
      ...changed,
    });
  };
  const status = (plan: RecordedBoard[]) =>
    recording({ db: installation().db, plan: async () => plan, threads: 1 }).then(({ boards, ...rest }) => ({
      ...rest,
      of: (slug: string) => boards.find(({ benchmark }) => benchmark.slug === slug)!,
    }));
  const whole = async ({ slug, runs }: RecordedBoard) =>
    expect((await status([])).of(slug)).toMatchObject({ have: runs, state: "complete" });
  const recorded = async (...boards: RecordedBoard[]) => {
    for (const one of boards) await vi.waitFor(() => whole(one), { timeout: 120_000, interval: 200 });
  };

  it("leases what somebody requested first, then run after run over all boards, public runs after the first", async () => {
    const { db } = installation();
    await db.job.deleteMany();
    const ids = [await board("order-a"), await board("order-b")].map(({ slug }) => idOf(slug));
    const boards = (await Promise.all(ids)).sort();
    const policies = await db.policy.findMany({ take: 4, select: { id: true } });
    const trajectories = await db.trajectory.createManyAndReturn({
      data: boards.flatMap((benchmarkId) =>
        (["public", "held_out"] as const).flatMap((visibility) =>
          [1, 2, 3].map((number) => ({
            benchmarkId,
            visibility,
            number,
            variant: "bn",
            seed: number,
            artifactKey: "",
            artifactHash: `${benchmarkId} ${visibility} ${number}`,
            artifactBytes: 0,
            datasetVersion: "1",
            datasetHash: "",
            software: {},
          })),
        ),
      ),
    });
    const all: { job: NewJob; place: number }[] = [
      ...boards.flatMap((benchmarkId) =>
        [1, 2, 3, firstRuns, firstRuns + 2].map((number) => ({
          job: { kind: "record" as const, lane: "background" as const, benchmarkId, number },
          place: number,
        })),
      ),
      ...trajectories.map(({ id, benchmarkId, visibility, number }) => ({
        job: { kind: "catch_up" as const, lane: "background" as const, benchmarkId, trajectoryId: id },
        place: number + (visibility === "public" ? firstRuns : 0),
      })),
      ...policies.map(({ id: policyId }) => ({
        job: { kind: "score" as const, lane: "background" as const, benchmarkId: boards[1]!, policyId },
        place: 0,
      })),
    ];
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(all), fc.boolean(), async (chosen, paused) => {
        await db.job.deleteMany();
        for (const { job } of chosen) await enqueue(db, [job]);
        const order: Job[] = [];
        const next = () => lease(db, "background", { kinds: jobKinds, recordable: boards, auditable: [], paused });
        for (let job = await next(); job; job = await next()) order.push(job);
        const expected = chosen
          .map((each, index) => ({ ...each, index }))
          .filter(({ job }) => !paused || job.kind === "score")
          .sort(
            (a, b) =>
              a.place - b.place ||
              (a.job.benchmarkId < b.job.benchmarkId
                ? -1
                : a.job.benchmarkId > b.job.benchmarkId
                  ? 1
                  : a.index - b.index),
          );
        expect(
          order.map(({ kind, benchmarkId, number, trajectoryId, policyId }) => [
            kind,
            benchmarkId,
            number ?? trajectoryId ?? policyId,
          ]),
        ).toEqual(
          expected.map(({ job }) => [job.kind, job.benchmarkId, job.number ?? job.trajectoryId ?? job.policyId]),
        );
      }),
      { numRuns: 25 },
    );
    await db.job.deleteMany();
    await db.trajectory.deleteMany();
  });

  it("keeps a board's other runs back while one waits to be tried again, and never gives it up", async () => {
    const { db } = installation();
    const [a, b] = [await idOf("order-a"), await idOf("order-b")];
    const recordable = [a, b];
    await enqueue(
      db,
      recordable.flatMap((benchmarkId) =>
        [1, 2].map((number) => ({ kind: "record" as const, lane: "background" as const, benchmarkId, number })),
      ),
    );
    const next = () => lease(db, "background", { kinds: jobKinds, recordable, auditable: [], paused: false });
    const first = (await next())!;
    await fail(db, first, "The disk is full.");
    const others = [await next(), await next(), await next()];
    expect(others.map((job) => job && [job.benchmarkId, job.number])).toEqual([
      [[a, b].find((id) => id !== first.benchmarkId), 1],
      [[a, b].find((id) => id !== first.benchmarkId), 2],
      null,
    ]);
    for (let attempts = 2; attempts < 9; attempts += 1) {
      await db.job.update({ where: { id: first.id }, data: { leasedUntil: new Date(0) } });
      const again = (await next())!;
      expect(again).toMatchObject({ id: first.id, attempts, error: null });
      await fail(db, again, "The disk is full.");
      const { failedAt, leasedUntil } = await db.job.findUniqueOrThrow({ where: { id: first.id } });
      expect(failedAt).toBeNull();
      expect(leasedUntil!.getTime() - Date.now()).toBeLessThanOrEqual(3_600_000);
    }
    expect(await lease(db, "background", { kinds: jobKinds, recordable: [], auditable: [], paused: false })).toBeNull();
    await db.job.deleteMany();
  });

  it("records and scores run k of every board before run k + 1 of any, and says how far it is", async () => {
    const { db } = installation();
    const plan = [await board("turn-a"), await board("turn-b")];
    const before = await status(plan);
    expect(before.of("turn-a")).toMatchObject({ have: 0, of: 2, state: "queued", secondsLeft: null, failure: null });
    const worker = start(plan);
    await worker.scan();
    await recorded(...plan);
    await worker.work("background");
    await worker.stop();
    const runs = await db.trajectory.findMany({
      where: { benchmark: { slug: { in: plan.map(({ slug }) => slug) } } },
      include: { scores: { select: { createdAt: true } } },
    });
    expect(runs).toHaveLength(plan.length * 2 * 2);
    for (const { scores } of runs) expect(scores).toHaveLength(scored.length);
    const ended = runs
      .filter(({ number }) => number === 1)
      .flatMap(({ scores }) => scores.map(({ createdAt }) => createdAt.getTime()));
    const begun = runs.filter(({ number }) => number === 2).map(({ createdAt }) => createdAt.getTime());
    expect(ended.reduce((a, b) => Math.max(a, b))).toBeLessThanOrEqual(begun.reduce((a, b) => Math.min(a, b)));

    const after = await status(plan.map((one) => ({ ...one, runs: 5 })));
    expect(after.of("turn-a")).toMatchObject({ have: 2, of: 5, state: "queued", failure: null });
    expect(after.of("turn-a").secondsLeft).toBeGreaterThan(0);
    expect((await status(plan)).of("turn-a")).toMatchObject({ have: 2, of: 2, state: "complete", secondsLeft: 0 });
    expect(await runsOf({ id: await idOf("turn-a"), slug: "turn-a", version: 1 }, db)).toEqual({ have: 2, of: 2 });
  }, 180_000);

  it("scores a new policy on the first runs while its author waits, and on the others afterwards", async () => {
    const { db, store } = installation();
    const late = await db.policy.create({
      data: {
        slug: "late",
        hash: "late",
        name: "Late",
        givenName: "Late",
        description: "",
        rule: "0.87",
        kind: "schedule",
        document: parsePolicy(schedule("0.87")),
      },
    });
    const benchmarkId = await idOf("turn-a");
    await scoreEverywhere({ policyId: late.id, benchmarkId, runs: 1 }, { db, store, scorer: scorers[0]! });
    const runsScored = async () => {
      const rows = await db.score.findMany({ where: { policyId: late.id }, include: { trajectory: true } });
      return rows.map(({ trajectory: { variant, number } }) => `${variant} ${number}`).sort();
    };
    expect(await runsScored()).toEqual(["bn 1", "bn-bfn 1"]);
    const worker = start([]);
    await worker.scan();
    await vi.waitFor(async () => expect(await runsScored()).toEqual(["bn 1", "bn 2", "bn-bfn 1", "bn-bfn 2"]), {
      timeout: 120_000,
    });
    await worker.stop();
  });

  it("stays paused over a restart until a maintainer resumes it, and logs both", async () => {
    const { db } = installation();
    const { id: keeper } = await db.user.create({ data: { name: "keeper" } });
    const plan = [await board("pausable")];
    await decideRecording({ state: "paused", reason: "A lecture needs the machine" }, keeper, db);
    await decideRecording({ state: "paused", reason: "Again" }, keeper, db);
    for (const _start of [1, 2]) {
      const worker = start(plan);
      await worker.scan();
      await worker.work("background");
      await worker.stop();
      expect((await status(plan)).of("pausable")).toMatchObject({ have: 0, of: 2, state: "queued" });
    }
    expect((await status(plan)).paused).toMatchObject({ by: "keeper", reason: "A lecture needs the machine" });
    await decideRecording({ state: "resumed", reason: "It is over" }, keeper, db);
    expect(await isPaused(db)).toBe(false);
    const worker = start(plan);
    await worker.scan();
    await recorded(...plan);
    await worker.stop();
    const log = await db.logEntry.findMany({ where: { subject: "recording" }, orderBy: { id: "asc" } });
    expect(log.map(({ action }) => action)).toEqual(["recording.paused", "recording.resumed"]);
  });

  it("tells and logs that a run diverged, tells of data that vanished, tries them again, and goes on with other boards", async () => {
    const { db, folder } = installation();
    vi.stubEnv("DMBENCH_DATA_DIR", folder);
    const wild = await board("wild", { learningRate: 10, sgdMomentum: 0.99, maxSteps: null, epochs: 50 });
    const gone = await board("gone", { dataset: "cifar-100" });
    const sound = await board("sound");
    const plan = [wild, gone, sound];
    const worker = start(plan);
    await worker.scan();
    await recorded(sound);
    await vi.waitFor(async () => expect((await status(plan)).of("wild").failure).not.toBeNull(), { timeout: 120_000 });
    const shown = await status(plan);
    expect(shown.of("wild")).toMatchObject({
      have: 0,
      state: "retrying",
      failure: {
        reason: expect.stringMatching(
          /^The training diverged at step \d+ in .*; the next attempt draws another seed\.$/,
        ),
      },
    });
    const [dropped] = await db.logEntry.findMany({ where: { action: "trajectory.diverged" } });
    expect(dropped).toMatchObject({
      subject: "benchmark",
      subjectId: await idOf("wild"),
      detail: {
        number: 1,
        reason: expect.stringMatching(/^Held-out run 1 of wild: training diverged at step \d+ in /),
      },
    });
    expect(shown.of("gone")).toMatchObject({
      state: "retrying",
      failure: { reason: "The data set cifar-100 is no longer on this machine." },
    });
    expect(shown.of("gone").failure!.nextAt.getTime()).toBeGreaterThan(Date.now());
    expect(await db.job.count({ where: { failedAt: { not: null } } })).toBe(0);
    await worker.stop();
    await db.job.deleteMany();
  }, 180_000);

  it("waits for room on a full disk, and then goes on", async ({ skip }) => {
    const { db, folder } = installation();
    const disk = join(folder, "disk");
    mkdirSync(disk);
    // Room for the predictions, but not for a run.
    const mounting = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]);
    if (mounting.status !== 0) return skip("mounting is not allowed here");
    try {
      const plan = [await board("crowded")];
      const worker = start(plan, { store: folderStore(disk) });
      await worker.scan();
      await vi.waitFor(async () => expect((await status(plan)).of("crowded").failure).not.toBeNull(), {
        timeout: 120_000,
      });
      expect((await status(plan)).of("crowded")).toMatchObject({
        have: 0,
        state: "retrying",
        failure: { reason: "The disk is full." },
      });
      expect(spawnSync("mount", ["-o", "remount,size=64m", disk]).status).toBe(0);
      await recorded(...plan); // the retries come after 5 s and 20 s
      // A job may be queued again while its last score is stored; it then finds nothing to do.
      await expect.poll(() => db.job.count()).toBe(0);
      await worker.stop();
    } finally {
      spawnSync("umount", [disk]);
    }
  }, 180_000);

  it("leaves all but one process idle while somebody is served", async () => {
    const plan = [await board("served-a"), await board("served-b")];
    for (const one of plan) one.runs = 1;
    const used = new Set<number>();
    const watched = scorers.map((scorer, slot): Scorer => {
      const use = <Task extends unknown[], Result>(act: (...task: Task) => Result) => {
        return (...task: Task) => {
          used.add(slot);
          return act(...task);
        };
      };
      return { ...scorer, score: use(scorer.score), record: use(scorer.record) };
    });
    let serving = true;
    const worker = start(plan, {
      scorers: { prompt: scorers[0]!, background: watched },
      serving: () => serving,
    });
    await worker.scan();
    await recorded(...plan);
    await worker.work("background");
    expect([...used]).toEqual([0]);
    serving = false;
    for (const one of plan) one.runs = 2;
    await worker.scan();
    await recorded(...plan);
    await worker.stop();
    expect([...used].sort()).toEqual([0, 1]);
  }, 180_000);
});
