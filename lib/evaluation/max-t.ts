/**
 * The critical value of simultaneous intervals: the |t| that the largest of many studentized differences exceeds with a
 * given probability if all true differences are 0. By a parametric bootstrap, as in Mogstad, Romano, Shaikh, Wilhelm
 * 2024, "Inference for Ranks", Review of Economic Studies 91(1): each draw has fresh means over n seeds and over the test
 * images, normal with the covariances that were observed, and estimates the variance by seeds anew from its own n seeds,
 * so that few seeds cost what they should. The variance by images, of hundreds of images, is taken as known.
 */
import { normals } from "../random/normals";
import type { Factor, Symmetric } from "./covariance";

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
  // Two streams: boards with equal numbers of seeds draw the same seeds, however many other methods come and go.
  const normal = normals(2 * seed);
  const imageNormal = normals(2 * seed + 1);
  const allSeeds = all.seeds.map(deviations);
  const otherSeeds = others.seeds.map((seeds) => deviations(seeds.map((value, s) => value - all.seeds[0]![s]!)));
  // In sums of squares over seeds: the variance of a mean is that divided by n (n − 1). A pair that never differs has
  // a variance of 0, and a difference that is nothing but rounding: it must not count.
  const inSquares = (variance: number) => (variance + rounding) * n * (n - 1);
  const allByImage = all.byImage.map((row) => row.map(inSquares));
  const otherByImage = others.byImage.map(inSquares);

  const spread = Array.from({ length: n }, () => new Float64Array(n));
  const centre = new Float64Array(n);
  const image = new Float64Array(all.factor.rank);
  const means = new Float64Array(allSeeds.length);
  const drawn = allSeeds.map(() => new Float64Array(n));
  const largest = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    drawSeeds(spread, centre, normal);
    for (let k = 0; k < image.length; k++) image[k] = imageNormal();
    for (let i = 0; i < means.length; i++) {
      means[i] = dot(centre, allSeeds[i]!, n) + dot(image, all.factor.rows[i]!, all.factor.ranks[i]!);
      for (let s = 0; s < n; s++) drawn[i]![s] = dot(spread[s]!, allSeeds[i]!, n);
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
        for (let s = 0; s < n && square > most * variance; s++) variance += (a[s]! - b[s]!) ** 2;
        if (square > most * variance) most = square / variance;
      }
    }
    yield;
    for (let i = 0; i < otherSeeds.length; i++) {
      let variance = otherByImage[i]!;
      const square = (dot(centre, otherSeeds[i]!, n) + Math.sqrt(others.byImage[i]!) * imageNormal()) ** 2;
      for (let s = 0; s < n && square > most * variance; s++) variance += dot(spread[s]!, otherSeeds[i]!, n) ** 2;
      if (square > most * variance) most = square / variance;
    }
    yield;
    largest[draw] = Math.sqrt(most * n * (n - 1));
  }
  return largest.sort()[Math.round((1 - level) * (draws + 1)) - 1]!;
}

/**
 * Draws what makes n fresh seeds out of the observed ones: `centre · x` is their mean and `spread[s] · x` the deviation
 * of seed s from it, for the deviations x of a method.
 */
function drawSeeds(spread: readonly Float64Array[], centre: Float64Array, normal: () => number): void {
  const n = centre.length;
  centre.fill(0);
  for (const row of spread) {
    for (let t = 0; t < n; t++) {
      row[t] = normal();
      centre[t]! += row[t]! / n;
    }
  }
  for (const row of spread) for (let t = 0; t < n; t++) row[t]! -= centre[t]!;
}

/** From the mean, divided by √(n − 1): products with independent normals have the sample's covariance. */
function deviations(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => (value - mean) / Math.sqrt(values.length - 1));
}

/** Of the first `length` elements. Four sums at once: one alone would wait for each addition. */
function dot(a: Float64Array, b: Float64Array, length: number): number {
  let p = 0;
  let q = 0;
  let r = 0;
  let s = 0;
  let k = 0;
  for (; k < length - 3; k += 4) {
    p += a[k]! * b[k]!;
    q += a[k + 1]! * b[k + 1]!;
    r += a[k + 2]! * b[k + 2]!;
    s += a[k + 3]! * b[k + 3]!;
  }
  for (; k < length; k++) p += a[k]! * b[k]!;
  return p + q + r + s;
}
