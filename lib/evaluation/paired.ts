/**
 * Paired comparison of two methods over the same seeds: mean difference, its
 * 95 % interval, a t test, the verdict, and how many seeds would settle it.
 * Policies scored on one trajectory are paired exactly. Student 1908.
 */
import type { MeanInterval } from "./intervals";
import { halfWidth, meanInterval } from "./intervals";
import { quantile, twoSidedTail } from "./student-t";

export interface PairedDifference extends MeanInterval {
  /**
   * Two-sided p-value of no difference; null for one pair. If all differences
   * are equal, the t test is not defined: the p-value is then 1 if they are 0,
   * else that of the sign-flip test, 2^(1 − n).
   */
  pValue: number | null;
}

/** `unresolved` is neither a difference nor a tie: more seeds are needed. */
export type Verdict = "better" | "worse" | "tie" | "unresolved";

/** Differences in accuracy within ±0.3 points count as a tie. */
export const tieMargin = 0.003;

/**
 * `first − second`, seed by seed.
 * @param first scores in the order of seeds, at least one
 * @param second scores on the same seeds in the same order
 * @throws RangeError if lengths differ, there are no scores, or a score isn't finite
 */
export function pairedDifference(first: readonly number[], second: readonly number[]): PairedDifference {
  if (first.length !== second.length)
    throw new RangeError(`second: expected ${first.length} scores, one for each of the first, found ${second.length}`);
  const summary = meanInterval(first.map((score, i) => score - second[i]!));
  const { n, mean, deviation } = summary;
  if (deviation === null) return { ...summary, pValue: null };
  // Differences that should be equal may differ in the last bits, by rounding.
  const rounding = 1e-13 * [...first, ...second].reduce((most, score) => Math.max(most, Math.abs(score)), 0);
  if (deviation > rounding) return { ...summary, pValue: twoSidedTail(mean / (deviation / Math.sqrt(n)), n - 1) };
  return { ...summary, pValue: Math.abs(mean) <= rounding ? 1 : 2 ** (1 - n) };
}

/**
 * The verdict on the first method: a tie if the whole interval is within ±margin,
 * better or worse if p < 0.05, else unresolved.
 * @param margin in the unit of the scores, from 0
 */
export function verdict({ mean, interval, pValue }: PairedDifference, margin: number = tieMargin): Verdict {
  if (interval === null || pValue === null) return "unresolved";
  if (interval.low >= -margin && interval.high <= margin) return "tie";
  if (pValue >= 0.05) return "unresolved";
  return mean > 0 ? "better" : "worse";
}

/**
 * Total number of seeds that would settle a comparison, judging by the spread of
 * the differences so far; null if ten thousand would not.
 * @param differences first − second on each seed so far, at least two
 * @param goal `power`: the probability (0.5 … 1) that a true difference as large
 *   as the mean so far is detected at p < 0.05; or `halfWidth`: that of the
 *   desired 95 % interval, in the unit of the scores
 */
export function seedsNeeded(
  differences: readonly number[],
  goal: { power: number } | { halfWidth: number } = { power: 0.8 },
): number | null {
  const { n, mean, deviation } = meanInterval(differences);
  if (deviation === null) throw new RangeError(`differences: expected at least 2, found ${n}`);
  if ("power" in goal ? !(goal.power >= 0.5 && goal.power < 1) : !(goal.halfWidth > 0)) {
    throw new RangeError(`goal: expected a power in [0.5, 1) or a half-width above 0, found ${JSON.stringify(goal)}`);
  }
  const settles = (seeds: number) =>
    "power" in goal
      ? mean !== 0 &&
        halfWidth(deviation, seeds) + (quantile(goal.power, seeds - 1) * deviation) / Math.sqrt(seeds) <= Math.abs(mean)
      : halfWidth(deviation, seeds) <= goal.halfWidth;
  return firstFrom(2, 10_000, settles);
}

/** The least integer in [low, high] for which `holds` is true, given that it stays true after that; null if none. */
function firstFrom(low: number, high: number, holds: (value: number) => boolean): number | null {
  if (!holds(high)) return null;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
