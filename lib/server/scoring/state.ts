/** How far the scoring of a policy is. */
import "server-only";
import { scorerVersion } from "../boards/scorer-version";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { ahead } from "./jobs";
import { nextNews } from "./notify";

export interface ScoringState {
  benchmark: { slug: string; version: number; title: string };
  /** `waiting` in line, `running`, `scored` on all, or `failed` with the reason. */
  state: "waiting" | "running" | "scored" | "failed";
  /** Reference runs scored, of all. */
  scored: number;
  of: number;
  /** Jobs before this one; null unless waiting. */
  ahead: number | null;
  error: string | null;
}

/** A policy's scoring on every benchmark that it is scored on or in line for. */
export async function scoringOf(policyId: string, db: Database = database()): Promise<ScoringState[]> {
  const benchmarks = await db.benchmark.findMany({
    where: {
      trajectories: { some: {} },
      OR: [{ jobs: { some: { policyId } } }, { trajectories: { some: { scores: { some: { policyId } } } } }],
    },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    select: {
      slug: true,
      version: true,
      title: true,
      trajectories: {
        where: { damage: null },
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
        ahead: job && state === "waiting" ? await ahead(db, job) : null,
        error: job?.error ?? null,
      };
    }),
  );
}

interface Look {
  states: ScoringState[];
  /** Whether something is left that somebody waits for. */
  pending: boolean;
}

const looks = new WeakMap<object, Map<string, Promise<Look>>>();

/** Everyone who follows a policy at the moment looks with the same eyes. */
function look(policyId: string, db: Database): Promise<Look> {
  const ofDatabase = looks.get(db) ?? new Map<string, Promise<Look>>();
  looks.set(db, ofDatabase);
  const fresh = async (): Promise<Look> => {
    // first: what is done is in the states
    const pending = (await db.job.count({ where: { policyId, lane: "prompt", failedAt: null } })) > 0;
    return { pending, states: await scoringOf(policyId, db) };
  };
  const current = ofDatabase.get(policyId) ?? fresh().finally(() => ofDatabase.delete(policyId));
  ofDatabase.set(policyId, current);
  return current;
}

/** Another process may be the one that scores. */
const lookAgainMs = 1000;

/** A policy's scoring each time it has come on, until nothing is left that is scored at once. */
export async function* followScoring(
  policyId: string,
  db: Database = database(),
  signal?: AbortSignal,
): AsyncGenerator<ScoringState[]> {
  let last = "";
  for (;;) {
    const news = nextNews(lookAgainMs); // before looking: nothing in between is missed
    const { states, pending } = await look(policyId, db);
    const now = JSON.stringify(states);
    if (now !== last) yield states;
    last = now;
    if (!pending || signal?.aborted) return;
    await news;
  }
}

export interface ScoringLine {
  waiting: number;
  /** Being done, by this process or another. */
  running: number;
  /** Given up; whoever submits the policy again has it tried again. */
  failed: { work: "record" | "catch_up" | "score"; benchmark: string; policy: string | null; error: string | null }[];
}

/** The line as a whole. */
export async function scoringLine(db: Database = database()): Promise<ScoringLine> {
  const now = new Date();
  const [running, unfinished, failed] = await Promise.all([
    db.job.count({ where: { failedAt: null, error: null, leasedUntil: { gt: now } } }),
    db.job.count({ where: { failedAt: null } }),
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
