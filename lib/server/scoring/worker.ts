/**
 * Processes the job queue, in the site's own process or in several. There are two lanes, one for jobs that somebody
 * waits for and one for the rest; each has its own scoring process, so nobody waits behind a slow convolutional
 * network.
 */
import "server-only";
import { schedule } from "@/lib/dmbn/policy";
import { referenceVariants, scoredAtOnce } from "@/lib/leaderboard";
import type { Recipe } from "@/lib/records";
import type { Job, Lane, PrismaClient } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { artifacts } from "../artifacts";
import { rankBoard, unrankedBoards } from "../boards/rank";
import { Coalescer } from "../coalescer";
import { database, isEmbedded } from "../database/client";
import { enqueue, fail, finish, lease, leaseSeconds, release, releaseAll, renew } from "./jobs";
import { scoringChanged } from "./notify";
import type { RecordedBoard } from "./plan";
import { recordingPlan } from "./plan";
import { catchUp, scoreEverywhere, trajectoriesBehind, Unscorable } from "./score-trajectory";
import type { Scorer } from "./scorer";
import { startScorer } from "./scorer";
import type { RefusedTrajectory } from "./trajectories";
import { importTrajectories, recordHeldOut, TrajectoryDamaged, trajectoryFolders } from "./trajectories";

export interface WorkerParts {
  db: PrismaClient;
  store: ArtifactStore;
  scorers: Record<Lane, Scorer>;
  /** Folders to import recorded trajectories from. */
  folders: readonly string[];
  /** What to record, asked at each scan. */
  plan(): Promise<readonly RecordedBoard[]>;
  /** Whether no other process can hold a lease: those of an earlier start are then void. */
  alone: boolean;
}

export interface Worker {
  /** Imports new trajectories, enqueues missing scores and starts working on them. Idempotent. */
  scan(): Promise<void>;
  /** Starts working on the queue of a lane; resolves once this process has nothing left to do there. */
  work(lane: Lane): Promise<void>;
  /** Trajectory files that the last scan refused. */
  refused(): readonly RefusedTrajectory[];
  /** Stops leasing jobs; resolves once the running ones are done. */
  stop(): Promise<void>;
  /** Stops leasing jobs, and releases those in progress to the next start: for a process that is about to end. */
  abandon(): Promise<void>;
}

export function startWorker(parts: WorkerParts): Worker {
  const { db, store, scorers, folders, plan, alone } = parts;
  const working = new Coalescer<void>();
  let refused: RefusedTrajectory[] = [];
  let started: Promise<void> | undefined;
  let stopped = false;
  let abandoned = false;
  const inProgress = new Set<Job>();

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

  const scan = async () => {
    started ??= alone ? releaseAll(db) : Promise.resolve();
    await started;
    const before = refused;
    refused = await importTrajectories(folders, { db, store });
    for (const { file, reason } of refused)
      if (!before.some((known) => known.file === file && known.reason === reason))
        console.warn(`Trajectory ${file} is refused: ${reason}`);
    await enqueue(db, await missingHeldOut(db, await plan()));
    await enqueueCatchUp();
    for (const board of await unrankedBoards(db)) await rankBoard(db, board);
    for (const lane of lanes) void work(lane);
  };

  const work = (lane: Lane): Promise<void> => working.run(lane, () => drain(lane));

  const drain = async (lane: Lane) => {
    try {
      for (let job = await next(lane); job; job = await next(lane))
        await perform(job, { ...parts, scorer: scorers[lane] });
      if (stopped) return;
      if (lane === "background") scorers.background.stop(); // frees its memory for the prompt lane
      // Jobs that wait for a retry, or are leased by a process that may die.
      if (await db.job.count({ where: { lane, failedAt: null } })) setTimeout(() => void work(lane), 5000).unref();
    } catch (error) {
      console.error(`Scoring, ${lane}:`, error); // the database can't be reached: the next scan tries again
    }
  };

  const next = (lane: Lane) => (stopped ? null : lease(db, lane));

  const perform = async (job: Job, { scorer }: { scorer: Scorer }) => {
    const renewal = setInterval(() => void renew(db, job).catch(() => {}), (1000 * leaseSeconds) / 3).unref();
    inProgress.add(job);
    try {
      await tasks[job.kind](job, { db, store, scorer });
      await finish(db, job);
      if (job.kind === "record") await enqueueCatchUp();
      if (job.kind === "catch_up") doneFor.set(job.trajectoryId!, queuedFor.get(job.trajectoryId!) ?? "");
    } catch (error) {
      if (abandoned) return;
      const { message } = error as Error;
      const forGood = error instanceof Unscorable || error instanceof TrajectoryDamaged;
      console.warn(`${job.key}: ${message}`);
      await fail(db, job, message, { forGood });
    } finally {
      clearInterval(renewal);
      inProgress.delete(job);
      scoringChanged.notify();
    }
  };

  const stop = async () => {
    stopped = true;
    await Promise.all(lanes.map(work));
  };

  const abandon = async () => {
    stopped = abandoned = true;
    for (const job of inProgress) await release(db, job);
  };

  return { scan, work, refused: () => refused, stop, abandon };
}

