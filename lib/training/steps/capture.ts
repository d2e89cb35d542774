/** The interface to a backend that can capture the GPU dispatches of a step and replay them without TensorFlow.js. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { engine } from "@tensorflow/tfjs-core";

/** A step as the GPU sees it, ready to run again. */
export interface CapturedStep {
  readonly dispatches: readonly unknown[];
  /** Runs the step `times` more times. */
  replay(times: number): void;
  dispose(): void;
}

/** A backend that captures steps. */
export interface StepCapture {
  /**
   * Runs `step` once and captures its dispatches. Tensors that the step makes must be disposed when it returns; it
   * writes its results in place, into tensors that exist already.
   * @returns the captured step, or the reason why it can't be replayed
   */
  capture(step: () => void): CapturedStep | string;
  /** Replaces a tensor's values in place. CPU → GPU. */
  overwrite(tensor: TensorInfo, values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): void;
  /** Resolves once the device has finished all submitted work. */
  finished(): Promise<void>;
  /** The largest tensor the device takes. */
  readonly tensorBytes: number;
}

/** The backend in use, if it can capture steps; else null. */
export function stepCapture(): StepCapture | null {
  const { backend } = engine();
  return "capture" in backend ? (backend as unknown as StepCapture) : null;
}
