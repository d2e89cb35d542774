/**
 * Which of several methods differ: every pair is compared on its shared seeds, with p-values adjusted for multiple
 * comparisons. Holm 1979.
 */

import type { PairedDifference, Verdict } from "@/lib/evaluation";
import { discordant, holm, mcnemarExact, pairedDifference, seedsNeeded, verdict } from "@/lib/evaluation";

/** One method or run of a comparison. */
export interface Side {
  /** `variant/policy slug`, or a run's id. */
  name: string;
  /** Seed or held-out number → accuracy. */
  accuracies: ReadonlyMap<string, number>;
  /** Seed or held-out number → the predicted class id of each test example. */
  predictions: ReadonlyMap<string, Uint8Array>;
}

export interface Pair {
  a: string;
  b: string;
  /** Accuracies on each shared seed. */
  points: { seed: string; a: number; b: number; difference: number }[];
  /** a − b over these seeds, with its 95 % interval and unadjusted p-value; null if they share none. */
  difference: PairedDifference | null;
  /** Holm's p-value over all pairs of this comparison; null for fewer than two shared seeds. */
  pValue: number | null;
  /** How a compares with b, by the adjusted p-value. */
  verdict: Verdict;
  /**
   * How many seeds would detect a difference this large with 80 % power; null if ten thousand would not be enough, or
   * fewer than two are shared.
   */
  seedsNeeded: number | null;
  /** McNemar's exact test on each seed with predictions of both; `adjusted` by Holm over all tests shown. */
  mcnemar: { seed: string; onlyARight: number; onlyBRight: number; pValue: number; adjusted: number }[];
}

/**
 * Every pair of `sides`, the earlier one as a.
 * @param labels of the test examples; null if they are missing: McNemar's tests are then left out
 */
export function pairsOf(sides: readonly Side[], labels: ArrayLike<number> | null): Pair[] {
  const pairs = sides.flatMap((a, index) => sides.slice(index + 1).map((b) => compare(a, b, labels)));
  const adjusted = adjust(pairs.map(({ difference }) => difference?.pValue ?? null));
  const tests = adjust(pairs.flatMap(({ mcnemar }) => mcnemar.map(({ pValue }) => pValue)));
  return pairs.map(({ mcnemar, ...pair }, index) => {
    const pValue = adjusted[index] ?? null;
    return {
      ...pair,
      pValue,
      verdict: pair.difference ? verdict({ ...pair.difference, pValue }) : "unresolved",
      mcnemar: mcnemar.map((test) => ({ ...test, adjusted: tests.shift()! })),
    };
  });
}

function compare(a: Side, b: Side, labels: ArrayLike<number> | null) {
  const points = [...a.accuracies].flatMap(([seed, ofA]) => {
    const ofB = b.accuracies.get(seed);
    return ofB === undefined ? [] : [{ seed, a: ofA, b: ofB, difference: ofA - ofB }];
  });
  const mcnemar = [...a.predictions].flatMap(([seed, ofA]) => {
    const ofB = b.predictions.get(seed);
    if (!ofB || !labels) return [];
    const { onlyFirstRight, onlySecondRight } = discordant(labels, ofA, ofB);
    return [
      {
        seed,
        onlyARight: onlyFirstRight,
        onlyBRight: onlySecondRight,
        pValue: mcnemarExact(onlyFirstRight, onlySecondRight),
      },
    ];
  });
  return {
    a: a.name,
    b: b.name,
    points,
    difference: points.length
      ? pairedDifference(
          points.map((point) => point.a),
          points.map((point) => point.b),
        )
      : null,
    seedsNeeded: points.length > 1 ? seedsNeeded(points.map((point) => point.difference)) : null,
    mcnemar,
  };
}

/** Holm's adjustment over the p-values that are not null. */
function adjust(pValues: readonly (number | null)[]): (number | null)[] {
  const adjusted = holm(pValues.filter((pValue) => pValue !== null));
  return pValues.map((pValue) => (pValue === null ? null : adjusted.shift()!));
}
