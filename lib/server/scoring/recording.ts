/**
 * The recording of held-out runs as people see it: how far each board is, what it costs and how long it will take, what
 * went wrong, and whether a maintainer has paused it.
 */
import "server-only";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import { referenceVariants } from "@/lib/leaderboard";
import { textSchema } from "@/lib/records";
import { BucketError } from "../bucket";
import type { Database } from "../database/client";
import { database } from "../database/client";
import type { RecordedBoard } from "./plan";
import { recordingPlan } from "./plan";
import { ScoringError } from "./scoring-process";
import { DatasetGone, RunDiverged } from "./trajectories";

/** How many held-out runs a board has, and will have. */
export interface Runs {
  /** Recorded in every variant. */
  have: number;
  /** At least `have`; equal to it where this installation records no more. */
  of: number;
}

export interface BoardRecording extends Runs {
  benchmark: { slug: string; version: number; title: string };
  /**
   * `complete`; `running` now; `queued`; `retrying` after a failure; `absent`: its data is not on this machine, or the
   * settings leave it out.
   */
  state: "complete" | "running" | "queued" | "retrying" | "absent";
  /** Seconds until its last run is scored, by what runs have cost here; null before the first one is. */
  secondsLeft: number | null;
  /** Why the last attempt failed, how many there were, and when the next is made; null unless `retrying`. */
  failure: { reason: string; attempts: number; nextAt: Date } | null;
}

export interface Recording {
  /** Null while nobody has paused it. */
  paused: { by: string | null; since: Date; reason: string } | null;
  boards: BoardRecording[];
  /** Seconds until all is recorded and scored; null while a board's cost is unknown. */
  secondsLeft: number | null;
}

// ── Pausing ──────────────────────────────────────────────────────────────────

export const decisionSchema = z.strictObject({
  state: z.enum(["paused", "resumed"]).describe("paused: what runs now is finished, and no further run is begun"),
  reason: textSchema({ min: 3, max: 500 }).describe("Public, in the log"),
});

const subject = "recording";
const actions = { paused: "recording.paused", resumed: "recording.resumed" } as const;

/** The log is what persists: its last entry about recording says whether it is paused. */
const lastDecision = (db: Database) =>
  db.logEntry.findFirst({
    where: { subject },
    orderBy: { id: "desc" },
    select: { action: true, detail: true, createdAt: true, actor: { select: { name: true } } },
  });

/** Whether a maintainer has paused the work that nobody requested. */
export const isPaused = async (db: Database): Promise<boolean> => (await lastDecision(db))?.action === actions.paused;

/** Pauses or resumes recording, with an entry in the log. Nothing happens if it is so already. */
export async function decideRecording(
  { state, reason }: z.output<typeof decisionSchema>,
  actorId: string,
  db: Database = database(),
): Promise<void> {
  if ((await isPaused(db)) === (state === "paused")) return;
  const action = actions[state];
  await db.logEntry.create({ data: { action, subject, subjectId: "held-out", actorId, detail: { reason } } });
}

// ── What it costs, and what went wrong ───────────────────────────────────────

/**
 * Does work that returns how many runs or scores it made, and notes what one of them took. A new figure counts for a
 * third, so that one slow hour is soon forgotten.
 */
export async function timed(
  what: "record" | "score",
  benchmarkId: string,
  db: Database,
  work: () => Promise<number>,
): Promise<void> {
  const start = performance.now();
  const made = await work();
  if (made === 0) return;
  const seconds = (performance.now() - start) / 1000 / made;
  const row = await db.recordingTime.findUnique({ where: { benchmarkId } });
  const column = `${what}Seconds` as const;
  const before = row?.[column] ?? seconds;
  const time = { [column]: before + (seconds - before) / 3 };
  await db.recordingTime.upsert({ where: { benchmarkId }, create: { benchmarkId, ...time }, update: time });
}

