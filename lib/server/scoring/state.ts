/** The progress of scoring a policy, and the state of the job queue. */
import "server-only";
import { scorerVersion } from "@/lib/leaderboard";
import type { JobKind, Prisma } from "@/prisma/generated/client";
import { Coalescer } from "../coalescer";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { inUse } from "./in-use";
import { countAhead } from "./jobs";
import { scoringChanged } from "./notify";

const used = { visibility: { in: inUse } };

export interface ScoringState {
  benchmark: { slug: string; version: number; title: string };
  /** `waiting` in the queue, `running`, `scored` on all, or `failed` with the reason. */
  state: "waiting" | "running" | "scored" | "failed";
  /** Reference runs scored so far. */
  scored: number;
  of: number;
  /** Jobs that come before this one; null unless it is waiting. */
  ahead: number | null;
  error: string | null;
}

/** A policy's scoring on every benchmark that it is scored on or queued for. */
export async function scoringOf(policyId: string, db: Database = database()): Promise<ScoringState[]> {
  const benchmarks = await db.benchmark.findMany({
    where: {
      trajectories: { some: used },
      OR: [{ jobs: { some: { policyId } } }, { trajectories: { some: { ...used, scores: { some: { policyId } } } } }],
    },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    select: {
      slug: true,
      version: true,
      title: true,
      trajectories: {
        where: { ...used, damage: null },
        select: { _count: { select: { scores: { where: { policyId, scorerVersion } } } } },
      },
      jobs: { where: { policyId }, select: { id: true, lane: true, leasedUntil: true, failedAt: true, error: true } },
    },
  });
  return Promise.all(
    benchmarks.map(async ({ trajectories, jobs: [job], ...benchmark }) => {
      const scored = trajectories.filter(({ _count }) => _count.scores > 0).length;
      const running =
        job?.leasedUntil !== null && (job?.leasedUntil?.getTime() ?? 0) > Date.now() && job?.error === null;
      const state = !job
        ? scored === trajectories.length
          ? "scored"
          : "waiting"
        : job.failedAt
          ? "failed"
          : running
            ? "running"
            : "waiting";
      return {
        benchmark,
        state,
        scored,
        of: trajectories.length,
        ahead: job && state === "waiting" ? await countAhead(db, job) : null,
        error: job?.error ?? null,
      };
    }),
  );
}

interface Progress {
  states: ScoringState[];
  /** Whether any job that somebody waits for is left. */
  pending: boolean;
}

const reading = new Coalescer<Progress>();

/** A policy's progress, read once for all its followers. */
const readProgress = (policyId: string, db: Database): Promise<Progress> =>
  reading.run(policyId, async () => {
    // Read before the states, so that a job that ends in between shows up in them.
    const pending = (await db.job.count({ where: { policyId, lane: "prompt", failedAt: null } })) > 0;
    return { pending, states: await scoringOf(policyId, db) };
  });

/**
 * What a policy's progress depends on, in one query: `readProgress` takes several, and each policy that is waited for is
 * asked about each second.
 */
async function progressMark(policyId: string, db: Database): Promise<string> {
  const [{ mark }] = await db.$queryRaw<[{ mark: string }]>`
    SELECT concat_ws(' ',
      (SELECT count(*) FROM score WHERE policy_id = ${policyId}::uuid),
      (SELECT string_agg(concat_ws(' ', id, attempts, leased_until > now(), failed_at, error, (
          SELECT count(*) FROM job AS before
          WHERE before.lane = job.lane AND before.failed_at IS NULL AND before.kind = 'score' AND before.id < job.id
        )), ', ' ORDER BY id)
       FROM job WHERE policy_id = ${policyId}::uuid)) AS mark`;
  return mark;
}

/** Another process may be the one that scores, and can't notify this one. */
const pollMs = 1000;

/** A policy's scoring at some moment. */
export interface Followed {
  scoring: ScoringState[];
  /** Whether no job that somebody waits for is left. */
  done: boolean;
}

/** Yields a policy's scoring after each change, until it is done, the time is up or the reader is gone. */
export async function* followScoring(
  policyId: string,
  { db = database(), signal, forMs = Infinity }: { db?: Database; signal?: AbortSignal; forMs?: number } = {},
): AsyncGenerator<Followed> {
  const end = performance.now() + forMs;
  let before = "";
  let markBefore: string | null = null;
  for (;;) {
    const change = scoringChanged.next(Math.max(0, Math.min(pollMs, end - performance.now()))); // before reading, so that no change is missed
    const mark = await progressMark(policyId, db);
    const isLast = signal?.aborted || performance.now() >= end;
    if (mark !== markBefore || isLast) {
      markBefore = mark;
      const { states: scoring, pending } = await readProgress(policyId, db);
      const over = !pending || isLast;
      const current = JSON.stringify(scoring);
      if (current !== before || over) yield { scoring, done: !pending };
      before = current;
      if (over) return;
    }
    await change;
  }
}

/** Jobs that score; `recording.ts` knows of runs to record. */
export interface ScoringQueue {
  waiting: number;
  /** Leased by this process or another. */
  running: number;
  /** Given up; submitting the policy again retries it. */
  failed: { work: JobKind; benchmark: string; policy: string | null; error: string | null }[];
}

/** The queue as a whole. */
export async function scoringQueue(db: Database = database()): Promise<ScoringQueue> {
  const now = new Date();
  const scores = { kind: { notIn: ["record", "audit"] } } satisfies Prisma.JobWhereInput;
  const [running, unfinished, failed] = await Promise.all([
    db.job.count({ where: { ...scores, failedAt: null, error: null, leasedUntil: { gt: now } } }),
    db.job.count({ where: { ...scores, failedAt: null } }),
    db.job.findMany({
      where: { failedAt: { not: null } },
      orderBy: { failedAt: "desc" },
      take: 100,
      select: { kind: true, error: true, benchmark: { select: { slug: true } }, policy: { select: { slug: true } } },
    }),
  ]);
  return {
    waiting: unfinished - running,
    running,
    failed: failed.map(({ kind, error, benchmark, policy }) => ({
      work: kind,
      benchmark: benchmark.slug,
      policy: policy?.slug ?? null,
      error,
    })),
  };
}
