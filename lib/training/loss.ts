/** Softmax cross-entropy and its gradient, computed together because they share the softmax. */
import type { Scalar, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { cast, div, exp, log, max, mean, mul, neg, oneHot, sub, sum, tidy } from "@tensorflow/tfjs-core";
import { runKernel } from "@/lib/dmbn";
import { SOFTMAX_CROSS_ENTROPY } from "./kernels";

/**
 * Mean cross-entropy of a batch, and its gradient with respect to the logits.
 * @param logits `[batch, classes]`
 * @param labels `[batch]`, int32 class ids
 * @returns two new tensors; the caller disposes them
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor1D): { loss: Scalar; dlogits: Tensor2D } {
  const [loss, dlogits] = tidy(() =>
    runKernel(SOFTMAX_CROSS_ENTROPY, { logits, labels }, {}, () => {
      const [batch, classes] = logits.shape as [number, number];
      const targets = cast(oneHot(labels, classes), "float32");
      const shifted = sub(logits, max(logits, 1, true));
      const exponentials = exp(shifted);
      const total = sum(exponentials, 1, true);
      const logProbabilities = sub(shifted, log(total));
      const loss = neg(mean(sum(mul(targets, logProbabilities), 1)));
      return [loss, mul(sub(div(exponentials, total), targets), 1 / batch)];
    }),
  );
  return { loss: loss as Scalar, dlogits: dlogits as Tensor2D };
}
