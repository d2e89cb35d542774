/**
 * Which methods of a board can be told apart, and between which ranks each may lie, with seeds and test images as two
 * sources of chance. All differences get simultaneous intervals, mean ± critical · standard error: with 95 % confidence,
 * every one of them holds the true difference. A method's ranks follow from the others that are told apart from it.
 * Mogstad, Romano, Shaikh, Wilhelm 2024, "Inference for Ranks", Review of Economic Studies 91(1).
 */
import type { Factor, Symmetric } from "./covariance";
import { choleskyFactor, scatter } from "./covariance";
import type { CrossedDifference, CrossedMeans } from "./crossed";
import { crossedDifference, imagePart, withImagePart } from "./crossed";
import type { Interval } from "./intervals";
import { criticalValue } from "./max-t";
import type { Verdict } from "./paired";
import { tieMargin } from "./paired";

/**
 * Runs below which no ranks are given: with five, intervals that should all hold in 95 % of cases do so in 85 %, since
 * the largest |t| of many methods then depends on the distribution's far tails.
 */
export const fewestSeeds = 10;

/** How many methods, the first by mean, are compared with each other: time and memory grow with the square. */
const mostInPairs = 1000;

/** Ranks from 1, the best; both ends included. */
export interface RankBand {
  from: number;
  to: number;
}

export interface Ranking {
  /** The |t| above which a difference counts, for all pairs at once. */
  critical: number;
  /** Per method, in the order given. */
  ranks: RankBand[];
  /** Number of pairs that were compared. */
  pairs: number;
  /** How many of them are told apart. */
  toldApart: number;
  /** The smallest difference of means that is told apart; null if none is. */
  smallest: number | null;
  /** Test images that all methods get right on all seeds, or all get wrong; null where images are not known. */
  alike: number | null;
  /**
   * Where nothing is told apart, about how many seeds in all would tell the best from the worst, if both their difference
   * and its variances stay as they are; null if some are told apart, or ten thousand would not.
   */
  seedsNeeded: number | null;
  /** How many of the first methods by mean were compared with each other; the rest only with the best. */
  exact: number;
}

/**
 * Ranks of a board, in parts of a few milliseconds, between which other work may run. The order of `methods` changes
 * nothing but the order of `ranks`. Memory: 8 bytes for each image of the first thousand methods, 16 MB for their pairs.
 * @param methods on the same seeds and images, in the same order; either all or none know their images
 * @param options `level` of all comparisons together, 0.05; `draws` of the bootstrap, whole, 1999; its `seed`, 0
 * @throws RangeError for fewer seeds than `fewestSeeds`, methods on different numbers of seeds or images, a mean that
 *   isn't finite, or too few draws for the level
 */
export function* rankInParts(
  methods: readonly CrossedMeans[],
  { level = 0.05, draws = 1999, seed = 0 }: { level?: number; draws?: number; seed?: number } = {},
): Generator<void, Ranking> {
  checkMethods(methods);
  checkLevel(level, draws);
  const ranks = methods.map(() => ({ from: 1, to: methods.length }));
  const order = byMean(methods);
  const sorted = order.map((index) => methods[index]!);
  const first = sorted.slice(0, mostInPairs);
  const others = sorted.slice(mostInPairs);
  const alike = yield* imagesAlike(methods);
  const ranking = { ranks, pairs: 0, toldApart: 0, smallest: null, alike, seedsNeeded: null, exact: first.length };
  if (methods.length < 2) return { ...ranking, critical: 0 };

  const all = { seeds: first.map(({ seeds }) => seeds), ...(yield* imageParts(first)) };
  const againstFirst = {
    seeds: others.map(({ seeds }) => seeds),
    byImage: yield* imagePartsAgainst(first[0]!, others),
  };
  const critical = yield* criticalValue(all, againstFirst, { level, draws, seed });

  let pairs = 0;
  let toldApart = 0;
  let smallest: number | null = null;
  const compare = (i: number, j: number, byImage: number) => {
    pairs++;
    const { mean, low, high } = interval(difference(sorted[i]!, sorted[j]!, byImage, critical), critical);
    if (low <= 0 && high >= 0) return;
    toldApart++;
    smallest = Math.min(smallest ?? Infinity, Math.abs(mean));
    ranks[order[mean > 0 ? j : i]!]!.from++;
    ranks[order[mean > 0 ? i : j]!]!.to--;
  };
  for (let i = 1; i < first.length; i++) {
    for (let j = 0; j < i; j++) compare(i, j, all.byImage[i]![j]!);
    yield;
  }
  for (let i = 0; i < others.length; i++) {
    compare(first.length + i, 0, againstFirst.byImage[i]!);
    yield;
  }
  const seedsNeeded = toldApart > 0 ? null : seedsToTellApart(sorted[0]!, sorted.at(-1)!, critical);
  return { ...ranking, critical, pairs, toldApart, smallest, seedsNeeded };
}

/** The difference a − b of one pair in a board, and what can be said of it. */
export interface SimultaneousDifference extends Interval {
  mean: number;
  verdict: Verdict;
}

/**
 * a − b with its simultaneous interval, mean ± critical · standard error, and what can be said: better or worse
 * if the interval lies on one side of 0, however small the difference; else a tie if all of it is within ±`tieMargin`,
 * else unresolved.
 * @param critical of the board's `Ranking`, so that the pair is told apart here exactly if it is there
 */
