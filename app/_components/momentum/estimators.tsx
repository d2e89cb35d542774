/** The variances that a running average can take in: a line about each, and what hangs on the choice. */
import Link from "next/link";
import type { VarianceEstimator } from "@/lib/dmbn/policy";
import { Tip } from "../controls/tip";

/** What it is, and whose. */
export const estimatorGuide: Record<VarianceEstimator, string> = {
  unbiased: "Each batch’s variance, divided by n − 1: PyTorch, and TensorFlow’s fused layers.",
  biased: "Each batch’s variance, divided by n: Keras 3, Flax, TensorFlow.js.",
  total: "The biased one plus the part between batches, β(1 − β)(μ_B − μ̂)², which both others miss.",
};

export function EstimatorTip() {
  return (
    <Tip about="the variance that is averaged">
      <p>
        n is how many values of a channel a batch has: examples, times positions in a convolution. Training normalizes
        by the biased variance, whatever is averaged.
      </p>
      <p>
        At batch 4 the choice matters more than β: in a dense layer the unbiased variance is 4/3 of the biased one
        there.{" "}
        <Link
          href="/compare?benchmark=digits-mlp-deep-b4&methods=bn/static-0.99,bn/keras-default,bn/dmbn,bn/dmbn-biased"
          prefetch={false}
        >
          .99 and DMBN under both
        </Link>
      </p>
      <p>A comparison of momenta says something within one estimator.</p>
    </Tip>
  );
}
