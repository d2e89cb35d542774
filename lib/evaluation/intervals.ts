/**
 * 95 % confidence intervals: Wilson's for one accuracy, Student's t for the
 * mean of several runs. Wilson 1927; Student 1908.
 */
import { quantile } from "./student-t";

export interface Interval {
  low: number;
  high: number;
}

export interface MeanInterval {
  /** Number of values. */
  n: number;
  mean: number;
  /** Sample standard deviation (divisor n − 1); null for one value. */
  deviation: number | null;
  /** 95 % t interval of the mean; null for one value, which has no spread. */
  interval: Interval | null;
}

/** 0.975 quantile of the standard normal distribution. */
const z = 1.959963984540054;

/**
 * Wilson's 95 % interval of a proportion; stays within [0, 1], and holds for few trials too.
 * @param successes whole, 0 … trials
 * @param trials whole, from 1
 */
export function wilsonInterval(successes: number, trials: number): Interval {
  if (!Number.isInteger(trials) || trials < 1)
    throw new RangeError(`trials: expected a whole number from 1, found ${trials}`);
  if (!Number.isInteger(successes) || successes < 0 || successes > trials) {
    throw new RangeError(`successes: expected a whole number from 0 to ${trials}, found ${successes}`);
  }
  const p = successes / trials;
  const shrink = 1 + z ** 2 / trials;
  const centre = (p + z ** 2 / (2 * trials)) / shrink;
  const halfWidth = (z / shrink) * Math.sqrt((p * (1 - p)) / trials + z ** 2 / (4 * trials ** 2));
  return {
    low: successes === 0 ? 0 : centre - halfWidth,
    high: successes === trials ? 1 : centre + halfWidth,
  };
}

/**
 * Mean, deviation and 95 % t interval over runs.
 * @param values one per run, at least one
 * @throws RangeError for no values or one that isn't finite, with its index
 */
export function meanInterval(values: readonly number[]): MeanInterval {
  const n = values.length;
  if (n === 0) throw new RangeError("values: expected at least one, found none");
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) throw new RangeError(`values[${i}]: expected a finite number, found ${value}`);
  });
  // Relative to the first value: exact if all are equal, and no cancellation.
  const origin = values[0]!;
  const mean = origin + values.reduce((sum, value) => sum + (value - origin), 0) / n;
  if (n === 1) return { n, mean, deviation: null, interval: null };
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const half = halfWidth(deviation, n);
  return { n, mean, deviation, interval: { low: mean - half, high: mean + half } };
}

/**
 * The interval of a mean that holds together with those of other means with at least 95 %: its t interval at the level
 * 1 − .05 / m. Bonferroni; Dunn 1961.
 * @param means m, the number of means, this one included
 * @returns null for one value
 */
export function simultaneousInterval({ n, mean, deviation }: MeanInterval, means: number): Interval | null {
  if (deviation === null) return null;
  const half = halfWidth(deviation, n, quantile(1 - 0.025 / means, n - 1));
  return { low: mean - half, high: mean + half };
}

/** Half the width of the t interval of a mean of n values, n ≥ 2. @param critical the |t| at its ends; default: of 95 % */
const halfWidth = (deviation: number, n: number, critical = criticalT(n - 1)): number =>
  (critical * deviation) / Math.sqrt(n);

/** The |t| that is exceeded with probability 5 %. */
export function criticalT(degreesOfFreedom: number): number {
  const critical = criticalValues.get(degreesOfFreedom) ?? quantile(0.975, degreesOfFreedom);
  criticalValues.set(degreesOfFreedom, critical);
  return critical;
}

/**
 * Cached by degrees of freedom: a board compares thousands of pairs with the same number of seeds, and computing a
 * quantile takes far longer than everything else.
 */
const criticalValues = new Map<number, number>();
