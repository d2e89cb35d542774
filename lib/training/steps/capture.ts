/** The interface to a backend that can capture what a step computes and replay it without TensorFlow.js. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { engine } from "@tensorflow/tfjs-core";

/** What a step computes, ready to replay: dispatches of a GPU, or jobs of our WASM program. */
export interface CapturedStep {
  readonly dispatches: readonly unknown[];
  /** Runs the step `times` times. */
  replay(times: number): void;
  dispose(): void;
}

/** A backend that captures steps. */
export interface StepCapture {
  /**
   * Runs `step` once and captures what it computes. The step must dispose all tensors that it creates, and write its
   * results in place, into existing tensors.
   * @returns the captured step, or the reason why it can't be replayed
   */
  capture(step: () => void): CapturedStep | string;
  /** Replaces a tensor's values in place. CPU → GPU. */
  overwrite(tensor: TensorInfo, values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): void;
  /** The tensor's own memory, if JavaScript can reach it; until the next allocation. */
  floats?(tensor: TensorInfo): Float32Array;
  /** Resolves once the device has finished all submitted work. */
  finished(): Promise<void>;
  /** The largest tensor that the device can hold. */
  readonly tensorBytes: number;
}

/** The current backend if it can capture steps, else null. */
export function stepCapture(): StepCapture | null {
  const { backend } = engine();
  return "capture" in backend ? (backend as unknown as StepCapture) : null;
}
