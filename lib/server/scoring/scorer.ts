/**
 * The site's door to its scoring process, which is started when it is first
 * needed and ended when it has not been for a while. Where it dies, whoever
 * waited is told and the next task starts another.
 */
import "server-only";
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import path from "node:path";
import type { MomentumPolicy, PolicyFault } from "@/lib/dmbn/policy";
import type { Recipe, Variant } from "@/lib/records";
import type { Report, Results, Scoring, Task } from "./messages";

/** A trajectory as the scorer wants it: its file is asked for only where it is not loaded. */
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
   * Whether β keeps to [0, 1] and its cost to the budget on every run; the first fault otherwise. @throws ScoringError
   */
  check(
    policy: MomentumPolicy,
    runs: { recipe: Recipe; variant: Variant }[],
  ): Promise<{ run: number; fault: PolicyFault } | null>;
  /** Ends the process, if there is one. */
  stop(): void;
}

/** What went wrong in the scoring process: `cause` is the name of its error. */
export class ScoringError extends Error {
  override name = "ScoringError";
}

const defaults = { idleMs: 600_000, taskMs: 600_000 };

/**
 * A scorer with a process of its own.
 * @param options.idleMs after so long without a task its process ends
 * @param options.taskMs a scoring that takes longer ends it too, and fails as one whose process died: it may be tried
 * again
 */
export function startScorer(options: Partial<typeof defaults> = {}): Scorer {
  const { idleMs, taskMs } = { ...defaults, ...options };
  let child: ChildProcess | null = null;
  let ids = 0;
  let idle: NodeJS.Timeout | undefined;
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();

  const rest = () => {
    child?.channel?.unref(); // nothing to wait for: does not keep the site up
    idle = setTimeout(stop, idleMs).unref();
  };

  const stop = () => {
    child?.kill("SIGKILL"); // it keeps nothing
    child = null;
  };

  const start = (): ChildProcess => {
    const started = fork(path.resolve(/* turbopackIgnore: true */ "lib/server/scoring/process.ts"), [], {
      execArgv: ["--import", "tsx", "--conditions=react-server"],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    started.unref();
    started.on("message", ({ id, ...report }: Report) => {
      const waiter = waiting.get(id);
      waiting.delete(id);
      if (waiting.size === 0) rest();
      if ("error" in report) waiter?.reject(new ScoringError(report.error.message, { cause: report.error.name }));
      else waiter?.resolve(report.result);
    });
    started.on("exit", (code, signal) => {
      if (child === started) child = null;
      for (const { reject } of waiting.values())
        reject(new ScoringError(`the scoring process ended (${signal ?? code})`, { cause: "ScoringEnded" }));
      waiting.clear();
    });
    return started;
  };

  const ask = <Kind extends Task["kind"]>(task: Extract<Task, { kind: Kind }>): Promise<Results[Kind]> => {
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
      const answered = await ask<"score">({ kind: "score", hash, policies });
      const scorings =
        answered === "send-file" ? await ask<"score">({ kind: "score", hash, policies, file: await read() }) : answered;
      if (scorings === "send-file") throw new Error("the scoring process asked twice for a file");
      return scorings;
    },
    record: (task) => ask<"record">({ kind: "record", ...task }),
    check: (policy, runs) => ask<"check">({ kind: "check", policy, runs }),
    stop,
  };
}
