/**
 * The interface of a layer: its output shape, its parameters, and its forward and
 * backward passes. Networks are graphs of layers; shapes are without the batch
 * axis, channels last.
 */
import type { Tensor } from "@tensorflow/tfjs-core";

export type Shape = readonly number[];

export interface ParameterSpec {
  /** Last part of its name: `kernel`, `bias`, `scale`, `offset`. */
  name: string;
  shape: number[];
  /** He-normal with this many inputs, or a constant. */
  initial: { fanIn: number } | number;
}

/** Results of the forward pass, saved for the backward pass. */
export interface Activation {
  y: Tensor;
  /** The statistics of a norm; empty for other layers. */
  saved: Tensor[];
}

export interface Gradients {
  /** By input, in order; null if not requested. */
  inputs: (Tensor | null)[];
  /** By parameter, in order. */
  parameters: Tensor[];
}

/** One kind of layer. Passes return new tensors, which the caller disposes, usually by `tidy`. */
export interface Layer {
  readonly kind: string;
  outputShape(inputs: readonly Shape[]): number[];
  parameters(inputs: readonly Shape[]): ParameterSpec[];
  /** Training mode: batch norm normalizes by the batch's own statistics. */
  forward(inputs: readonly Tensor[], parameters: readonly Tensor[]): Activation;
  /** Whether `backward` accepts the gradient as two terms to add. */
  readonly takesSum?: boolean;
  /**
   * @param wantsInput whether the gradient with respect to the first input is needed
   * @param more second term of the gradient, added to `dy`; only with `takesSum`
   */
  backward(
    dy: Tensor,
    inputs: readonly Tensor[],
    activation: Activation,
    parameters: readonly Tensor[],
    wantsInput: boolean,
    more?: Tensor,
  ): Gradients;
}
