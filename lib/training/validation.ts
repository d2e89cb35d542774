/**
 * The baseline of a careful user without DMBN: try every candidate on held-back
 * training examples and take the best. The test split is not touched.
 */
import type { PolicyFit } from "@/lib/dmbn";
import type { Network } from "@/lib/models";
import type { Examples } from "./scoring";
import { predict } from "./scoring";

export interface ValidationChoice {
  /** Index of the best candidate; on a tie, the first. */
  best: number;
  /** By candidate. */
  accuracies: number[];
}

/**
 * Accuracy of `network` on `validation` under each candidate's statistics, and the best of them.
 * @param candidates at least one
 * @throws RangeError if no example is held back
 */
export async function bestOnValidation(
  network: Network,
  validation: Examples,
  candidates: readonly Pick<PolicyFit, "statistics">[],
): Promise<ValidationChoice> {
  const { indices, split } = validation;
  if (indices.length === 0) throw new RangeError("validationSize: expected at least 1 example to choose on, found 0");
  const answers = await predict(
    network,
    validation,
    candidates.map(({ statistics }) => statistics),
  );
  const accuracies = answers.map(
    ({ predictions }) =>
      predictions.reduce((right, predicted, index) => right + Number(predicted === split.labels[indices[index]!]), 0) /
      indices.length,
  );
  return { best: accuracies.indexOf(accuracies.reduce((a, b) => Math.max(a, b))), accuracies };
}