export function simultaneous(a: CrossedMeans, b: CrossedMeans, critical: number): SimultaneousDifference {
  const { mean, low, high } = interval(crossedDifference(a, b), critical);
  if (low > 0) return { mean, low, high, verdict: "better" };
  if (high < 0) return { mean, low, high, verdict: "worse" };
  return { mean, low, high, verdict: low >= -tieMargin && high <= tieMargin ? "tie" : "unresolved" };
}

function interval({ mean, bySeed, byImage }: CrossedDifference, critical: number) {
  const half = critical * Math.sqrt(bySeed + byImage);
  return { mean, low: mean - half, high: mean + half };
}

/**
 * a − b, given the variance by images from their covariance. That is rounded otherwise than element by element, so where
 * it could decide, the difference is computed as everywhere else.
 */
function difference(a: CrossedMeans, b: CrossedMeans, byImage: number, critical: number): CrossedDifference {
  const quick = withImagePart(a, b, byImage);
  const square = critical ** 2 * (quick.bySeed + byImage);
  return Math.abs(quick.mean ** 2 - square) < 1e-6 * square ? crossedDifference(a, b) : quick;
}

/** Covariance of the methods' means by images: its factor, and the variance of each pair's difference. */
function* imageParts(methods: readonly CrossedMeans[]): Generator<void, { factor: Factor; byImage: Symmetric }> {
  const images = methods.flatMap((method) => method.images ?? []);
  const m = images[0]?.length ?? 0;
  const products = m < 2 ? methods.map((_, i) => new Float64Array(i + 1)) : yield* scatter(images);
  const covariance = products.map((row) => row.map((product) => product / (m * (m - 1))));
  const factor = yield* choleskyFactor(covariance);
  const byImage = methods.map((_, i) => new Float64Array(i));
  for (const [i, row] of byImage.entries()) {
    for (let j = 0; j < i; j++) {
      const both = covariance[i]![i]! + covariance[j]![j]!;
      row[j] = both - 2 * covariance[i]![j]!;
      if (row[j]! > 1e-6 * both) continue;
      row[j] = imagePart(methods[i]!, methods[j]!); // little is left of the two, and few digits of that would be right
      yield;
    }
    yield;
  }
  return { factor, byImage };
}

function* imagePartsAgainst(best: CrossedMeans, others: readonly CrossedMeans[]): Generator<void, Float64Array> {
  const variances = new Float64Array(others.length);
  for (const [i, other] of others.entries()) {
    variances[i] = imagePart(other, best);
    yield;
  }
  return variances;
}

/** Number of images that all methods answer right on all seeds, or all wrong. */
function* imagesAlike(methods: readonly CrossedMeans[]): Generator<void, number | null> {
  const first = methods[0]?.images;
  if (!first) return null;
  const alike = Uint8Array.from(first, (share) => (share === 0 || share === 1 ? 1 : 0));
  for (const { images } of methods) {
    for (let k = 0; k < alike.length; k++) if (images![k] !== first[k]) alike[k] = 0;
    yield;
  }
  return alike.reduce((count, one) => count + one, 0);
}

/** Positions by descending mean. Where means are equal the answers decide, never the position: see `rankInParts`. */
function byMean(methods: readonly CrossedMeans[]): number[] {
  const means = methods.map(({ seeds }) => sum(seeds) / seeds.length);
  return [...methods.keys()].sort(
    (a, b) =>
      means[b]! - means[a]! ||
      firstDifference(methods[a]!.seeds, methods[b]!.seeds) ||
      firstDifference(methods[a]!.images ?? [], methods[b]!.images ?? []),
  );
}

function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return a[index]! - b[index]!;
  return 0;
}

/**
 * About how many seeds in all it takes until the simultaneous interval of a pair leaves out 0, if difference, critical value
 * and variances stay as they are, and only the variance by seeds falls with their number; null if ten thousand would not do.
 */
export function seedsToTellApart(best: CrossedMeans, worst: CrossedMeans, critical: number): number | null {
  const { mean, bySeed, byImage } = crossedDifference(best, worst);
  const enough = (best.seeds.length * bySeed) / ((mean / critical) ** 2 - byImage);
  return enough > 0 && enough < 10_000 ? Math.floor(enough) + 1 : null;
}

function checkMethods(methods: readonly CrossedMeans[]): void {
  const { seeds, images } = methods[0] ?? {};
  methods.forEach((method, i) => {
    if (method.seeds.length < fewestSeeds)
      throw new RangeError(`methods[${i}]: expected at least ${fewestSeeds} seeds, found ${method.seeds.length}`);
    if (method.seeds.length !== seeds!.length)
      throw new RangeError(`methods[${i}]: expected ${seeds!.length} seeds, found ${method.seeds.length}`);
    if (method.images?.length !== images?.length)
      throw new RangeError(
        `methods[${i}]: expected ${images?.length ?? "no"} images, found ${method.images?.length ?? "none"}`,
      );
    if (!Number.isFinite(sum(method.seeds) + sum(method.images ?? [])))
      throw new RangeError(`methods[${i}]: expected finite means`);
  });
}

function checkLevel(level: number, draws: number): void {
  if (!(level > 0 && level < 1)) throw new RangeError(`level: expected a number between 0 and 1, found ${level}`);
  if (!(Number.isInteger(draws) && draws >= 1 / level))
    throw new RangeError(`draws: expected a whole number from ${Math.ceil(1 / level)}, found ${draws}`);
}

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};
