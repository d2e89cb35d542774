/** A run's steps, however they are done: see `host-steps.ts` and `device-steps.ts`. */
import type { RunPlan } from "../plan";
import type { Trained } from "./step";

/** Where the seconds went. */
export interface StepTimes {
  /** Batches made and brought to the backend. */
  data: number;
  /** Steps computed. */
  step: number;
  /** Their losses and statistics fetched. */
  readback: number;
}

export interface StepsParts extends Trained {
  plan: RunPlan;
  /** Milliseconds from any start. */
  now: () => number;
}

export interface Steps {
  /**
   * Does `count` steps after the first `done` of the run, all of one epoch.
   * @returns `[count, …]`: their packed reports. GPU → CPU
   */
  run(done: number, count: number): Promise<Float32Array>;
  /** Most steps that one `run` may do. */
  readonly most: number;
  /** Added up over all of `run`. */
  readonly times: Readonly<StepTimes>;
  /** What a recorded step dispatches to the device; null where no step is recorded. */
  readonly dispatches: number | null;
  /** Why no step is recorded, where the backend can. */
  readonly fault: string | null;
  dispose(): void;
}
