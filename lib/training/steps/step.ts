/** One training step on tensors: forward, loss, backward, and the weights changed. */
import type { Scalar, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import type { ChannelStatistics } from "@/lib/dmbn";
import type { Network } from "@/lib/models";
import { softmaxCrossEntropy } from "../loss";
import type { Optimizer, Rates } from "../optimizer";

/** What training changes. */
export interface Trained {
  network: Network;
  optimizer: Optimizer;
}

export interface StepOutcome {
  loss: Scalar;
  logits: Tensor;
  /** Of each batch norm's batch, in forward order. */
  statistics: ChannelStatistics[];
}

/** @returns tensors that the caller disposes, with all that lies behind them, by `tidy` */
export function trainStep(
  { network, optimizer }: Trained,
  images: Tensor,
  labels: Tensor1D,
  rates: Rates | Tensor1D,
): StepOutcome {
  const tape = network.train(images);
  const { loss, dlogits } = softmaxCrossEntropy(tape.logits, labels);
  optimizer.step(network.gradients(tape, dlogits), rates);
  return { loss, logits: tape.logits, statistics: network.batchStatistics(tape) };
}
