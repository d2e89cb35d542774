/** The seam to a backend that can take down what a step dispatches, and do it again without TensorFlow.js. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { engine } from "@tensorflow/tfjs-core";

export interface Recorded {
  readonly dispatches: readonly unknown[];
  /** Does the step `times` times more. */
  replay(times: number): void;
  dispose(): void;
}

export interface Recorder {
  /**
   * Does `step` once and takes it down. What it makes must be gone when it ends; its results lie in tensors from
   * before.
   * @returns why, where it can't be done again
   */
  record(step: () => void): Recorded | string;
  /** Puts values where a tensor's are. CPU → GPU. */
  overwrite(tensor: TensorInfo, values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): void;
  /** Resolves once the device has done all that was asked of it. */
  finished(): Promise<void>;
  /** Most bytes of one tensor. */
  readonly tensorBytes: number;
}

/** The backend in use, where it is one. */
export function recorder(): Recorder | null {
  const { backend } = engine();
  return "record" in backend ? (backend as unknown as Recorder) : null;
}
