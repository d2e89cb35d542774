/**
 * How a run's steps are done: on any backend one by one, or, where a backend
 * can record a step, over data that lies on its device. Both give the same numbers.
 */
import type { RunPlan } from "./plan";
import type { Trained } from "./step";
import { DeviceSteps } from "./device-steps";
import { HostSteps } from "./host-steps";
import { recorder } from "./recorder";

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

export function stepsOf(parts: StepsParts): Steps {
  const recording = recorder();
  if (!recording) return new HostSteps(parts, null);
  const { images } = parts.plan.dataset.train;
  if (images.length > recording.tensorBytes) return new HostSteps(parts, "the data set is larger than the device takes in one piece");
  return new DeviceSteps(parts, recording);
}
