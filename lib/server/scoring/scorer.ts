/**
 * Scores for the site, usually in a process of its own: started by the first task, stopped after being idle for a while. Tasks
 * wait here, not in the process, so the end of one process costs nobody but the task that it was doing, and that is
 * tried again.
 */
import "server-only";
import type { MomentumPolicy, PolicyIssue } from "@/lib/dmbn/policy";
import type { Recipe, Variant } from "@/lib/records";
import type { Audited, Results, Scoring, Task } from "./messages";
import type { ProcessOptions, ScoringProcess } from "./scoring-process";
import { ScoringEnded, startScoringProcess } from "./scoring-process";

/** A trajectory to score on; its file is read only if the process has not loaded it. */
export interface ScorableTrajectory {
  /** SHA-256 of the file. */
  hash: string;
  read(): Promise<Uint8Array>;
}

/** Every method @throws ScoringError; ScoringEnded if the process ended each time that the task was tried. */
export interface Scorer {
  /** Scores policies, in the order given. */
  score(trajectory: ScorableTrajectory, policies: MomentumPolicy[]): Promise<Scoring[]>;
  /** Trains runs of one seed; returns their files by variant. */
  record(task: { recipe: Recipe; variants: Variant[]; seed: number }): Promise<Uint8Array[]>;
  /** Trains a run again and scores policies on it. */
  audit(task: Omit<Extract<Task, { kind: "audit" }>, "kind">): Promise<Audited>;
  /** The first run on which β leaves [0, 1] or costs too much, and why; null if there is none. */
  check(
    policy: MomentumPolicy,
    runs: { recipe: Recipe; variant: Variant }[],
  ): Promise<{ run: number; issue: PolicyIssue } | null>;
  /** The share of its thread that the process may use from now on, from 0 (it waits) to 1. */
  pace(share: number): void;
  /** Stops the process, if there is one, once its tasks are done. */
  stop(): void;
}

const defaults: ProcessOptions = {
  cacheBytes: 2 ** 30,
  background: false,
  startMs: 120_000,
  silentMs: 120_000,
  taskMs: 3_600_000,
  idleMs: 600_000,
};

/** A task whose process ends is tried this many times, each time behind those that wait. */
const maxTries = 2;

/** A scorer with its own process, or with the one that `start` starts. */
export function startScorer(
  options: Partial<ProcessOptions> = {},
  start: (options: ProcessOptions) => ScoringProcess = startScoringProcess,
): Scorer {
  let share = 1;
  let current: ScoringProcess | null = null;
  let last: Promise<unknown> = Promise.resolve();

  /** Calls `act` when all earlier calls are settled. */
  const queued = <Result>(act: () => Result | Promise<Result>): Promise<Result> => {
    const result = last.then(act);
    last = result.catch(() => {});
    return result;
  };

  const request = <Kind extends Task["kind"]>(task: Extract<Task, { kind: Kind }>, tries = 1): Promise<Results[Kind]> =>
    queued(() => {
      if (!current || current.ended()) {
        current = start({ ...defaults, ...options });
        if (share !== 1) current.pace(share);
      }
      return current.run(task);
    }).catch((error: unknown) => {
      if (!(error instanceof ScoringEnded) || tries === maxTries) throw error;
      console.warn(`Scoring, a task is tried again: ${error.message}`);
      return request(task, tries + 1);
    });

  return {
    async score({ hash, read }, policies) {
      const answer = await request<"score">({ kind: "score", hash, policies });
      const scorings =
        answer === "send-file" ? await request<"score">({ kind: "score", hash, policies, file: await read() }) : answer;
      if (scorings === "send-file") throw new Error("the scoring process asked twice for a file");
      return scorings;
    },
    record: (task) => request<"record">({ kind: "record", ...task }),
    audit: (task) => request<"audit">({ kind: "audit", ...task }),
    check: (policy, runs) => request<"check">({ kind: "check", policy, runs }),
    pace(next) {
      if (next === share) return;
      share = next;
      current?.pace(share);
    },
    stop: () => void queued(() => current?.end("it was stopped")),
  };
}
