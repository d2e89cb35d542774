/**
 * Processes the job queue, in the site's own process or in several. There are two lanes, one for jobs that somebody
 * waits for and one for the rest; each has its own scoring processes, so nobody waits behind a slow convolutional
 * network. Each process has one thread: several of them train and score more than one with several threads. While anybody
 * is served, only the first of the background works.
 */
import "server-only";
import { availableParallelism, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { schedule } from "@/lib/dmbn/policy";
import { firstRuns, referenceVariants, scoredAtOnce } from "@/lib/leaderboard";
import type { Recipe } from "@/lib/records";
import type { Job, JobKind, Lane, PrismaClient, Trajectory } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { artifacts } from "../artifacts";
import { auditRun } from "../audits/audit";
import { auditedToday } from "../audits/which";
import { rankBoard } from "../boards/rank";
import { refreshStaleBoard, refreshStaleBoards } from "../boards/refresh";
import { BucketError } from "../bucket";
import { Coalescer } from "../coalescer";
import { database, isEmbedded } from "../database/client";
import { hasDataset } from "../datasets";
import { doDailyWork } from "../dumps/daily";
import { env, scoringMode } from "../env";
import { compareReproductions } from "../runs/agreement";
import { isServing } from "../traffic";
import { checkWeights } from "../weights/check";
import { recheckDamaged } from "./damaged";
import { inUse } from "./in-use";
import { scoreInline } from "./inline";
import { enqueue, fail, finish, jobKinds, lease, leaseSeconds, markScored, release, releaseAll, renew } from "./jobs";
import { scoringChanged } from "./notify";
import type { RecordedBoard } from "./plan";
import { recordingPlan } from "./plan";
import { importResults, resultsFolder } from "./published-results";
import { describeFailure, isPaused, timed } from "./recording";
import { catchUp, OutOfTime, scoreEverywhere, showCaughtUp, trajectoriesBehind, Unscorable } from "./score-trajectory";
import type { Scorer } from "./scorer";
import { startScorer } from "./scorer";
import type { RefusedTrajectory } from "./trajectories";
import {
  importTrajectories,
  recordHeldOut,
  TrajectoryDamaged,
  TrajectoryElsewhere,
  trajectoryFolders,
} from "./trajectories";

/** The scorers of each lane. */
export interface Scorers {
  prompt: Scorer;
  background: readonly Scorer[];
}

export interface WorkerParts {
  db: PrismaClient;
  store: ArtifactStore;
  scorers: Scorers;
  /** Folders to import recorded trajectories from. */
  folders: readonly string[];
  /** The folder of published results. */
  results: string;
  /** What to record, asked at each scan. */
  plan(): Promise<readonly RecordedBoard[]>;
  /** Whether somebody is being served. */
  serving(): boolean;
  /** The share of each processor that the background may use, from 0 to 1. */
  share: number;
  /** Seconds of audits that a day (UTC) may cost, over all processes. */
  auditSeconds: number;
  /** Whether no other process can hold a lease: those of an earlier start are then void. */
  alone: boolean;
  /** Whether it works until it is stopped; else only in `drain`. */
  always: boolean;
  /** Which jobs it works on then. Default: all. */
  kinds?: readonly JobKind[];
}

export interface DrainOptions {
  /** Until when jobs are begun, by `Date.now()`. What is in progress then stops at its next part. */
  until: number;
  /** Which jobs: to train a held-out run (`record`) takes seconds to hours. */
  kinds: readonly JobKind[];
  /** It scans first, unless it did so less than this ago. */
  scanEveryMs: number;
}

export interface Worker {
  /**
   * Imports new trajectories and results, refreshes stale boards, enqueues missing scores and starts working on them.
   * Idempotent.
   */
  scan(): Promise<void>;
  /** Works on the queue until the time is up or there is nothing left to do now. Callers may overlap. */
  drain(options: DrainOptions): Promise<void>;
  /** Starts working on the queue of a lane; resolves once this process has nothing left to do there. */
  work(lane: Lane): Promise<void>;
  /** How many background jobs it works on at a time, now. */
  threads(): number;
  /** Files of trajectories and results that the last scan refused. */
  refused(): readonly RefusedTrajectory[];
  /** Stops leasing jobs; resolves once the running ones are done. */
  stop(): Promise<void>;
  /** Stops leasing jobs, and releases those in progress to the next start: for a process that is about to end. */
  abandon(): Promise<void>;
}

export function startWorker(parts: WorkerParts): Worker {
  const { db, store, folders, results, plan, serving, share, auditSeconds, alone, always, kinds = jobKinds } = parts;
  const scorers: Record<Lane, readonly Scorer[]> = {
    prompt: [parts.scorers.prompt],
    background: parts.scorers.background,
  };
  const working = new Coalescer<void>();
  let refused: RefusedTrajectory[] = [];
  /** Benchmarks (ids) that may be recorded, as of the last scan. */
  let recordable: string[] = [];
  /** Those whose data is on this machine. */
  let auditable: string[] = [];
  let started: Promise<void> | undefined;
  let stopped = false;
  let abandoned = false;
  /** Until when jobs are begun, and which. */
  let now: Pick<DrainOptions, "until" | "kinds"> = always
    ? { until: Infinity, kinds }
    : { until: -Infinity, kinds: [] };
  let scannedAt = -Infinity;
  const isOver = () => Date.now() >= now.until;
  const inProgress = new Set<Job>();
  /** Jobs that are done, but for their boards. */
  const concludings = new Set<Promise<void>>();

  /**
   * The policies that each trajectory lacked when its job was last queued and when it last finished, so that unscorable
   * ones are not retried every minute.
   */
  const queuedFor = new Map<string, string>();
  const doneFor = new Map<string, string>();
  const enqueueCatchUp = async () => {
    const behind = (await trajectoriesBehind(db)).filter(({ id, missing }) => doneFor.get(id) !== missing);
    for (const { id, missing } of behind) queuedFor.set(id, missing);
    await enqueue(
      db,
      behind.map(({ id, benchmarkId }) => ({ kind: "catch_up", lane: "background", benchmarkId, trajectoryId: id })),
    );
  };

  const survey = async () => {
    scannedAt = Date.now();
    started ??= alone ? releaseAll(db) : Promise.resolve();
    await started;
    const before = refused;
    refused = [...(await importResults(results, { db, store })), ...(await importTrajectories(folders, { db, store }))];
    for (const { file, reason } of refused)
      if (!before.some((known) => known.file === file && known.reason === reason))
        console.warn(`${file} is refused: ${reason}`);
    await refreshStaleBoards(db);
    await recheckDamaged({ db, store });
    await compareReproductions({ db, store });
    const boards = await plannedBoards(db, await plan());
    recordable = boards.map(({ id }) => id);
    auditable = await benchmarksWithData(db);
    await enqueue(db, boards.flatMap(missingHeldOut));
    await enqueueCatchUp();
  };

  const scan = async () => {
    await survey();
    for (const lane of lanes) void work(lane);
  };

  const drain = async (asked: DrainOptions) => {
    // Of a call that goes on, what it asked for stays.
    now = isOver()
      ? asked
      : { until: Math.max(asked.until, now.until), kinds: [...new Set([...asked.kinds, ...now.kinds])] };
    if (Date.now() - scannedAt >= asked.scanEveryMs) await survey();
    for (const lane of lanes) await performAll(lane); // scores that others wait for first
    await Promise.race([
      Promise.all(concludings),
      sleep(Math.max(0, asked.until - Date.now()), undefined, { ref: false }),
    ]);
  };

  const performAll = (lane: Lane) =>
    Promise.all(scorers[lane].map((scorer, slot) => working.run(scorer, () => empty(lane, scorer, slot))));

  const work = async (lane: Lane): Promise<void> => {
    await performAll(lane);
    await Promise.all(concludings);
    if (stopped || !always) return;
    try {
      if (await db.job.count({ where: { lane, failedAt: null } })) retry(lane);
      else if (lane === "background") for (const scorer of scorers.background) scorer.stop(); // frees their memory
    } catch (error) {
      console.error(`Scoring, ${lane}:`, error); // the database can't be reached: the next scan tries again
    }
  };

  /** Comes back to jobs that wait for a retry or for their turn, or are leased by a process that may die. */
  const retry = (lane: Lane) => {
    if (retries.has(lane)) return;
    retries.add(lane);
    setTimeout(() => {
      retries.delete(lane);
      void work(lane);
    }, 5000).unref();
  };
  const retries = new Set<Lane>();

  const empty = async (lane: Lane, scorer: Scorer, slot: number) => {
    try {
      for (let job = await next(lane, slot); job; job = await next(lane, slot)) await perform(job, scorer);
    } catch (error) {
      console.error(`Scoring, ${lane}:`, error); // the database can't be reached: the next scan tries again
    }
  };

  /** The share of its thread that a process of the background may use now. */
  const paceOf = (slot: number): number => (stopped ? 1 : slot > 0 && serving() ? 0 : share);
  const pacing = setInterval(() => {
    for (const [slot, scorer] of scorers.background.entries()) scorer.pace(paceOf(slot));
  }, 500).unref();

  const hasAuditBudget = async () => auditSeconds > 0 && (await auditedToday(db)) < auditSeconds;

  const next = async (lane: Lane, slot: number): Promise<Job | null> => {
    if (stopped || isOver() || (lane === "background" && paceOf(slot) === 0)) return null;
    const [paused, mayAudit] = await Promise.all([isPaused(db), lane === "background" && hasAuditBudget()]);
    return lease(db, lane, { kinds: now.kinds, recordable, auditable: mayAudit ? auditable : [], paused });
  };

  const perform = async (job: Job, scorer: Scorer) => {
    const renewal = setInterval(() => void renew(db, job).catch(() => {}), (1000 * leaseSeconds) / 3).unref();
    inProgress.add(job);
    const end = () => {
      clearInterval(renewal);
      inProgress.delete(job);
      scoringChanged.notify();
    };
    try {
      await tasks[job.kind](job, { db, store, scorer, isOver });
    } catch (error) {
      await giveBack(job, error).finally(end);
      return;
    }
    const concluding = conclude(job)
      .catch((error: unknown) => console.error(`${job.key}:`, error)) // once its lease expires it is done again
      .finally(() => {
        concludings.delete(concluding);
        end();
      });
    concludings.add(concluding);
    if (job.kind === "record") await concluding; // the new run is scored before the next one is trained
  };

  /** The next job doesn't wait for ranks: a board is brought up to date for all that changed it meanwhile. */
  const conclude = async (job: Job) => {
    if (job.kind === "score") {
      await markScored(db, job);
      await refreshStaleBoard(db, { benchmarkId: job.benchmarkId, division: "closed" });
    }
    await finish(db, job);
    if (job.kind === "audit" || job.kind === "weights") {
      await rankBoard(db, { benchmarkId: job.benchmarkId, division: "open" });
      await enqueueCatchUp(); // on the run's own trajectory, if it joined the public ones
    } else if (job.kind === "catch_up") {
      doneFor.set(job.trajectoryId!, queuedFor.get(job.trajectoryId!) ?? "");
      await showCaughtUp(job.trajectoryId!, db);
    } else {
      // The new run lacks every score; a new policy those on the runs that nobody waited for.
      await enqueueCatchUp();
      if (always) void work("background");
    }
  };

  const giveBack = async (job: Job, error: unknown) => {
    if (abandoned) return;
    if (error instanceof OutOfTime) return release(db, job);
    const { message } = error as Error;
    const forGood = error instanceof Unscorable || error instanceof TrajectoryDamaged;
    console.warn(`${job.key}: ${message}`);
    // Another instance may have the file; this one doesn't queue the job again.
    if (error instanceof TrajectoryElsewhere && job.trajectoryId)
      doneFor.set(job.trajectoryId, queuedFor.get(job.trajectoryId) ?? "");
    const isPublic = job.kind !== "record" && !(error instanceof BucketError);
    await fail(db, job, isPublic ? message : describeFailure(error), { forGood });
  };

  const stop = async () => {
    stopped = true;
    await Promise.all(lanes.map(work));
    clearInterval(pacing);
  };

  const abandon = async () => {
    stopped = abandoned = true;
    for (const job of inProgress) await release(db, job);
  };

  const threads = () => scorers.background.filter((_, slot) => paceOf(slot) > 0).length;

  return { scan, drain, work, threads, refused: () => refused, stop, abandon };
}

const lanes = ["prompt", "background"] as const satisfies Lane[];

const tasks: Record<Job["kind"], (job: Job, parts: Parameters<typeof catchUp>[1]) => Promise<void>> = {
  record: ({ benchmarkId, number }, parts) =>
    timed("record", benchmarkId, parts.db, async () => {
      await recordHeldOut({ benchmarkId, number: number! }, parts);
      return 1;
    }),
  audit: ({ runId }, parts) => auditRun(runId!, parts),
  weights: ({ runId }, parts) => checkWeights(runId!, parts),
  catch_up: ({ trajectoryId, benchmarkId }, parts) =>
    timed("score", benchmarkId, parts.db, () => catchUp(trajectoryId!, parts)),
  score: ({ policyId, benchmarkId, lane }, parts) =>
    scoreEverywhere(
      { policyId: policyId!, benchmarkId, runs: lane === "prompt" ? firstRuns : Number.MAX_SAFE_INTEGER },
      parts,
    ),
};

/** Ids of the benchmarks whose data set is on this machine. */
async function benchmarksWithData(db: PrismaClient): Promise<string[]> {
  const rows = await db.benchmark.findMany({ select: { id: true, dataset: true } });
  const datasets = [...new Set(rows.map(({ dataset }) => dataset))];
  const here = new Map(await Promise.all(datasets.map(async (slug) => [slug, await hasDataset(slug)] as const)));
  return rows.filter(({ dataset }) => here.get(dataset)).map(({ id }) => id);
}

interface Planned {
  id: string;
  runs: number;
  trajectories: Pick<Trajectory, "number" | "variant" | "visibility" | "lostAt">[];
}

/** The benchmarks of a plan, with their held-out runs and those that were. */
async function plannedBoards(db: PrismaClient, plan: readonly RecordedBoard[]): Promise<Planned[]> {
  const rows = await db.benchmark.findMany({
    where: { OR: plan.map(({ slug, version }) => ({ slug, version })) },
    select: {
      id: true,
      slug: true,
      trajectories: {
        where: { visibility: { in: ["held_out", "retired"] } },
        select: { number: true, variant: true, visibility: true, lostAt: true },
      },
    },
  });
  return rows.map(({ slug, ...row }) => ({ ...row, runs: plan.find((board) => board.slug === slug)!.runs }));
}

/**
 * Jobs for the held-out runs that are still to be trained, one for each number. The numbers of lost and of retired runs are
 * passed over.
 */
const missingHeldOut = ({ id, runs, trajectories }: Planned) => {
  const gone = new Set(
    trajectories
      .filter(({ visibility, lostAt }) => visibility === "retired" || lostAt !== null)
      .map(({ number }) => number),
  );
  return Array.from({ length: runs + gone.size }, (_, index) => index + 1)
    .filter((number) => !gone.has(number))
    .slice(0, runs)
    .filter((number) =>
      referenceVariants.some(
        (variant) => !trajectories.some((row) => row.number === number && row.variant === variant),
      ),
    )
    .map((number) => ({ kind: "record" as const, lane: "background" as const, benchmarkId: id, number }));
};

/** Time between two scans. */
export const scanMs = 60_000;

// On globalThis: a server has several copies of this module, one per bundle.
const shared = globalThis as typeof globalThis & { dmbenchWorker?: Worker; dmbenchScorers?: Scorers };

/**
 * This process's worker, started on first use. Where policies are scored in processes of their own, it scans once a
 * minute.
 * @param kinds which jobs it works on then; counts at the first call
 */
export function worker(kinds?: readonly JobKind[]): Worker {
  if (shared.dmbenchWorker) return shared.dmbenchWorker;
  const always = scoringMode() === "process";
  const started = startWorker({
    db: database(),
    store: artifacts(),
    scorers: siteScorers(),
    folders: trajectoryFolders(),
    results: resultsFolder(),
    plan: recordingPlan,
    serving: isServing,
    share: env().DMBENCH_RECORD_SHARE,
    auditSeconds: env().DMBENCH_AUDIT_SECONDS,
    alone: isEmbedded(),
    always,
    ...(kinds && { kinds }),
  });
  shared.dmbenchWorker = started;
  if (!always) return started;
  const scan = () => {
    void started.scan().catch((error: unknown) => console.error("Looking for reference trajectories:", error));
    void doDailyWork();
  };
  setInterval(scan, scanMs).unref();
  scan();
  return started;
}

/** Memory for each process of the background: a large data set decoded, a trace, and what is cached. */
const bytesPerProcess = 2 ** 31;

/** Of this machine, or of the container that this is. */
const memoryBytes = (): number => Math.min(totalmem(), process.constrainedMemory() || Infinity);

/** Processes of the background: one for each core, if there is the memory. */
const slots = (): number => Math.max(1, Math.min(availableParallelism(), Math.floor(memoryBytes() / bytesPerProcess)));

const makeScorers = (): Scorers =>
  scoringMode() === "process"
    ? {
        prompt: startScorer({ silentMs: 20_000, taskMs: 600_000 }),
        background: Array.from({ length: slots() }, () => startScorer({ background: true, cacheBytes: 2 ** 28 })),
      }
    : { prompt: inlineScorer(), background: [inlineScorer()] };

const inlineScorer = (): Scorer => startScorer({ cacheBytes: 2 ** 27 }, scoreInline);

/** This process's scorers. */
export const siteScorers = (): Scorers => (shared.dmbenchScorers ??= makeScorers());

/** What is done during requests: recordings take longer. */
const duringRequests = ["score", "catch_up"] as const satisfies JobKind[];

/**
 * Works on what is queued for so long at most, unless other instances do; trains nothing.
 * @param scanEveryMs looks after the boards and for missing scores first, unless this process did so less than this ago
 * @returns how many jobs are left
 */
export async function drainFor(seconds: number, { scanEveryMs = 0 } = {}): Promise<number> {
  if (env().DMBENCH_MIRROR_OF) return 0; // what it shows is another site's
  const until = scoringMode() === "none" ? 0 : Date.now() + 1000 * seconds;
  await worker().drain({ until, kinds: duringRequests, scanEveryMs });
  return database().job.count({ where: { kind: { in: [...duringRequests] }, failedAt: null } });
}

/** Releases the jobs of this process, which is about to end; its scoring processes end with it. */
export const abandonJobs = async (): Promise<void> => shared.dmbenchWorker?.abandon();

/**
 * Starts the prompt lane's scoring process and preloads the data that policies are scored on: called when somebody
 * begins to write a policy. Never throws; data that was already loaded stays loaded.
 */
export async function warmUp(): Promise<void> {
  try {
    const rows = await database().benchmark.findMany({
      where: { trajectories: { some: { visibility: { in: inUse }, damage: null } } },
      select: { recipe: true },
    });
    const recipes = rows.map(({ recipe }) => recipe as Recipe).filter(scoredAtOnce);
    if (recipes.length > 0)
      await siteScorers().prompt.check(
        schedule(0.9),
        recipes.map((recipe) => ({ recipe, variant: "bn" })),
      );
  } catch (error) {
    console.warn("Warming up the scoring process:", error); // a later submission reports the error to its user
  }
}
