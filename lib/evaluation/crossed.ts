/**
 * Means and differences of methods that all answer the same test images on the same seeds. Seeds and images are
 * crossed: other seeds would change a mean, and so would other images. The variance of a mean is estimated as
 *
 *     variance of the seeds' means / n  +  variance of the images' means / m
 *
 * for n seeds and m images, each with divisor n − 1 or m − 1: the linearized variance of the pigeonhole bootstrap.
 * What varies with seed and image together is in both terms, so the sum errs on the safe side. Owen 2007, "The
 * pigeonhole bootstrap", Annals of Applied Statistics 1(2).
 */
import type { Interval, MeanInterval } from "./intervals";
import { criticalT } from "./intervals";
import { quantile } from "./student-t";

/** One method's right answers: a mean per seed and a mean per test image. */
export interface CrossedMeans {
  /** `[n]`, accuracy on each seed, in the board's order of seeds. */
  seeds: Float64Array;
  /**
   * `[m]`, share of the seeds on which each image is answered right; null where only each seed's accuracy is known:
   * the image part of every variance is then 0.
   */
  images: Float64Array | null;
}

/** A difference of two means, and its variance by source: the standard error is √(bySeed + byImage). */
export interface CrossedDifference {
  mean: number;
  /** Variance because of the choice of seeds. */
  bySeed: number;
  /** Variance because of the choice of test images; 0 where images are not known. */
  byImage: number;
}

/** Number of ones in each byte. */
const ones = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);

/**
 * Means of a method's right answers over images and over seeds.
 * @param right for each seed `ceil(images / 8)` bytes of one bit per image, 1 where it is answered right; image 0 is the
 *   highest bit of byte 0, as `numpy.packbits` writes them. Bits after the last image are ignored
 * @param images number of test images, whole, from 1
 * @throws RangeError for no seeds or a wrong number of bytes, with its index
 */
export function crossedMeans(right: readonly Uint8Array[], images: number): CrossedMeans {
  if (right.length === 0) throw new RangeError("right: expected at least one seed, found none");
  if (!Number.isInteger(images) || images < 1)
    throw new RangeError(`images: expected a whole number from 1, found ${images}`);
  const bytes = Math.ceil(images / 8);
  const counts = new Float64Array(8 * bytes);
  const seeds = Float64Array.from(right, (packed, seed) => {
    if (packed.length !== bytes)
      throw new RangeError(`right[${seed}]: expected ${bytes} bytes for ${images} images, found ${packed.length}`);
    let sum = 0;
    for (let index = 0; index < bytes; index++) {
      const byte = index < bytes - 1 ? packed[index]! : packed[index]! & (0xff << (8 * bytes - images));
      sum += ones[byte]!;
      for (let bit = 0; bit < 8; bit++) counts[8 * index + bit]! += (byte >> (7 - bit)) & 1;
    }
    return sum / images;
  });
  return { seeds, images: counts.subarray(0, images).map((count) => count / right.length) };
}

/**
 * A method's mean with its 95 % interval for other seeds and other test images. Student's t with the degrees of freedom
 * of Satterthwaite 1946, (s + i)² / (s²/(n − 1) + i²/(m − 1)) for the two terms s and i of the variance, rounded down.
 * @returns `deviation` is that of the seeds' means
 */
export function crossedMean({ seeds, images }: CrossedMeans): MeanInterval {
  const n = seeds.length;
  const mean = sum(seeds) / n;
  if (n === 1) return { n, mean, deviation: null, interval: null };
  const ofSeeds = variance(seeds);
  const bySeed = ofSeeds / n;
  const byImage = images === null ? 0 : variance(images) / images.length;
  return { n, mean, deviation: Math.sqrt(ofSeeds), interval: interval(mean, bySeed, n, byImage, images?.length ?? 0) };
}

function interval(mean: number, bySeed: number, n: number, byImage: number, m: number): Interval {
  const total = bySeed + byImage;
  if (total === 0) return { low: mean, high: mean };
  const squares = bySeed ** 2 / (n - 1) + (byImage === 0 ? 0 : byImage ** 2 / (m - 1));
  const half = criticalT(Math.floor(total ** 2 / squares)) * Math.sqrt(total);
  return { low: mean - half, high: mean + half };
}

/**
 * a − b. If it is the same on every seed and every image but not 0, no spread is left to judge it by: `bySeed` is then
 * what gives it the t of the sign-flip test's p-value, 2^(1 − n), as in `pairedDifference`.
 * @param b on the same seeds and images as `a`, in the same order
 * @throws RangeError if `a` and `b` have different numbers of seeds or images, or fewer than two seeds
 */
export function crossedDifference(a: CrossedMeans, b: CrossedMeans): CrossedDifference {
  const n = a.seeds.length;
  if (n < 2) throw new RangeError(`a: expected at least 2 seeds, found ${n}`);
  if (b.seeds.length !== n) throw new RangeError(`b: expected ${n} seeds as of a, found ${b.seeds.length}`);
  if (a.images?.length !== b.images?.length)
    throw new RangeError(`b: expected ${count(a.images)} as of a, found ${count(b.images)}`);
  return withImagePart(a, b, imagePart(a, b));
}

const count = (images: Float64Array | null) => (images === null ? "no images" : `${images.length} images`);

/** `crossedDifference` where the variance by images is known already. */
export function withImagePart(a: CrossedMeans, b: CrossedMeans, byImage: number): CrossedDifference {
  const n = a.seeds.length;
  const { mean, variance } = momentsOfDifference(a.seeds, b.seeds);
  if (variance > 0 || byImage > 0 || mean === 0) return { mean, bySeed: variance / n, byImage };
  return { mean, bySeed: (mean / quantile(1 - 2 ** -Math.min(n, 50), n - 1)) ** 2, byImage };
}

/** Variance of a − b because of the choice of images. */
export const imagePart = (a: CrossedMeans, b: CrossedMeans): number =>
  a.images === null || b.images === null ? 0 : momentsOfDifference(a.images, b.images).variance / a.images.length;

/**
 * Mean and variance of a − b, element by element: no cancellation between two large variances. Both are exactly 0 where
 * only rounding is left.
 */
function momentsOfDifference(a: Float64Array, b: Float64Array): { mean: number; variance: number } {
  const n = a.length;
  let total = 0;
  let largest = 0;
  for (let index = 0; index < n; index++) {
    total += a[index]! - b[index]!;
    largest = Math.max(largest, Math.abs(a[index]!), Math.abs(b[index]!));
  }
  const mean = total / n;
  let squares = 0;
  for (let index = 0; index < n; index++) squares += (a[index]! - b[index]! - mean) ** 2;
  const rounding = 1e-13 * largest;
  return {
    mean: Math.abs(mean) <= rounding ? 0 : mean,
    variance: n === 1 || squares <= n * rounding ** 2 ? 0 : squares / (n - 1),
  };
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** With divisor n − 1; 0 for one value, and for equal ones. */
function variance(values: Float64Array): number {
  return momentsOfDifference(values, new Float64Array(values.length).fill(values[0]!)).variance;
}
