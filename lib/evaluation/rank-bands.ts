/**
 * Rank bands of a board: the ranks that an entry may hold, given which paired
 * differences are significant after Holm's correction over all pairs. Holm 1979.
 */
import { quantile } from "./student-t";

/** Ranks from 1, the best; both ends included. */
export interface RankBand {
  from: number;
  to: number;
}

/**
 * Holm's step-down adjustment, in the order of `pValues`: compare each with the level for the whole family.
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
 * For each entry, `from` = 1 + the number of significantly better entries, and
 * `to` = the number of entries − the number of significantly worse ones. Two
 * entries are compared on the seeds they share; with fewer than two shared seeds
 * they are never significantly different. Quadratic in the number of entries:
 * 0.2 s for 1,000 entries with five seeds.
 * @param entries each a map from seed to score; higher is better
 * @param level significance level for the whole board
 */
export function rankBands<Seed>(entries: readonly ReadonlyMap<Seed, number>[], level: number = 0.05): RankBand[] {
  const parts = rankBandsInParts(entries, level);
  for (;;) {
    const part = parts.next();
    if (part.done) return part.value;
  }
}

/**
 * `rankBands` in short parts, so that ranking a large board can yield to other work
 * in between. Stores nothing per pair, so memory grows only with the scores.
 */
export function* rankBandsInParts<Seed>(
  entries: readonly ReadonlyMap<Seed, number>[],
  level: number = 0.05,
): Generator<void, RankBand[]> {
  const scores = inSeedOrder(entries).filter(({ values }) => values.length >= 2); // the others can't be compared
  const differences = new Float64Array(scores.reduce((most, { values }) => Math.max(most, values.length), 0));
  let tests = 0;
  for (let i = 0; i < scores.length; i++) {
    for (let j = 0; j < i; j++) {
      const n =
        scores[i]!.seeds === scores[j]!.seeds ? scores[i]!.seeds.length : subtract(scores[i]!, scores[j]!, differences);
      if (n >= 2) tests++;
    }
    yield;
  }
  // Holm's step-down test without p-values: if `passed` pairs are below level/tests,
  // those below level/(tests − passed) pass too. Repeat until no more pass.
  for (let passed = 0; ; ) {
    const critical = memoized((n) => criticalT(level / (tests - passed), n));
    const bands = entries.map(() => ({ from: 1, to: entries.length }));
    const compared = bands.filter((_, entry) => entries[entry]!.size >= 2);
    let now = 0;
    for (let i = 0; i < scores.length; i++) {
      for (let j = 0; j < i; j++) {
        const n = subtract(scores[i]!, scores[j]!, differences);
        if (n < 2) continue;
        const t = studentT(differences, n, Math.max(scores[i]!.largest, scores[j]!.largest));
        if (Math.abs(t) <= critical(n)) continue;
        now++;
        compared[t > 0 ? j : i]!.from++;
        compared[t > 0 ? i : j]!.to--;
      }
      yield;
    }
    if (now === passed || now === tests) return bands;
    passed = now;
  }
}

/** An entry's scores in the order of its seeds, which have the same numbers in all entries. */
interface Scores {
  /** Ascending; entries with the same seeds share one array. */
  seeds: Uint32Array;
  values: Float64Array;
  /** Largest magnitude. */
  largest: number;
}

function inSeedOrder<Seed>(entries: readonly ReadonlyMap<Seed, number>[]): Scores[] {
  const numbers = new Map<Seed, number>();
  for (const entry of entries) for (const seed of entry.keys()) if (!numbers.has(seed)) numbers.set(seed, numbers.size);
  const same = new Map<string, Uint32Array>();
  return entries.map((entry) => {
    const sorted = [...entry]
      .map(([seed, value]) => ({ seed: numbers.get(seed)!, value }))
      .sort((a, b) => a.seed - b.seed);
    const sortedSeeds = Uint32Array.from(sorted, ({ seed }) => seed);
    const seeds = same.get(sortedSeeds.join()) ?? sortedSeeds;
    same.set(sortedSeeds.join(), seeds);
    const values = Float64Array.from(sorted, ({ value }) => value);
    return { seeds, values, largest: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) };
  });
}

/** Writes first − second for the seeds they share; returns the number of shared seeds. */
function subtract(first: Scores, second: Scores, differences: Float64Array): number {
  const a = first.values;
  const b = second.values;
  if (first.seeds === second.seeds) {
    for (let index = 0; index < a.length; index++) differences[index] = a[index]! - b[index]!;
    return a.length;
  }
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const seedA = first.seeds[i]!;
    const seedB = second.seeds[j]!;
    if (seedA === seedB) differences[shared++] = a[i]! - b[j]!;
    if (seedA <= seedB) i++;
    if (seedB <= seedA) j++;
  }
  return shared;
}

/**
 * Student's t of the first `n` paired differences. If all are equal, it is 0 if
 * they are 0, else the t of the sign-flip test's p-value, 2^(1 − n), as in
 * `pairedDifference`.
 * @param largest largest magnitude among the scores, the scale for rounding errors
 */
function studentT(differences: Float64Array, n: number, largest: number): number {
  let sum = 0;
  for (let index = 0; index < n; index++) sum += differences[index]!;
  const mean = sum / n;
  let squares = 0;
  for (let index = 0; index < n; index++) squares += (differences[index]! - mean) ** 2;
  const deviation = Math.sqrt(squares / (n - 1));
  const rounding = 1e-13 * largest;
  if (deviation > rounding) return mean / (deviation / Math.sqrt(n));
  return Math.abs(mean) <= rounding ? 0 : Math.sign(mean) * criticalT(2 ** (1 - n), n);
}

/** The |t| of n pairs whose two-sided p-value is `p`. */
const criticalT = (p: number, n: number): number => quantile(1 - p / 2, n - 1);

function memoized(make: (n: number) => number): (n: number) => number {
  const known: number[] = [];
  return (n) => (known[n] ??= make(n));
}