/** Why a job failed, for everybody: without paths on the server, and without its keys. */
export function describeFailure(error: unknown): string {
  const { code, message, cause } = error as NodeJS.ErrnoException;
  if (error instanceof DatasetGone) return `The data set ${message}.`;
  if (error instanceof RunDiverged) return `The ${message}.`;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") return "The disk is full.";
  if (error instanceof BucketError) return "The site's file store can't be used; the site's log says why.";
  if (error instanceof ScoringError)
    return String(cause).startsWith("Dataset") ? "The data set can't be read; the site's log says why." : message;
  return `${code ? `A file can't be written (${code})` : "It failed"}; the site's log says more.`;
}

// ── How far it is ────────────────────────────────────────────────────────────

/** The plan is read from folders of data sets, so not for every visitor anew. */
const plans = new LRUCache<"now", readonly RecordedBoard[]>({
  max: 1,
  ttl: 10_000,
  fetchMethod: () => recordingPlan(),
});

/** How many held-out runs each benchmark has in every variant, by its id. */
async function countRuns(db: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await db.$queryRaw<{ id: string; runs: number }[]>`
    SELECT benchmark_id::text AS id, count(*)::int AS runs FROM (
      SELECT benchmark_id, number FROM trajectory
      WHERE visibility = 'held_out' AND damage IS NULL AND variant = ANY (${[...referenceVariants]})
      GROUP BY 1, 2 HAVING count(*) = ${referenceVariants.length}
    ) AS whole GROUP BY 1`;
  return new Map(rows.map(({ id, runs }) => [id, runs]));
}

/** How many held-out runs a benchmark has so far, and will have: "12 of 50". */
export async function runsOf(
  { id, slug, version }: { id: string; slug: string; version: number },
  db: Database = database(),
): Promise<Runs> {
  const [counts, plan] = await Promise.all([countRuns(db), plans.forceFetch("now")]);
  return runs(counts.get(id) ?? 0, plan, { slug, version });
}

function runs(have: number, plan: readonly RecordedBoard[], benchmark: { slug: string; version: number }): Runs {
  const planned = plan.find(({ slug, version }) => slug === benchmark.slug && version === benchmark.version);
  return { have, of: Math.max(have, planned?.runs ?? 0) };
}

/** What is being recorded, what waits, what failed, and how long it will take. */
export async function recording({
  db = database(),
  plan = () => plans.forceFetch("now"),
  threads,
}: {
  db?: Database;
  plan?: () => Promise<readonly RecordedBoard[]>;
  /** How many runs are worked on at a time. */
  threads: number;
}): Promise<Recording> {
  const [decision, counts, planned, benchmarks, methods] = await Promise.all([
    lastDecision(db),
    countRuns(db),
    plan(),
    db.benchmark.findMany({
      distinct: ["slug"],
      orderBy: [{ slug: "asc" }, { version: "desc" }],
      select: {
        id: true,
        slug: true,
        version: true,
        title: true,
        createdAt: true,
        recordingTime: true,
        jobs: {
          where: { kind: { in: ["record", "catch_up"] }, failedAt: null },
          select: { kind: true, leasedUntil: true, error: true, attempts: true },
        },
      },
    }),
    db.boardRow.groupBy({ by: ["benchmarkId"], where: { division: "closed" }, _count: true }),
  ]);
  const now = Date.now();
  const boards = benchmarks
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || a.slug.localeCompare(b.slug))
    .map(({ id, jobs, recordingTime, createdAt: _, ...benchmark }) => {
      const board = runs(counts.get(id) ?? 0, planned, benchmark);
      const leased = jobs.filter(({ leasedUntil }) => leasedUntil !== null && leasedUntil.getTime() > now);
      const failed = leased.find(({ error }) => error !== null);
      const missing = board.of - board.have;
      const rows = methods.find(({ benchmarkId }) => benchmarkId === id)?._count ?? 0;
      const { recordSeconds, scoreSeconds } = recordingTime ?? { recordSeconds: null, scoreSeconds: null };
      const behind = jobs.filter(({ kind }) => kind === "catch_up").length;
      return {
        benchmark,
        ...board,
        state: failed
          ? ("retrying" as const)
          : leased.length > 0
            ? ("running" as const)
            : missing > 0 || behind > 0
              ? ("queued" as const)
              : board.of > 0
                ? ("complete" as const)
                : ("absent" as const),
        failure: failed ? { reason: failed.error!, attempts: failed.attempts, nextAt: failed.leasedUntil! } : null,
        work:
          missing + behind === 0
            ? []
            : recordSeconds === null || scoreSeconds === null
              ? null
              : [
                  ...(behind > 0 ? [(behind * rows * scoreSeconds) / referenceVariants.length] : []),
                  ...Array<number>(missing).fill(recordSeconds + rows * scoreSeconds),
                ],
      };
    });
  const ends = finishTimes(
    boards.map(({ work }) => work),
    threads,
  );
  const paused = decision?.action === actions.paused;
  return {
    paused: paused
      ? {
          by: decision.actor?.name ?? null,
          since: decision.createdAt,
          reason: String((decision.detail as { reason?: unknown }).reason),
        }
      : null,
    boards: boards.map(({ work: _, ...board }, index) => ({ ...board, secondsLeft: ends[index]! })),
    secondsLeft: ends.reduce((last, end) => (last === null || end === null ? null : Math.max(last, end)), 0),
  };
}

/**
 * When each board's work ends if all boards take turns.
 * @param work seconds of each piece of each board's work, in its order; null where unknown, which isn't counted
 * @returns seconds from now; null where unknown
 */
export function finishTimes(work: readonly (readonly number[] | null)[], threads: number): (number | null)[] {
  const ends: (number | null)[] = work.map((pieces) => (pieces ? 0 : null));
  let total = 0;
  for (let turn = 0; work.some((pieces) => pieces && turn < pieces.length); turn += 1) {
    work.forEach((pieces, board) => {
      if (!pieces || turn >= pieces.length) return;
      total += pieces[turn]! / threads;
      ends[board] = total;
    });
  }
  return ends;
}
