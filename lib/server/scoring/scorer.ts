/**
 * Runs the scoring process for the site: started by the first task, stopped after being idle for a while. When it dies,
 * its tasks fail and the next task starts a new one.
 */
import "server-only";
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import path from "node:path";
import type { MomentumPolicy, PolicyIssue } from "@/lib/dmbn/policy";
import type { Recipe, Variant } from "@/lib/records";
import type { Results, ScorerMessage, Scoring, Task } from "./messages";

/** A trajectory to score on; its file is read only if the process has not loaded it. */
export interface ScorableTrajectory {
  /** SHA-256 of the file. */
  hash: string;
  read(): Promise<Uint8Array>;
}

export interface Scorer {
  /** Scores policies, in the order given. @throws ScoringError */
  score(trajectory: ScorableTrajectory, policies: MomentumPolicy[]): Promise<Scoring[]>;
  /** Trains runs of one seed; returns their files by variant. @throws ScoringError */
  record(task: { recipe: Recipe; variants: Variant[]; seed: number }): Promise<Uint8Array[]>;
  /**
   * The first run on which β leaves [0, 1] or costs too much, and why; null if there is none.
   * @throws ScoringError
   */
  check(
    policy: MomentumPolicy,
    runs: { recipe: Recipe; variant: Variant }[],
  ): Promise<{ run: number; issue: PolicyIssue } | null>;
  /** Stops the process, if there is one. */
  stop(): void;
}

/** An error of the scoring process; `cause` is the name of the original. */
export class ScoringError extends Error {
  override name = "ScoringError";
}

const defaults = { idleMs: 600_000, taskMs: 600_000 };

/**
 * A scorer with its own process.
 * @param options.idleMs the process stops after being idle for this long
 * @param options.taskMs time limit of a scoring task: one that takes longer fails as if its process had died, and may
 * be retried
 */
export function startScorer(options: Partial<typeof defaults> = {}): Scorer {
  const { idleMs, taskMs } = { ...defaults, ...options };
  let child: ChildProcess | null = null;
  let ids = 0;
  let idle: NodeJS.Timeout | undefined;
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();

  const becomeIdle = () => {
    child?.channel?.unref(); // an idle process doesn't keep the site running
    idle = setTimeout(stop, idleMs).unref();
  };

  const stop = () => {
    child?.kill("SIGKILL"); // it has no state to save
    child = null;
  };

  const start = (): ChildProcess => {
    const started = fork(path.resolve(/* turbopackIgnore: true */ "lib/server/scoring/process.ts"), [], {
      execArgv: ["--import", "tsx", "--conditions=react-server"],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    started.unref();
    started.on("message", ({ id, ...message }: ScorerMessage) => {
      const waiter = waiting.get(id);
      waiting.delete(id);
      if (waiting.size === 0) becomeIdle();
      if ("error" in message) waiter?.reject(new ScoringError(message.error.message, { cause: message.error.name }));
      else waiter?.resolve(message.result);
    });
    started.on("exit", (code, signal) => {
      if (child === started) child = null;
      for (const { reject } of waiting.values())
        reject(new ScoringError(`the scoring process ended (${signal ?? code})`, { cause: "ScoringEnded" }));
      waiting.clear();
    });
    return started;
  };

  const request = <Kind extends Task["kind"]>(task: Extract<Task, { kind: Kind }>): Promise<Results[Kind]> => {
    clearTimeout(idle);
    child ??= start();
    child.channel?.ref();
    const id = ++ids;
    const limit = task.kind === "record" ? undefined : setTimeout(stop, taskMs).unref();
    return new Promise<Results[Kind]>((resolve, reject) => {
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      child!.send(
        { id, ...task },
        (error) => error && reject(new ScoringError(error.message, { cause: "ScoringEnded" })),
      );
    }).finally(() => clearTimeout(limit));
  };

  return {
    async score({ hash, read }, policies) {
      const answer = await request<"score">({ kind: "score", hash, policies });
      const scorings =
        answer === "send-file" ? await request<"score">({ kind: "score", hash, policies, file: await read() }) : answer;
      if (scorings === "send-file") throw new Error("the scoring process asked twice for a file");
      return scorings;
    },
    record: (task) => request<"record">({ kind: "record", ...task }),
    check: (policy, runs) => request<"check">({ kind: "check", policy, runs }),
    stop,
  };
}
