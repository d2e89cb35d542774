/**
 * exp, log, pow, cbrt, tanh, sin and cos with the same bits in every engine. ECMAScript fixes + − × ÷ to the last bit
 * and leaves the last bits of `Math.exp` and its kin to each engine, so these use only the former. Where cancellation
 * would cost digits, a value is the exact sum of two doubles (Dekker 1971; Knuth, TAOCP vol. 2, §4.2.2). Ranges are
 * reduced as in Muller, Elementary Functions (2016), ch. 11; the rest is the Taylor series. Errors stay below 0.7 ulp,
 * and below 1 ulp where the result is subnormal.
 */

/** The exact sum of two doubles: `high` is the nearest double to it, `low` the rest. */
interface Pair {
  high: number;
  low: number;
}

/** What is left of an argument, and the whole number of periods that were taken from it. */
interface Reduced {
  rest: Pair;
  n: number;
}

/** `a + b − sum`, exactly, where `sum` is the rounded `a + b`. */
function sumError(a: number, b: number, sum: number): number {
  const rounded = sum - a;
  return a - (sum - rounded) + (b - rounded);
}

/** `a · b − product`, exactly, where `product` is the rounded `a · b`; all below 2^996 in magnitude. */
function productError(a: number, b: number, product: number): number {
  const aShifted = a * splitter;
  const aHigh = aShifted - (aShifted - a);
  const aLow = a - aHigh;
  const bShifted = b * splitter;
  const bHigh = bShifted - (bShifted - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}
const splitter = 2 ** 27 + 1;

const pair = (high: number, low: number): Pair => {
  const sum = high + low;
  return { high: sum, low: low - (sum - high) };
};

/** `numerator / denominator`. */
function quotient(numerator: Pair, denominator: Pair): Pair {
  const high = numerator.high / denominator.high;
  const product = high * denominator.high;
  const rest = numerator.high - product - productError(high, denominator.high, product);
  return pair(high, (rest + numerator.low - high * denominator.low) / denominator.high);
}

/** `Σ coefficients[i] · xⁱ`. */
function polynomial(coefficients: Float64Array, x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i]!;
  return sum;
}

/** The doubles nearest to `term(0)`, `term(1)` … */
const series = (length: number, term: (i: number) => number) => Float64Array.from({ length }, (_, i) => term(i));
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1)); // exact up to 22!

const bits = new DataView(new ArrayBuffer(8));

/** 2ⁿ for n from −1022 to 1023. */
function powerOfTwo(n: number): number {
  bits.setInt32(0, (n + 1023) << 20);
  bits.setInt32(4, 0);
  return bits.getFloat64(0);
}

/** `x · 2ⁿ` for x around 1 and n from −1100 to 1024, rounded once. */
function scaled(x: number, n: number): number {
  if (n > 1023) return x * 2 * powerOfTwo(n - 1);
  return n < -1022 ? x * powerOfTwo(n + 1000) * 2 ** -1000 : x * powerOfTwo(n);
}

// ln 2 in three parts; a product of the first two with an integer below 2^21 is exact.
const LN2 = [0.6931471803691238, 1.9082149288430703e-10, 4.275175589747649e-20] as const;

const logTail = series(13, (i) => 1 / (2 * i + 5));
const third = { high: 1 / 3, low: 2 ** -54 / 3 };

