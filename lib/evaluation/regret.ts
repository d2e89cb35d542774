/**
 * Regret: what an option costs against the best. The best is chosen by the scores themselves, and on the seeds that
 * chose it it looks better than it is (the winner's curse). So each seed is compared with the option that is best on the
 * other seeds.
 */
import type { Interval } from "./intervals";
import { meanInterval } from "./intervals";

export interface Regret {
  /** Score of the best less that of the option, mean over seeds; below 0 where the option beats what others chose. */
  mean: number;
  /** Its 95 % t interval over seeds; null for one seed. */
  interval: Interval | null;
}

/**
 * The regret of each of `scores`' columns.
 * @param scores `[seed][option]`, at least one seed
 * @param eligible the first so many options may be the best; the others are only compared with it. Default: all
 * @returns by option. Of one seed, which has no others, against the best on itself
 * @throws RangeError if no option is eligible, or seeds differ in their number of options
 */
export function regrets(scores: readonly (readonly number[])[], eligible = scores[0]?.length ?? 0): Regret[] {
  const options = scores[0]?.length ?? 0;
  if (eligible < 1 || eligible > options)
    throw new RangeError(`eligible: expected 1 to ${options} options that may be the best, found ${eligible}`);
  const ragged = scores.findIndex((row) => row.length !== options);
  if (ragged >= 0)
    throw new RangeError(
      `scores[${ragged}]: expected ${options} options, as of the first seed, found ${scores[ragged]!.length}`,
    );
  const totals = Array.from({ length: eligible }, (_, option) => scores.reduce((sum, row) => sum + row[option]!, 0));
  const references = scores.map((row) => {
    const others = scores.length === 1 ? totals : totals.map((total, option) => total - row[option]!);
    return row[others.indexOf(others.reduce((a, b) => Math.max(a, b)))]!;
  });
  return Array.from({ length: options }, (_, option) => {
    const { mean, interval } = meanInterval(scores.map((row, seed) => references[seed]! - row[option]!));
    return { mean, interval };
  });
}
