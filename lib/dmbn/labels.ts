/**
 * Choosing by labels: how well a network answers the calibration examples under some statistics. An upper bound of what
 * a momentum can give, and what a careful user does who tries several; estimation shift needs no labels.
 */
import type { RunningStatistics } from "./running-statistics";
import type { InferenceCursor } from "./selection";
import { populationStatistics } from "./selection";

/** `loss`: mean negative log-likelihood in nats. `accuracy`: the share of wrong answers, so that less is better too. */
export type Criterion = "loss" | "accuracy";

/** True class ids of calibration examples, in the order of their cursors. */
export type Labels = ArrayLike<number>;

/**
 * What going on from `cursors` costs on their examples. The cursors stay where they are.
 * @param statistics of the layers from the cursors' layer on; where they end, each layer takes what is measured behind
 * the earlier ones (mean and biased variance)
 * @returns infinite if a logit is not finite
 */
export async function costOf(
  cursors: readonly InferenceCursor[],
  statistics: readonly RunningStatistics[],
  { layers, labels, criterion }: { layers: number; labels: Labels; criterion: Criterion },
): Promise<number> {
  const forks = cursors.map((cursor) => cursor.fork());
  try {
    const first = forks[0]!.layer;
    for (let layer = first; layer < layers; layer++) {
      const given = statistics[layer - first] ?? (await populationStatistics(forks.map(({ value }) => value)));
      for (const fork of forks) fork.advance(given);
    }
    let [sum, done] = [0, 0];
    for (const { value } of forks) {
      const [examples, classes] = value.shape as [number, number];
      const logits = await value.data<"float32">(); // GPU → CPU
      for (let example = 0; example < examples; example++) {
        const row = logits.subarray(example * classes, (example + 1) * classes);
        sum += (criterion === "loss" ? negativeLogLikelihood : isWrong)(row, labels[done + example]!);
      }
      done += examples;
    }
    return Number.isFinite(sum) ? sum / done : Infinity;
  } finally {
    for (const fork of forks) fork.dispose();
  }
}

/** −ln of the softmax of one class. */
function negativeLogLikelihood(logits: Float32Array, label: number): number {
  const highest = logits.reduce((most, value) => Math.max(most, value), -Infinity);
  const sum = logits.reduce((total, value) => total + Math.exp(value - highest), 0);
  return Math.log(sum) + highest - logits[label]!;
}

/** 1 unless the label's logit is the highest; of equal logits the first answers. NaN if one is not finite. */
function isWrong(logits: Float32Array, label: number): number {
  let best = 0;
  for (let k = 0; k < logits.length; k++) {
    if (!Number.isFinite(logits[k]!)) return NaN;
    if (logits[k]! > logits[best]!) best = k;
  }
  return Number(best !== label);
}

/** Index of the choice that costs least; of equal ones the first. @param choices at least one */
export async function cheapest<T>(choices: readonly T[], cost: (choice: T) => Promise<number>): Promise<number> {
  let [best, least] = [0, Infinity];
  for (const [index, choice] of choices.entries()) {
    const found = await cost(choice);
    if (found < least) [best, least] = [index, found];
  }
  return best;
}
