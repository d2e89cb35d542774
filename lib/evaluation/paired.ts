/**
 * Paired comparison of two methods over the same seeds: mean difference, its
 * 95 % interval, a t test, and the verdict.
 * Policies scored on one trajectory are paired exactly. Student 1908.
 */
import type { MeanInterval } from "./intervals";
import { meanInterval } from "./intervals";
import { twoSidedTail } from "./student-t";

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
