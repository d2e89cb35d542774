/**
 * One scoring process, as the site sees it: it does one task at a time. A process that dies, falls silent or exceeds a
 * time limit is killed, and its task fails; it has no state to lose.
 */
import "server-only";
import { fork } from "node:child_process";
import { setPriority } from "node:os";
import { processProgram } from "../programs";
import type { Pace, Results, ScorerMessage, Task } from "./messages";

/** An error of the scoring process; `cause` is the name of the original. */
export class ScoringError extends Error {
  override name = "ScoringError";
}

/** The process ended before it answered. The task is not the reason, as far as anybody knows. */
export class ScoringEnded extends ScoringError {
  override name = "ScoringEnded";
}

export interface ScoringLimits {
  /** Milliseconds until the process has to be ready for its first task. */
  startMs: number;
  /** Milliseconds without a sign of life during a task. It gives one each second, between the parts it computes. */
  silentMs: number;
  /** Milliseconds for a task of any kind, signs of life or not. */
  taskMs: number;
  /** Milliseconds without a task after which the process ends. */
  idleMs: number;
}

export interface ProcessOptions extends ScoringLimits {
  /** Bytes of examples' activations that it caches, over all trajectories. */
  cacheBytes: number;
  /** Whether the processes of the site and of those who wait come before it. */
  background: boolean;
}

export interface ScoringProcess {
  /** Does a task; one at a time. @throws ScoringError if the task fails, ScoringEnded if the process does */
  run<Kind extends Task["kind"]>(task: Extract<Task, { kind: Kind }>): Promise<Results[Kind]>;
  /** The share of its thread that it may use from now on, from 0 (it waits, at the next part of its task) to 1. */
  pace(share: number): void;
  /** Ends the process, and with it a running task. */
  end(reason: string): void;
  /** Whether the process has ended. */
  ended(): boolean;
}

/** A third of a visitor's weight on a busy processor, and never nothing. */
const backgroundNice = 5;

/** Time is counted in ticks of the site's own event loop, so a machine that slept doesn't find everybody silent. */
const tickMs = 250;

export function startScoringProcess({
  cacheBytes,
  background,
  startMs,
  silentMs,
  taskMs,
  idleMs,
}: ProcessOptions): ScoringProcess {
  const child = fork(processProgram, [String(cacheBytes)], {
    execArgv: [],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  child.unref();
  if (background && child.pid !== undefined) setPriority(child.pid, backgroundNice);
  let share = 1;
  let over: ScoringEnded | null = null;
  let waiter: { resolve(answer: unknown): void; reject(error: Error): void } | null = null;
  let isReady = false;
  let silentFor = 0;
  let waitingFor = 0;

  const end = (reason: string) => {
    if (over) return;
    over = new ScoringEnded(`the scoring process ended: ${reason}`);
    clearInterval(clock);
    child.kill("SIGKILL");
    waiter?.reject(over);
  };

  const clock = setInterval(() => {
    silentFor += tickMs;
    if (share > 0) waitingFor += tickMs;
    const patience = waiter === null ? idleMs : isReady ? silentMs : startMs;
    if (silentFor >= patience) end(waiter ? `no sign of life for ${patience / 1000} s` : "it had nothing to do");
    else if (waiter && waitingFor >= taskMs) end(`a task took longer than ${taskMs / 1000} s`);
  }, tickMs).unref();

  child.on("error", ({ message }) => end(message)); // it could not be started
  child.on("exit", (code, signal) => end(String(signal ?? code)));
  child.on("message", (message: ScorerMessage) => {
    silentFor = 0;
    if (message === "alive") return;
    if (message === "ready") isReady = true;
    if (typeof message === "object" && "error" in message)
      waiter?.reject(new ScoringError(message.error.message, { cause: message.error.name }));
    else waiter?.resolve(message === "ready" ? undefined : message.result);
  });

  const answer = <Answer>(): Promise<Answer> => {
    silentFor = waitingFor = 0;
    return new Promise<Answer>((resolve, reject) => {
      waiter = { resolve: resolve as (answer: unknown) => void, reject };
    }).finally(() => {
      waiter = null;
      silentFor = 0;
    });
  };
  const ready = answer<void>();

  return {
    async run(task) {
      child.channel?.ref(); // an idle process doesn't keep the site running
      try {
        await ready;
        if (over) throw over;
        const result = answer<Results[typeof task.kind]>();
        child.send(task, (error) => error && end(error.message));
        return await result;
      } finally {
        child.channel?.unref();
      }
    },
    pace(next) {
      share = next;
      if (child.connected) child.send({ share } satisfies Pace, () => {}); // an error is followed by "exit"
    },
    end,
    ended: () => over !== null,
  };
}
