/** The interface to a backend that can capture what a step computes and replay it without TensorFlow.js. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { engine } from "@tensorflow/tfjs-core";

/**
 * What the time of a step is spent on. On WASM the kinds of jobs: products and convolutions, norms, loss, optimizer,
 * and the rest (pooling, sums, gathering the batch). On a GPU `encoding`, the calls that hand it the work, and
 * `waiting`, what it still takes after the last call.
 */
type StepPart = "products" | "norms" | "loss" | "optimizer" | "rest" | "encoding" | "waiting";

/** Seconds of one step by part; a part that the device doesn't have is absent. */
export type StepParts = Partial<Record<StepPart, number>>;

/** What a step computes, ready to replay: dispatches of a GPU, or jobs of our WASM program. */
export interface CapturedStep {
  readonly dispatches: readonly unknown[];
  /** Runs the step `times` times. */
  replay(times: number): void;
  /**
   * Runs the step `times` times, and measures its parts as far as the device lets them be told apart.
   * @param now a clock in milliseconds
   */
  profile(times: number, now: () => number): Promise<StepParts>;
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
