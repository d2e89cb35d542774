/** A measurement as the page sees it: advanced by each message of the worker. */
import type { MeasuredBackend, MeasuredSpeed, Measurement } from "@/lib/records";
import { DMBENCH_VERSION } from "@/lib/records";
import type { Speed } from "@/lib/training";
import type { Machine } from "./device";
import { adapterName } from "./device";
import type { BenchMessage, Job } from "./protocol";
import { largerThanTooSlow } from "./protocol";

export type Backend = { adapter: string; threads: number; software: boolean } | { unavailable: string };

export type Outcome = { job: Job } & ({ speed: Speed } | { skipped: string });

export interface Progress {
  phase: "idle" | "running" | "ended";
  stopped: boolean;
  /** What is at work: a backend that starts, or a job. */
  current: { backend: MeasuredBackend; job: Job | null; imagesPerSecond: number | null; fraction: number } | null;
  backends: Partial<Record<MeasuredBackend, Backend>>;
  /** In the order they ended. */
  outcomes: readonly Outcome[];
  /** Jobs that neither ended nor belong to a backend that can't be used, in order. */
  waiting: readonly Job[];
}

export const idle: Progress = {
  phase: "idle",
  stopped: false,
  current: null,
  backends: {},
  outcomes: [],
  waiting: [],
};

export const begin = (jobs: readonly Job[]): Progress => ({ ...idle, phase: "running", waiting: jobs });

/** The state after a message. */
export function advance(progress: Progress, message: BenchMessage): Progress {
  switch (message.kind) {
    case "starting":
      return { ...progress, current: { backend: message.backend, job: null, imagesPerSecond: null, fraction: 0 } };
    case "started": {
      const { backend, adapter, threads, software } = message;
      return { ...progress, backends: { ...progress.backends, [backend]: { adapter, threads, software } } };
    }
    case "unavailable":
      return withoutBackend(progress, message.backend, message.reason);
    case "begun": {
      const { job } = message;
      return { ...progress, current: { backend: job.backend, job, imagesPerSecond: null, fraction: 0 } };
    }
    case "round": {
      const { job, imagesPerSecond, fraction } = message;
      return { ...progress, current: { backend: job.backend, job, imagesPerSecond, fraction } };
    }
    case "measured":
      return ended(progress, { job: message.job, speed: message.speed });
    case "skipped":
      return ended(progress, { job: message.job, skipped: message.reason });
    case "ended":
      return { ...progress, phase: "ended", current: null };
  }
}

/**
 * The state after the worker was ended, since it hung or crashed: what was at work is given up, with larger networks on
 * the same backend; the rest waits.
 */
export function giveUp(progress: Progress, reason: string): Progress {
  const { current, waiting } = progress;
  if (!current) return waiting[0] ? withoutBackend(progress, waiting[0].backend, reason) : progress;
  if (!current.job) return withoutBackend(progress, current.backend, reason);
  const larger = waiting.filter((job) => job.backend === current.backend && job.network !== current.job!.network);
  return larger.reduce(
    (state, job) => ended(state, { job, skipped: largerThanTooSlow }),
    ended(progress, { job: current.job, skipped: reason }),
  );
}

export const stop = (progress: Progress): Progress => ({
  ...progress,
  phase: "ended",
  stopped: true,
  current: null,
  waiting: [],
});

function withoutBackend(progress: Progress, backend: MeasuredBackend, reason: string): Progress {
  return {
    ...progress,
    current: null,
    backends: { ...progress.backends, [backend]: { unavailable: reason } },
    waiting: progress.waiting.filter((job) => job.backend !== backend),
  };
}

function ended(progress: Progress, outcome: Outcome): Progress {
  const { network, backend } = outcome.job;
  return {
    ...progress,
    current: null,
    outcomes: [...progress.outcomes, outcome],
    waiting: progress.waiting.filter((job) => job.network !== network || job.backend !== backend),
  };
}

/** The part of all jobs that is done, in [0, 1]. */
export function fractionDone({ phase, waiting, current }: Progress, jobs: number): number {
  if (phase === "ended") return 1;
  return Math.min(1, (jobs - waiting.length + (current?.fraction ?? 0)) / jobs);
}

/** What can be published; null if nothing was measured. */
export function measurementOf({ outcomes, backends }: Progress, machine: Machine): Measurement | null {
  const speeds = outcomes.flatMap((outcome): MeasuredSpeed[] => {
    const { network, backend } = outcome.job;
    const info = backends[backend];
    if (!("speed" in outcome) || !info || "unavailable" in info) return [];
    const { imagesPerSecond, rounds } = outcome.speed;
    const adapter = backend === "webgpu" ? adapterName(info.adapter) : null;
    return [{ network, backend, adapter, software: info.software, threads: info.threads, imagesPerSecond, rounds }];
  });
  return speeds.length > 0 ? { version: DMBENCH_VERSION, ...machine, speeds } : null;
}
