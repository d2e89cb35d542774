/** One training step on tensors: forward, loss, backward, weight update. */
import type { Scalar, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import type { ChannelStatistics } from "@/lib/dmbn";
import type { Network } from "@/lib/models";
import { softmaxCrossEntropy } from "../loss";
import type { Optimizer, Rates } from "../optimizer";

/** What a training step changes. */
export interface Trained {
  network: Network;
  optimizer: Optimizer;
}

export interface StepOutcome {
  loss: Scalar;
  logits: Tensor;
  /** Batch statistics of each batch norm, in forward order. */
  statistics: ChannelStatistics[];
}

/** Runs inside the caller's `tidy`, which disposes the outcome and all intermediate tensors. */
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
