/** What both ways of computing steps have in common: see `host.ts` and `device.ts`. */
import type { RunPlan } from "../plan";
import type { Trained } from "./step";

/** Seconds by phase. */
export interface StepTimes {
  /** Making batches and uploading them. */
  data: number;
  /** Computing steps. */
  step: number;
  /** Reading back losses and statistics. */
  readback: number;
}

export interface StepsParts extends Trained {
  plan: RunPlan;
  /** A clock in milliseconds, such as `performance.now`. */
  now: () => number;
}

export interface Steps {
  /**
   * Computes `count` steps, the first `done` of the run being behind it. All must be of one epoch.
   * @returns `[count, …]`: their packed reports. GPU → CPU
   */
  run(done: number, count: number): Promise<Float32Array>;
  /** The largest `count` that `run` takes. */
  readonly maxCount: number;
  /** Total over all calls of `run`. */
  readonly times: Readonly<StepTimes>;
  /** GPU dispatches of the captured step; null where no step is captured. */
  readonly dispatches: number | null;
  /** Why capture failed; null where it didn't, or where the backend can't capture. */
  readonly fault: string | null;
  dispose(): void;
}