/** ln x for finite x > 0: `ln(m · 2ⁿ)`, √½ ≤ m < √2, `ln m = 2 artanh s = 2(s + s³/3 + s⁵/5 + …)`, `s = (m − 1)/(m + 1)`. */
function logarithm(x: number): Pair {
  const normal = x < 2 ** -1022 ? x * 2 ** 54 : x;
  bits.setFloat64(0, normal);
  const head = bits.getInt32(0);
  let n = (head >> 20) - (normal === x ? 1023 : 1077);
  bits.setInt32(0, (head & 0xfffff) | 0x3ff00000);
  let m = bits.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    n++;
  }
  const sum = m + 1;
  const s = quotient({ high: m - 1, low: 0 }, { high: sum, low: sumError(m, 1, sum) });
  const square = s.high * s.high;
  const squareLow = productError(s.high, s.high, square) + 2 * s.high * s.low;
  const tail = square * polynomial(logTail, square);
  const series = third.high + tail; // 1/3 + s²/5 + s⁴/7 + …
  const seriesLow = sumError(third.high, tail, series) + third.low;
  const factor = square * series;
  const factorLow = productError(square, series, factor) + square * seriesLow + squareLow * series;
  const twice = 2 * s.high;
  const rest = twice * factor;
  const restLow = productError(twice, factor, rest) + twice * factorLow + 2 * s.low * factor;
  const base = n * LN2[0];
  const first = base + twice;
  const second = first + rest;
  const low = sumError(base, twice, first) + sumError(first, rest, second) + restLow + 2 * s.low;
  return pair(second, low + n * LN2[2] + n * LN2[1]);
}

const expTail = series(15, (i) => 1 / factorial(i + 3));

/** eˣ as `(1 + rest) · 2ⁿ`, for |x| < 800: `x = n ln 2 + r`, |r| ≤ ½ ln 2. */
function exponential({ high: x, low: xLow }: Pair): Reduced {
  const n = Math.round(x / Math.LN2);
  const first = x - n * LN2[0];
  const second = first - n * LN2[1];
  const r = pair(second, sumError(first, -n * LN2[1], second) - n * LN2[2] + xLow);
  const square = r.high * r.high;
  const half = square / 2;
  const rest = r.high * square * polynomial(expTail, r.high);
  const two = r.high + half;
  const all = two + rest;
  const low = sumError(r.high, half, two) + sumError(two, rest, all);
  return { rest: pair(all, low + r.low + productError(r.high, r.high, square) / 2 + r.high * r.low), n };
}

function rounded({ rest: { high, low }, n }: Reduced): number {
  const sum = 1 + high;
  return scaled(sum + (sumError(1, high, sum) + low), n);
}

/** eˣ from a pair of any size. */
function exponentialOf(x: Pair): number {
  if (x.high > 710) return Infinity;
  return x.high < -746 ? 0 : rounded(exponential(x));
}

/** eˣ. */
export const exp = (x: number): number => (Number.isNaN(x) ? x : exponentialOf({ high: x, low: 0 }));

/** The natural logarithm; NaN below 0, −∞ at 0. */
export const log = (x: number): number => (x > 0 && x < Infinity ? logarithm(x).high : Math.log(x)); // the rest is fixed

/** x to the y, with the special cases of ECMAScript's `**`. */
export function pow(x: number, y: number): number {
  if (x === 0 || y === 0 || !Number.isFinite(x) || !Number.isFinite(y)) return x ** y; // no rounding: fixed
  if (x < 0 && !Number.isInteger(y)) return Number.NaN;
  const sign = x < 0 && y % 2 !== 0 ? -1 : 1;
  const { high, low } = logarithm(Math.abs(x));
  const product = y * high;
  if (high === 0 || Math.abs(product) > 800) return sign * exponentialOf({ high: product, low: 0 });
  return sign * exponentialOf(pair(product, productError(y, high, product) + y * low));
}

/** The cube root. */
export function cbrt(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return x;
  return Math.sign(x) * exponentialOf(quotient(logarithm(Math.abs(x)), { high: 3, low: 0 }));
}

/** The hyperbolic tangent, `(e²ˣ − 1)/(e²ˣ + 1)`. */
export function tanh(x: number): number {
  const magnitude = Math.abs(x);
  if (!(magnitude > 0 && magnitude < 20)) return magnitude >= 20 ? Math.sign(x) : x;
  const {
    rest: { high, low },
    n,
  } = exponential({ high: 2 * magnitude, low: 0 });
  const power = powerOfTwo(n);
  const plus = (one: 1 | -1): Pair => {
    const base = power + one;
    const sum = base + power * high;
    return pair(sum, sumError(base, power * high, sum) + sumError(power, one, base) + power * low);
  };
  return Math.sign(x) * quotient(plus(-1), plus(1)).high;
}