const lanes = ["prompt", "background"] as const satisfies Lane[];

const tasks: Record<Job["kind"], (job: Job, parts: Parameters<typeof catchUp>[1]) => Promise<void>> = {
  record: ({ benchmarkId, number }, parts) => recordHeldOut({ benchmarkId, number: number! }, parts),
  catch_up: ({ trajectoryId }, parts) => catchUp(trajectoryId!, parts),
  score: ({ policyId, benchmarkId }, parts) => scoreEverywhere({ policyId: policyId!, benchmarkId }, parts),
};

/** Jobs for the held-out runs that are still to be trained, one for each number. */
async function missingHeldOut(db: PrismaClient, boards: readonly RecordedBoard[]) {
  const benchmarks = await db.benchmark.findMany({
    where: { OR: boards.map(({ slug, version }) => ({ slug, version })) },
    select: {
      id: true,
      slug: true,
      trajectories: { where: { visibility: "held_out" }, select: { number: true, variant: true } },
    },
  });
  return benchmarks.flatMap(({ id, slug, trajectories }) =>
    Array.from({ length: boards.find((board) => board.slug === slug)!.runs }, (_, index) => index + 1)
      .filter((number) =>
        referenceVariants.some(
          (variant) => !trajectories.some((row) => row.number === number && row.variant === variant),
        ),
      )
      .map((number) => ({ kind: "record" as const, lane: "background" as const, benchmarkId: id, number })),
  );
}

/** Time between two scans. */
const scanMs = 60_000;

const shared = globalThis as typeof globalThis & { dmbenchWorker?: Worker };

/** This process's worker, started on first use. It scans once a minute. */
export function worker(): Worker {
  if (shared.dmbenchWorker) return shared.dmbenchWorker;
  const started = startWorker({
    db: database(),
    store: artifacts(),
    scorers: siteScorers(),
    folders: trajectoryFolders(),
    plan: recordingPlan,
    alone: isEmbedded(),
  });
  const scan = () =>
    void started.scan().catch((error: unknown) => console.error("Looking for reference trajectories:", error));
  setInterval(scan, scanMs).unref();
  scan();
  shared.dmbenchWorker = started;
  return started;
}

const processes = globalThis as typeof globalThis & { dmbenchScorers?: Record<Lane, Scorer> };

/**
 * This process's scorers. What somebody waits for is small: with one thread it is done sooner, since starting threads
 * takes longer than they save, and silence is noticed sooner.
 */
export const siteScorers = (): Record<Lane, Scorer> =>
  (processes.dmbenchScorers ??= {
    prompt: startScorer({ threads: 1, silentMs: 20_000, taskMs: 600_000 }),
    background: startScorer(),
  });

/** Releases the jobs of this process, which is about to end; its scoring processes end with it. */
export const abandonJobs = async (): Promise<void> => shared.dmbenchWorker?.abandon();

/**
 * Starts the prompt lane's scoring process and preloads the data that policies are scored on: called when somebody
 * begins to write a policy. Never throws; data that was already loaded stays loaded.
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
    console.warn("Warming up the scoring process:", error); // a later submission reports the error to its user
  }
}
