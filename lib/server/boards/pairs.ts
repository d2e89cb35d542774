/**
 * Which of several methods differ. On a board the answer is the board's own: the difference with its interval
 * simultaneous over all pairs there, so that asking about few of them doesn't change it.
 */

import type { CrossedMeans, Verdict } from "@/lib/evaluation";
import { discordant, holm, mcnemarExact, seedsToTellApart, simultaneous } from "@/lib/evaluation";

/** One method or run of a comparison. */
export interface Side {
  /** `variant/policy slug`, or a run's id. */
  name: string;
  /** Seed or held-out number → accuracy. */
  accuracies: ReadonlyMap<string, number>;
  /** Seed or held-out number → the predicted class id of each test example. */
  predictions: ReadonlyMap<string, Uint8Array>;
  /** Its answers on the runs that the board ranks on; null if it isn't ranked. */
  ranked: CrossedMeans | null;
}

export interface Pair {
  a: string;
  b: string;
  /** Accuracies on each shared seed. */
  points: { seed: string; a: number; b: number; difference: number }[];
  /**
   * a − b: over the runs that the board ranks on, with its 95 % interval, simultaneous over all pairs of the board; over
   * the shared seeds, without an interval, if one of the two isn't ranked; null if they share none.
   */
  difference: { n: number; mean: number; low: number | null; high: number | null } | null;
  /** How a compares with b. */
  verdict: Verdict;
  /** How many runs would tell a difference this large; null if ten thousand would not, or the two aren't ranked. */
  seedsNeeded: number | null;
  /** McNemar's exact test on each seed with predictions of both; `adjusted` by Holm over all tests shown. */
  mcnemar: { seed: string; onlyARight: number; onlyBRight: number; pValue: number; adjusted: number }[];
}

interface Context {
  /** Labels of the test examples; null if they are missing: McNemar's tests are then left out. */
  labels: ArrayLike<number> | null;
  /** The board's critical |t|; null if it has no ranks. */
  critical: number | null;
}

/** Every pair of `sides`, the earlier one as a. */
export function pairsOf(sides: readonly Side[], context: Context): Pair[] {
  const pairs = sides.flatMap((a, index) => sides.slice(index + 1).map((b) => compare(a, b, context)));
  const adjusted = holm(pairs.flatMap(({ mcnemar }) => mcnemar.map(({ pValue }) => pValue)));
  return pairs.map(({ mcnemar, ...pair }) => ({
    ...pair,
    mcnemar: mcnemar.map((test) => ({ ...test, adjusted: adjusted.shift()! })),
  }));
}

function compare(a: Side, b: Side, { labels, critical }: Context) {
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
  return { a: a.name, b: b.name, points, ...judge(a.ranked, b.ranked, critical, points), mcnemar };
}

function judge(
  a: CrossedMeans | null,
  b: CrossedMeans | null,
  critical: number | null,
  points: Pair["points"],
): Pick<Pair, "difference" | "verdict" | "seedsNeeded"> {
  if (a && b && critical !== null) {
    const { verdict, ...difference } = simultaneous(a, b, critical);
    return {
      difference: { n: a.seeds.length, ...difference },
      verdict,
      seedsNeeded: verdict === "unresolved" ? seedsToTellApart(a, b, critical) : null,
    };
  }
  const n = points.length;
  const mean = points.reduce((sum, { difference }) => sum + difference / n, 0);
  return {
    difference: n > 0 ? { n, mean, low: null, high: null } : null,
    verdict: "unresolved",
    seedsNeeded: null,
  };
}
