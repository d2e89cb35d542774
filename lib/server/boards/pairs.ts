/**
 * Which of several methods differ: each pair on the seeds that both were scored
 * on, its p-values adjusted for how many are asked at once. Holm 1979.
 */

import type { PairedDifference, Verdict } from "@/lib/evaluation";
import { discordant, holm, mcnemarExact, pairedDifference, seedsNeeded, verdict } from "@/lib/evaluation";

/** One side of a comparison. */
export interface Side {
  /** `variant/policy slug`, or a run's id. */
  name: string;
  /** Seed or held-out number → the fraction it got right there. */
  accuracies: ReadonlyMap<string, number>;
  /** Seed or held-out number → the class id predicted for each test example. */
  predictions: ReadonlyMap<string, Uint8Array>;
}

export interface Pair {
  a: string;
  b: string;
  /** Accuracy on each seed that both were scored on. */
  points: { seed: string; a: number; b: number; difference: number }[];
  /** a − b over these seeds, with its own 95 % interval and p-value; null where they share none. */
  difference: PairedDifference | null;
  /** Holm's p-value over all pairs of this comparison; null for fewer than two shared seeds. */
  pValue: number | null;
  /** What the difference says of a, by the adjusted p-value. */
  verdict: Verdict;
  /**
   * Seeds in all that would settle a difference as large as this one with a chance of 80 %; null where ten thousand
   * would not, or fewer than two are shared.
   */
  seedsNeeded: number | null;
  /** McNemar's exact test wherever both predicted the same examples; `adjusted` by Holm over all that are shown. */
  mcnemar: { seed: string; onlyARight: number; onlyBRight: number; pValue: number; adjusted: number }[];
}

/**
 * Every pair of `sides`, the earlier one as a. @param labels of the test examples; null where they are not here, so
 * that McNemar's tests are left out
 */
export function pairsOf(sides: readonly Side[], labels: ArrayLike<number> | null): Pair[] {
  const pairs = sides.flatMap((a, index) => sides.slice(index + 1).map((b) => compared(a, b, labels)));
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

function compared(a: Side, b: Side, labels: ArrayLike<number> | null) {
  const points = [...a.accuracies].flatMap(([seed, own]) => {
    const other = b.accuracies.get(seed);
    return other === undefined ? [] : [{ seed, a: own, b: other, difference: own - other }];
  });
  const mcnemar = [...a.predictions].flatMap(([seed, own]) => {
    const other = b.predictions.get(seed);
    if (!other || !labels) return [];
    const { onlyFirstRight, onlySecondRight } = discordant(labels, own, other);
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

/** Holm over the p-values that are there. */
function adjust(pValues: readonly (number | null)[]): (number | null)[] {
  const known = holm(pValues.filter((pValue) => pValue !== null));
  return pValues.map((pValue) => (pValue === null ? null : known.shift()!));
}
