/**
 * Does the work that is in line, in the site's own process or in several: one
 * lane for what somebody waits for, one for the rest, each with a scoring
 * process, so that nobody waits behind a convolution.
 */
import "server-only";
import { schedule } from "@/lib/dmbn/policy";
import { heldOutRuns, referenceVariants, scoredAtOnce } from "@/lib/leaderboard";
import type { Recipe } from "@/lib/records";
import type { Job, Lane, PrismaClient } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { artifacts } from "../artifacts";
import { rankBoard } from "../boards/refresh";
import { database, isEmbedded } from "../database/client";
import { enqueue, fail, finish, forgetLeases, lease, leaseSeconds, renew } from "./jobs";
import { tellNews } from "./notify";
import { catchUp, scoreEverywhere, trajectoriesBehind, Unscorable } from "./score-trajectory";
import type { Scorer } from "./scorer";
import { startScorer } from "./scorer";
import type { RefusedTrajectory } from "./trajectories";
import { recordHeldOut, TrajectoryDamaged, takeIn, trajectoryFolders } from "./trajectories";

export interface WorkerParts {
  db: PrismaClient;
  store: ArtifactStore;
  scorers: Record<Lane, Scorer>;
  /** Where recorded trajectories lie. */
  folders: readonly string[];
  /** Benchmarks (slugs) whose held-out runs this installation records by itself. */
  recordHere: readonly string[];
  /** No other process can hold a lease: those of an earlier start are void. */
  alone: boolean;
}

export interface Worker {
  /** Looks for new trajectories and for whatever is not scored, puts it in line and starts on it. Idempotent. */
  survey(): Promise<void>;
  /** Starts on what is in line; resolves once this process has nothing left to do in that lane. */
  work(lane: Lane): Promise<void>;
  /** Trajectory files that the last survey refused. */
  refused(): readonly RefusedTrajectory[];
  /** Takes up nothing more; resolves once what it has begun is done. */
  stop(): Promise<void>;
}

export function startWorker(parts: WorkerParts): Worker {
  const { db, store, scorers, folders, recordHere, alone } = parts;
  const loops = new Map<Lane, { again: boolean; done: Promise<void> }>();
  let refused: RefusedTrajectory[] = [];
  let started: Promise<void> | undefined;
  let stopped = false;

  /**
   * By trajectory, what it lacked when it was last lined up, and when it was last brought up to date: what can't be
   * scored there is not tried each minute anew.
   */
  const asked = new Map<string, string>();
  const done = new Map<string, string>();
  const lineUpCatchUp = async () => {
    const behind = (await trajectoriesBehind(db)).filter(({ id, missing }) => done.get(id) !== missing);
    for (const { id, missing } of behind) asked.set(id, missing);
    await enqueue(
      db,
      behind.map(({ id, benchmarkId }) => ({ kind: "catch_up", lane: "background", benchmarkId, trajectoryId: id })),
    );
  };

  const survey = async () => {
    await (started ??= alone ? forgetLeases(db) : Promise.resolve());
    const before = refused;
    refused = await takeIn(folders, { db, store });
    for (const { file, reason } of refused)
      if (!before.some((one) => one.file === file && one.reason === reason))
        console.warn(`Trajectory ${file} is refused: ${reason}`);
    await enqueue(db, await missingHeldOut(db, recordHere));
    await lineUpCatchUp();
    // A band that was never made, or whose making was cut off.
    const unranked = await db.boardRow.findMany({
      where: { bandFirst: null },
      distinct: ["benchmarkId", "division"],
      select: { benchmarkId: true, division: true },
    });
    for (const board of unranked) await rankBoard(db, board);
    for (const lane of lanes) void work(lane);
  };

  const work = (lane: Lane): Promise<void> => {
    const running = loops.get(lane);
    if (running) {
      running.again = true;
      return running.done;
    }
    const loop = { again: true, done: Promise.resolve() };
    loops.set(lane, loop);
    loop.done = (async () => {
      while (loop.again) {
        loop.again = false;
        await run(lane);
      }
      loops.delete(lane);
    })();
    return loop.done;
  };

  const run = async (lane: Lane) => {
    try {
      for (let job = await next(lane); job; job = await next(lane))
        await perform(job, { ...parts, scorer: scorers[lane] });
      if (stopped) return;
      if (lane === "background") scorers.background.stop(); // it has all the memory that a prompt one needs
      // What waits for a second try, or is leased by a process that may die.
      if (await db.job.count({ where: { lane, failedAt: null } })) setTimeout(() => void work(lane), 5000).unref();
    } catch (error) {
      console.error(`Scoring, ${lane}:`, error); // the database is away: the next survey tries again
    }
  };

  const next = (lane: Lane) => (stopped ? null : lease(db, lane));

  const perform = async (job: Job, { scorer }: { scorer: Scorer }) => {
    const renewal = setInterval(() => void renew(db, job).catch(() => {}), (1000 * leaseSeconds) / 3).unref();
    try {
      await tasks[job.kind](job, { db, store, scorer });
      await finish(db, job);
      if (job.kind === "record") await lineUpCatchUp();
      if (job.kind === "catch_up") done.set(job.trajectoryId!, asked.get(job.trajectoryId!) ?? "");
    } catch (error) {
      const { message } = error as Error;
      const forGood = error instanceof Unscorable || error instanceof TrajectoryDamaged;
      console.warn(`${job.key}: ${message}`);
      await fail(db, job, message, { forGood });
    } finally {
      clearInterval(renewal);
      tellNews();
    }
  };

  const stop = async () => {
    stopped = true;
    await Promise.all([...loops.values()].map(({ done }) => done));
  };

  return { survey, work, refused: () => refused, stop };
}

