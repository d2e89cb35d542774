/**
 * Rank bands of a board: the ranks that an entry may hold, given which paired
 * differences are significant after Holm's correction over all pairs. Holm 1979.
 */
import { pairedDifference } from "./paired";

/** Ranks from 1, the best, both included. */
export interface RankBand {
  from: number;
  to: number;
}

/**
 * Holm's step-down adjustment, in the order given: compare each with the level wanted for the whole family.
 * @param pValues each in [0, 1]
 */
export function holm(pValues: readonly number[]): number[] {
  pValues.forEach((p, i) => {
    if (!(p >= 0 && p <= 1)) throw new RangeError(`pValues[${i}]: expected a number in [0, 1], found ${p}`);
  });
  const adjusted = new Array<number>(pValues.length);
  let floor = 0;
  const ascending = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  ascending.forEach(({ p, index }, position) => {
    floor = Math.max(floor, Math.min(1, p * (pValues.length - position)));
    adjusted[index] = floor;
  });
  return adjusted;
}

/**
 * For each entry, `from` = 1 + the number of entries significantly better and
 * `to` = the number of entries − those significantly worse. Two entries are
 * compared on the seeds they share; with fewer than two in common they can't be told apart.
 * @param entries each a map from seed to score, more being better
 * @param level of significance for the whole board
 */
export function rankBands<Seed>(entries: readonly ReadonlyMap<Seed, number>[], level: number = 0.05): RankBand[] {
  const pairs: { better: number; worse: number; pValue: number }[] = [];
  entries.forEach((first, i) =>
    entries.slice(0, i).forEach((second, j) => {
      const shared = [...first.keys()].filter((seed) => second.has(seed));
      if (shared.length < 2) return;
      const { mean, pValue } = pairedDifference(shared.map((seed) => first.get(seed)!), shared.map((seed) => second.get(seed)!));
      pairs.push({ better: mean > 0 ? i : j, worse: mean > 0 ? j : i, pValue: pValue! });
    }),
  );
  const bands = entries.map(() => ({ from: 1, to: entries.length }));
  holm(pairs.map(({ pValue }) => pValue)).forEach((pValue, index) => {
    if (pValue >= level) return;
    bands[pairs[index]!.worse]!.from++;
    bands[pairs[index]!.better]!.to--;
  });
  return bands;
}
