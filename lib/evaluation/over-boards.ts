/**
 * Methods over several boards: how far each is from the best of every board (its regret), the interquartile mean of its
 * accuracies, and performance profiles. Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge of the Statistical
 * Precipice" (rliable); Dolan & Moré 2002, "Benchmarking optimization software with performance profiles", which AlgoPerf
 * ranks by too.
 */
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
 * Every method of the boards, with its regrets and interquartile mean. Each takes about 10 ms for nine boards of
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
  for (const method of new Set(boards.flatMap(({ methods }) => [...methods.keys()]))) {
    const accuracies = boards.map(({ methods }) => methods.get(method) ?? []);
    const regrets = accuracies.map((values, board) => (isKnown(values) ? best[board]! - mean(values) : null));
    const known = regrets.filter((regret) => regret !== null);
    result.set(method, {
      regrets,
      mean: known.length > 0 ? mean(known) : null,
      worst: known.length > 0 ? largest(known) : null,
      iqm: accuracies.every(isKnown) ? interquartileMean(accuracies, draws, seed) : null,
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
 * Mean of the middle half of all accuracies, each board with the same weight however many seeds it has, and a percentile
 * interval by the stratified bootstrap: seeds are drawn anew within each board. With equal numbers of seeds, a multiple of
 * four in all, it is rliable's.
 * @param boards accuracies on each board, at least one
 */
function interquartileMean(boards: readonly (readonly number[])[], draws: number, seed: number) {
  // Sorted once: a draw only changes how often each accuracy counts.
  const scores = boards
    .flatMap((accuracies, board) => accuracies.map((value) => ({ value, board })))
    .sort((a, b) => a.value - b.value);
  const values = Float64Array.from(scores, ({ value }) => value);
  const weights = Float64Array.from(scores, ({ board }) => 1 / (boards.length * boards[board]!.length));
  const places = boards.map((_, board) =>
    Uint32Array.from(scores.keys()).filter((place) => scores[place]!.board === board),
  );
  const random = xoroshiro128plus(seed);
  const counts = new Uint32Array(values.length);
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    counts.fill(0);
    for (const own of places)
      for (let s = 0; s < own.length; s++) counts[own[Math.floor(((random.next() >>> 0) / 2 ** 32) * own.length)]!]!++;
    means[draw] = middleHalf(values, weights, counts);
  }
  means.sort();
  const known = boards.every(({ length }) => length > 1);
  return {
    mean: middleHalf(values, weights, counts.fill(1)),
    low: known ? quantile(means, 0.025) : null,
    high: known ? quantile(means, 0.975) : null,
  };
}

/** Mean of the values between a quarter and three quarters of the weight. A value across an end counts in part. */
function middleHalf(ascending: Float64Array, weights: Float64Array, counts: Uint32Array): number {
  let before = 0;
  let sum = 0;
  for (let place = 0; place < ascending.length; place++) {
    const after = before + counts[place]! * weights[place]!;
    sum += ascending[place]! * Math.max(0, Math.min(after, 0.75) - Math.max(before, 0.25));
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