// π/2 in four parts; a product of the first three with an integer below 2^20 is exact.
const HALF_PI = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32] as const;

/** x ≥ 0 as `n π/2 + rest`, |rest| ≤ about π/4; n mod 4 alone. */
function reduced(x: number): Reduced {
  if (x > 2 ** 20) return reducedFar(x);
  const n = Math.round(x / (Math.PI / 2));
  const first = x - n * HALF_PI[0];
  const second = first - n * HALF_PI[1];
  const third = second - n * HALF_PI[2];
  const low = sumError(first, -n * HALF_PI[1], second) + sumError(second, -n * HALF_PI[2], third) - n * HALF_PI[3];
  return { rest: pair(third, low), n: n & 3 };
}

const PLACES = 1280n; // enough for 1024 bits before the point and 62 leading zeros behind it
let turns: bigint | null = null;

/** 2/π · 2^PLACES by Machin's formula, π = 16 arctan 1/5 − 4 arctan 1/239. */
function twoOverPi(): bigint {
  const guard = 64n;
  const one = 1n << (PLACES + guard);
  const inverseTangent = (inverse: bigint) => {
    let [sum, power] = [0n, one / inverse];
    for (let k = 1n; power !== 0n; k += 2n, power /= -inverse * inverse) sum += power / k;
    return sum;
  };
  return (one << (PLACES + 1n)) / (16n * inverseTangent(5n) - 4n * inverseTangent(239n));
}

/** `reduced` in whole numbers, for x beyond 2^20, which is a whole number of 2^−32. */
function reducedFar(x: number): Reduced {
  turns ??= twoOverPi();
  const product = x < 2 ** 53 ? (BigInt(x * 2 ** 32) * turns) >> 32n : BigInt(x) * turns;
  const n = (product + (1n << (PLACES - 1n))) >> PLACES;
  const rest = (product - (n << PLACES)) >> (PLACES - 200n);
  const high = Number(rest) * 2 ** -200;
  const low = Number(rest - BigInt(Number(rest))) * 2 ** -200;
  const turned = high * (Math.PI / 2);
  const turnedLow = productError(high, Math.PI / 2, turned) + high * 6.123233995736766e-17 + low * (Math.PI / 2);
  return { rest: pair(turned, turnedLow), n: Number(n & 3n) };
}

const sineTail = series(9, (i) => (i % 2 ? 1 : -1) / factorial(2 * i + 3));
const cosineTail = series(9, (i) => (i % 2 ? -1 : 1) / factorial(2 * i + 4));

function sineNearZero({ high: r, low }: Pair): number {
  const square = r * r;
  return r + (r * square * polynomial(sineTail, square) + low * (1 - square / 2));
}

function cosineNearZero({ high: r, low }: Pair): number {
  const square = r * r;
  const half = square / 2;
  const head = 1 - half;
  const rest = square * square * polynomial(cosineTail, square) - productError(r, r, square) / 2 - r * low;
  return head + (1 - head - half + rest);
}

/** Sine or cosine of `x ≥ 0`, the cosine being the sine a quarter ahead. */
function circular(x: number, ahead: 0 | 1): number {
  const { rest, n } = reduced(x);
  const turn = (n + ahead) & 3;
  const value = turn & 1 ? cosineNearZero(rest) : sineNearZero(rest);
  return turn & 2 ? -value : value;
}

/** The sine of x radians. */
export function sin(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return x === 0 ? x : Number.NaN;
  return Math.sign(x) * circular(Math.abs(x), 0);
}

/** The cosine of x radians. */
export const cos = (x: number): number => (Number.isFinite(x) ? circular(Math.abs(x), 1) : Number.NaN);
