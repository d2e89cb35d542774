/**
 * Student's t distribution with a whole number of degrees of freedom: tail
 * probability and quantile. By the regularized incomplete beta function,
 * P(|T| ≥ t) = I_{ν/(ν+t²)}(ν/2, 1/2); its continued fraction is DLMF 8.17.22,
 * evaluated forwards as in Thompson & Barnett 1986.
 */

/**
 * Probability that |T| is at least |t|, with a small relative error even far in the tails.
 * @param degreesOfFreedom whole, from 1
 */
export function twoSidedTail(t: number, degreesOfFreedom: number): number {
  const half = degreesOfFreedom / 2;
  const square = t * t;
  if (square === Infinity) return 0;
  const x = degreesOfFreedom / (degreesOfFreedom + square);
  const y = square / (degreesOfFreedom + square); // 1 − x without cancellation
  const front = (x ** half * Math.sqrt(y)) / betaOfHalf(degreesOfFreedom);
  if (front === 0) return y === 0 ? 1 : 0;
  return x < (half + 1) / (half + 2.5)
    ? (front / half) * continuedFraction(half, 0.5, x)
    : 1 - (front / 0.5) * continuedFraction(0.5, half, y);
}

/**
 * The t with P(T < t) = probability.
 * @param probability in (0, 1)
 * @param degreesOfFreedom whole, from 1
 */
export function quantile(probability: number, degreesOfFreedom: number): number {
  if (probability === 0.5) return 0;
  if (probability < 0.5) return -quantile(1 - probability, degreesOfFreedom);
  const tail = 2 * (1 - probability);
  let high = 1;
  while (twoSidedTail(high, degreesOfFreedom) > tail) high *= 2;
  let low = 0;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return middle;
    if (twoSidedTail(middle, degreesOfFreedom) > tail) low = middle;
    else high = middle;
  }
}

/** B(ν/2, 1/2), by B(a + 1, b) = B(a, b) · a/(a + b) from B(1/2, 1/2) = π or B(1, 1/2) = 2. */
function betaOfHalf(degreesOfFreedom: number): number {
  const odd = degreesOfFreedom % 2 === 1;
  let beta = odd ? Math.PI : 2;
  for (let a = odd ? 0.5 : 1; a < degreesOfFreedom / 2; a++) beta *= a / (a + 0.5);
  return beta;
}

/** 1/(1 + d₁/(1 + d₂/(1 + …))) of I_x(a, b), by the modified Lentz recurrence. */
function continuedFraction(a: number, b: number, x: number): number {
  const tiny = 1e-300;
  const awayFromZero = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) return fraction;
  }
  return fraction;
}