const lanes = ["prompt", "background"] as const satisfies Lane[];

const tasks: Record<Job["kind"], (job: Job, parts: Parameters<typeof catchUp>[1]) => Promise<void>> = {
  record: ({ benchmarkId, number }, parts) => recordHeldOut({ benchmarkId, number: number! }, parts),
  catch_up: ({ trajectoryId }, parts) => catchUp(trajectoryId!, parts),
  score: ({ policyId, benchmarkId }, parts) => scoreEverywhere({ policyId: policyId!, benchmarkId }, parts),
};

/** Held-out runs that are still to be trained, a job for each number. */
async function missingHeldOut(db: PrismaClient, slugs: readonly string[]) {
  const benchmarks = await db.benchmark.findMany({
    where: { slug: { in: [...slugs] } },
    distinct: ["slug"],
    orderBy: [{ slug: "asc" }, { version: "desc" }],
    select: { id: true, trajectories: { where: { visibility: "held_out" }, select: { number: true, variant: true } } },
  });
  return benchmarks.flatMap(({ id, trajectories }) =>
    Array.from({ length: heldOutRuns }, (_, index) => index + 1)
      .filter((number) =>
        referenceVariants.some(
          (variant) => !trajectories.some((row) => row.number === number && row.variant === variant),
        ),
      )
      .map((number) => ({ kind: "record" as const, lane: "background" as const, benchmarkId: id, number })),
  );
}

/** Between two looks for trajectories that were recorded meanwhile. */
const surveyMs = 60_000;

const shared = globalThis as typeof globalThis & { dmbenchWorker?: Worker };

/** This process's worker, started on first use. It surveys once a minute. */
export function worker(): Worker {
  if (shared.dmbenchWorker) return shared.dmbenchWorker;
  const started = startWorker({
    db: database(),
    store: artifacts(),
    scorers: siteScorers(),
    folders: trajectoryFolders(),
    recordHere: ["digits-mlp"],
    alone: isEmbedded(),
  });
  const survey = () =>
    void started.survey().catch((error: unknown) => console.error("Looking for reference trajectories:", error));
  setInterval(survey, surveyMs).unref();
  survey();
  return (shared.dmbenchWorker = started);
}

const processes = globalThis as typeof globalThis & { dmbenchScorers?: Record<Lane, Scorer> };

/** This process's scorers. */
export const siteScorers = (): Record<Lane, Scorer> =>
  (processes.dmbenchScorers ??= { prompt: startScorer(), background: startScorer() });

/**
 * Has the process that somebody will wait for start, and open the data that policies are
 * scored on: for when somebody begins to write one. Never throws; what is loaded stays as it is.
 */
export async function warmUp(): Promise<void> {
  try {
    const rows = await database().benchmark.findMany({
      where: { trajectories: { some: { damage: null } } },
      select: { recipe: true },
    });
    const recipes = rows.map(({ recipe }) => recipe as Recipe).filter(scoredAtOnce);
    if (recipes.length > 0)
      await siteScorers().prompt.check(
        schedule(0.9),
        recipes.map((recipe) => ({ recipe, variant: "bn" })),
      );
  } catch (error) {
    console.warn("Warming up the scoring process:", error); // the submission will say it better
  }
}
