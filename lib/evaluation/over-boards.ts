/**
 * Methods over several boards: how far each is from the best of every board (its regret), the interquartile mean of its
 * accuracies, and performance profiles. Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge of the Statistical
 * Precipice" (rliable); Dolan & Moré 2002, "Benchmarking optimization software with performance profiles", which AlgoPerf
 * ranks by too.
 */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A board's methods: of each, the accuracy on every seed. One without accuracies counts as missing. */
export interface BoardAccuracies {
  methods: ReadonlyMap<string, readonly number[]>;
}

export interface OverBoards {
  /** For each board the best method's mean accuracy less this one's, from 0; null where the method is missing. */
  regrets: (number | null)[];
  /** Mean regret over the boards that the method is on; null if it is on none. */
  mean: number | null;
  /** Largest regret on these boards; null if it is on none. */
  worst: number | null;
  /**
   * Interquartile mean of the accuracies over boards and seeds, with its 95 % interval for other seeds on the same boards;
   * null unless the method is on every board. No interval where a board has a single seed, which says nothing of others.
   */
  iqm: { mean: number; low: number | null; high: number | null } | null;
}

/**
 * Every method of the boards, with its regrets and interquartile mean. Each takes about 2 ms for nine boards of
 * 25 seeds; to pause in between, use `overBoardsInParts`.
 * @param options `draws` of the bootstrap, whole, 2000; its `seed`, 0
 */
export function overBoards(
  boards: readonly BoardAccuracies[],
  options?: { draws?: number; seed?: number },
): Map<string, OverBoards> {
  const parts = overBoardsInParts(boards, options);
  for (;;) {
    const part = parts.next();
    if (part.done) return part.value;
  }
}

/** `overBoards`, with a pause after every method. */
export function* overBoardsInParts(
  boards: readonly BoardAccuracies[],
  { draws = 2000, seed = 0 }: { draws?: number; seed?: number } = {},
): Generator<void, Map<string, OverBoards>> {
  const best = boards.map(({ methods }) => largest([...methods.values()].filter(isKnown).map(mean)));
  const result = new Map<string, OverBoards>();
  const samples = new Map<string, Uint8Array[]>(); // by numbers of seeds, in which methods seldom differ
  const sampled = (sizes: readonly number[]): Uint8Array[] => {
    const sample = samples.get(sizes.join()) ?? resample(sizes, draws, seed);
    samples.set(sizes.join(), sample);
    return sample;
  };
  for (const method of new Set(boards.flatMap(({ methods }) => [...methods.keys()]))) {
    const accuracies = boards.map(({ methods }) => methods.get(method) ?? []);
    const regrets = accuracies.map((values, board) => (isKnown(values) ? best[board]! - mean(values) : null));
    const known = regrets.filter((regret) => regret !== null);
    result.set(method, {
      regrets,
      mean: known.length > 0 ? mean(known) : null,
      worst: known.length > 0 ? largest(known) : null,
      iqm: accuracies.every(isKnown)
        ? interquartileMean(accuracies, sampled(accuracies.map(({ length }) => length)))
        : null,
    });
    yield;
  }
  return result;
}

/**
 * For each threshold, the share of all boards on which the regret is at most that. A board that the method is missing
 * from counts as one where it isn't.
 * @param thresholds in the unit of the regrets
 */
export const performanceProfile = (regrets: readonly (number | null)[], thresholds: readonly number[]): number[] =>
  thresholds.map((threshold) => {
    const within = regrets.filter((regret) => regret !== null && regret <= threshold + rounding).length;
    return regrets.length === 0 ? 0 : within / regrets.length;
  });

/** Differences of accuracies that should be equal may differ in the last bits. */
const rounding = 1e-12;

const isKnown = (values: readonly number[]): boolean => values.length > 0;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), -Infinity);

/**
 * Mean of the middle half of all accuracies, each board with the same weight however many seeds it has, and its percentile
 * interval over the draws. With equal numbers of seeds, a multiple of four in all, it is rliable's.
 * @param boards accuracies on each board, at least one
 */
function interquartileMean(boards: readonly (readonly number[])[], draws: readonly Uint8Array[]) {
  const weights = Float64Array.from(boards.flatMap((board) => board.map(() => 1 / (boards.length * board.length))));
  const values = Float64Array.from(boards.flat());
  const ascending = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const middle = (counts: Uint8Array) => meanOfMiddle(values, weights, counts, ascending);
  const mean = middle(new Uint8Array(values.length).fill(1));
  if (boards.some(({ length }) => length === 1)) return { mean, low: null, high: null };
  const means = Float64Array.from(draws, middle).sort();
  return { mean, low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

/**
 * Stratified bootstrap: how often each accuracy counts in each draw. Seeds are drawn anew within each board, and the same
 * ones for all methods.
 * @param sizes number of seeds of each board
 */
function resample(sizes: readonly number[], draws: number, seed: number): Uint8Array[] {
  const random = xoroshiro128plus(seed);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return Array.from({ length: draws }, () => {
    const counts = new Uint8Array(total);
    let from = 0;
    for (const size of sizes) {
      for (let s = 0; s < size; s++) counts[from + uniformInt(random, 0, size - 1)]!++;
      from += size;
    }
    return counts;
  });
}

/**
 * Mean of the values between a quarter and three quarters of the weight; one across an end counts in part.
 * @param counts how often each value counts
 * @param ascending the places of the values from the least
 */
function meanOfMiddle(values: Float64Array, weights: Float64Array, counts: Uint8Array, ascending: Uint32Array): number {
  let before = 0;
  let sum = 0;
  for (let index = 0; before < 0.75 && index < ascending.length; index++) {
    const place = ascending[index]!;
    const after = before + counts[place]! * weights[place]!;
    if (after > 0.25) sum += values[place]! * (Math.min(after, 0.75) - Math.max(before, 0.25));
    before = after;
  }
  return 2 * sum;
}

/** By linear interpolation between the two nearest of `ascending`, as NumPy's. */
function quantile(ascending: Float64Array, probability: number): number {
  const position = probability * (ascending.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, ascending.length - 1);
  return ascending[below]! + (position - below) * (ascending[above]! - ascending[below]!);
}
