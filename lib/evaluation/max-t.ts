/**
 * The critical value of simultaneous intervals: the |t| that the largest of many studentized differences exceeds with a
 * given probability if all true differences are 0. By a parametric bootstrap, as in Mogstad, Romano, Shaikh, Wilhelm
 * 2024, "Inference for Ranks", Review of Economic Studies 91(1): each draw has fresh means over n seeds and over the test
 * images, normal with the covariances that were observed, and estimates the variance by seeds anew from its own n seeds,
 * so that few seeds cost what they should. The variance by images, of hundreds of images, is taken as known.
 *
 * The n seeds themselves are never drawn: their mean and the sums of squares about it are independent, normal and Wishart
 * with n − 1 degrees of freedom, so many seeds cost no more than few.
 */
import { chiSquares } from "../random/chi-squares";
import { generatorOfSeed } from "../random/generator";
import { normals } from "../random/normals";
import type { Factor, Symmetric } from "./covariance";
import { choleskyFactor, scatter } from "./covariance";

/** Methods that are all compared with each other. */
export interface AllPairs {
  /** `[methods][n]`, accuracies on the same seeds. */
  seeds: readonly Float64Array[];
  /** Variance of each pair's difference by images. */
  byImage: Symmetric;
  /** Of the covariance of the means by images. */
  factor: Factor;
}

/**
 * Methods that are only compared with the first of those. The images' part of each difference is drawn by itself, as if
 * it told nothing of the others': the largest |t| can only become larger. Šidák 1967.
 */
export interface AgainstFirst {
  seeds: readonly Float64Array[];
  /** Variance of each difference by images. */
  byImage: Float64Array;
}

/** Variance that rounding may make of accuracies, which are at most 1. */
const rounding = 1e-26;

/**
 * The (1 − level) quantile of the largest |t|.
 * @param level a multiple of 1 / (draws + 1), so that it is that of one draw
 * @param draws whole, at least 1 / level
 */
export function* criticalValue(
  all: AllPairs,
  others: AgainstFirst,
  { level, draws, seed }: { level: number; draws: number; seed: number },
): Generator<void, number> {
  const n = all.seeds[0]!.length;
  const normal = normals(3 * seed);
  const imageNormal = normals(3 * seed + 1);
  const generator = generatorOfSeed(3 * seed + 2);
  const { all: allSeeds, others: otherSeeds } = yield* coordinates(all.seeds, others.seeds);
  const size = allSeeds[0]!.length;
  // In sums of squares over seeds: the variance of a mean is that divided by n (n − 1). A pair that never differs has
  // a variance of 0, and a difference that is nothing but rounding: it must not count.
  const inSquares = (variance: number) => (variance + rounding) * n * (n - 1);
  const allByImage = all.byImage.map((row) => row.map(inSquares));
  const otherByImage = others.byImage.map(inSquares);

  const spread = Array.from({ length: size }, () => new Float64Array(size));
  const chiSquare = Array.from({ length: size }, (_, t) => chiSquares(n - 1 - t, normal, generator));
  const centre = new Float64Array(size);
  const image = new Float64Array(all.factor.rank);
  const means = new Float64Array(allSeeds.length);
  const drawn = allSeeds.map(() => new Float64Array(size));
  const largest = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    for (let t = 0; t < size; t++) centre[t] = normal() / Math.sqrt(n);
    drawSpread(spread, chiSquare, normal);
    for (let k = 0; k < image.length; k++) image[k] = imageNormal();
    for (let i = 0; i < means.length; i++) {
      means[i] = dot(centre, allSeeds[i]!, 0, size) + dot(image, all.factor.rows[i]!, 0, all.factor.ranks[i]!);
      for (let t = 0; t < size; t++) drawn[i]![t] = dot(spread[t]!, allSeeds[i]!, t, size);
    }
    yield;
    // The largest t² so far, in sums of squares. Most pairs are below it by a part of their variance already.
    let most = 0;
    for (let i = 1; i < means.length; i++) {
      const a = drawn[i]!;
      const byImage = allByImage[i]!;
      for (let j = 0; j < i; j++) {
        const square = (means[i]! - means[j]!) ** 2;
        const b = drawn[j]!;
        let variance = byImage[j]!;
        for (let t = 0; t < size && square > most * variance; t++) variance += (a[t]! - b[t]!) ** 2;
        if (square > most * variance) most = square / variance;
      }
    }
    yield;
    for (let i = 0; i < otherSeeds.length; i++) {
      let variance = otherByImage[i]!;
      const square = (dot(centre, otherSeeds[i]!, 0, size) + Math.sqrt(others.byImage[i]!) * imageNormal()) ** 2;
      for (let t = 0; t < size && square > most * variance; t++)
        variance += dot(spread[t]!, otherSeeds[i]!, t, size) ** 2;
      if (square > most * variance) most = square / variance;
    }
    yield;
    largest[draw] = Math.sqrt(most * n * (n - 1));
  }
  return largest.sort()[Math.round((1 - level) * (draws + 1)) - 1]!;
}

/**
 * Vectors whose products are the covariances over the seeds, up to what all have in common: it cancels in differences. Of
 * n seeds they have n − 1 elements, and then the same draws serve a board however its methods come and go; or no more than
 * there are methods, where seeds are many.
 */
function* coordinates(
  all: readonly Float64Array[],
  others: readonly Float64Array[],
): Generator<void, { all: Float64Array[]; others: Float64Array[] }> {
  const n = all[0]!.length;
  if (all.length >= n - 1 || others.length > 0)
    return {
      all: all.map(contrasts),
      others: others.map((seeds) => contrasts(seeds.map((value, s) => value - all[0]![s]!))),
    };
  const products = yield* scatter(all);
  const { rows, rank } = yield* choleskyFactor(products.map((row) => row.map((product) => product / (n - 1))));
  return { all: rows.map((row) => row.subarray(0, rank)), others: [] };
}

/**
 * n values in the n − 1 orthonormal contrasts of Helmert, each of which compares a value with the mean of those before
 * it; divided by √(n − 1).
 */
function contrasts(values: Float64Array): Float64Array {
  const result = new Float64Array(values.length - 1);
  let before = 0;
  for (let k = 1; k < values.length; k++) {
    before += values[k - 1]!;
    result[k - 1] = (before - k * values[k]!) / Math.sqrt(k * (k + 1) * result.length);
  }
  return result;
}

/**
 * Draws the upper triangle whose product with its transpose is Wishart (Bartlett 1933): the squared length of `spread · x`
 * is distributed as the sum of squares, about their mean, of the seeds of a method with the coordinates x.
 */
function drawSpread(spread: readonly Float64Array[], chiSquare: readonly (() => number)[], normal: () => number): void {
  for (const [t, row] of spread.entries()) {
    row[t] = Math.sqrt(chiSquare[t]!());
    for (let s = t + 1; s < row.length; s++) row[s] = normal();
  }
}

/** Of the elements from `from` to before `to`. Four sums at once: one alone would wait for each addition. */
function dot(a: Float64Array, b: Float64Array, from: number, to: number): number {
  let p = 0;
  let q = 0;
  let r = 0;
  let s = 0;
  let k = from;
  for (; k < to - 3; k += 4) {
    p += a[k]! * b[k]!;
    q += a[k + 1]! * b[k + 1]!;
    r += a[k + 2]! * b[k + 2]!;
    s += a[k + 3]! * b[k + 3]!;
  }
  for (; k < to; k++) p += a[k]! * b[k]!;
  return p + q + r + s;
}
