/** The common interface of both ways to compute steps: see `host.ts` and `device.ts`. */
import type { RunPlan } from "../plan";
import type { StepParts } from "./capture";
import type { Trained } from "./step";

/** Seconds by phase. */
export interface StepTimes {
  /** Assembling and uploading batches. */
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
   * Computes the next `count` steps after the first `done` of the run. All must be in one epoch. GPU → CPU.
   * @returns `[count, …]`: their packed reports, the caller's until the next tensor is made
   */
  run(done: number, count: number): Promise<Float32Array>;
  /** The largest `count` that `run` accepts. */
  readonly maxCount: number;
  /** Total over all calls of `run`. */
  readonly times: Readonly<StepTimes>;
  /** Dispatches of the captured step, or jobs on WASM; null if no step is captured. */
  readonly dispatches: number | null;
  /** Why capture failed; null if it didn't, or if the backend can't capture. */
  readonly fault: string | null;
  /**
   * Computes the first `count` steps of the run again, and measures the parts of one. Changes the weights, as any step.
   * @param count at most `maxCount`, and an epoch
   * @returns null if no step is captured
   */
  profile(count: number): Promise<StepParts | null>;
  dispose(): void;
}
