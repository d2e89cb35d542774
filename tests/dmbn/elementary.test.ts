import { describe, expect, it } from "vitest";
import * as elementary from "@/lib/dmbn/elementary";
import { digests, randomDoubles } from "./bits";

const ours: Record<keyof typeof elementary, (...values: number[]) => number> = elementary;

/** Reference values as whole numbers of 2^−PLACES. */
const PLACES = 1300n;
const one = 1n << PLACES;
const times = (a: bigint, b: bigint) => (a * b) >> PLACES;

/** `x` as a whole number of 2^−PLACES; exact for |x| ≥ 2^−1200. */
function exactly(x: number): bigint {
  let [mantissa, exponent] = [x, 0n];
  while (!Number.isInteger(mantissa)) [mantissa, exponent] = [mantissa * 2, exponent + 1n];
  return (BigInt(mantissa) << PLACES) >> exponent;
}

/** Σ of terms until they vanish: `next(term, n)` is the n-th after `first`. */
function sum(first: bigint, next: (term: bigint, n: bigint) => bigint, weight = (term: bigint, _n: bigint) => term) {
  let [total, term] = [0n, first];
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    total += weight(term, n);
    term = next(term, n);
  }
  return total;
}

const artanh = (s: bigint) =>
  sum(
    s,
    (term) => times(term, times(s, s)),
    (term, n) => term / (2n * n - 1n),
  );
const ln2 = 2n * artanh(one / 3n);
const arctanOfInverse = (x: bigint) =>
  sum(
    one / x,
    (term) => term / (-x * x),
    (term, n) => term / (2n * n - 1n),
  );
const pi = 16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n);

function ln(x: bigint): bigint {
  let [m, n] = [x, 0n];
  for (; m > 2n * one; n++) m >>= 1n;
  for (; m < one; n--) m <<= 1n;
  return 2n * artanh(((m - one) << PLACES) / (m + one)) + n * ln2;
}

function exponential(x: bigint): bigint {
  const n = x / ln2;
  const small = sum(one, (term, k) => times(term, x - n * ln2) / k);
  return n < 0n ? small >> -n : small << n;
}

function sine(x: bigint): bigint {
  const r = x % (2n * pi);
  return sum(r, (term, k) => -times(times(term, r), r) / (2n * k * (2n * k + 1n)));
}

const references = {
  exp: exponential,
  log: ln,
  sin: sine,
  cos: (x: bigint) => sine(x + pi / 2n),
  tanh: (x: bigint) => {
    const square = exponential(2n * x);
    return ((square - one) << PLACES) / (square + one);
  },
  cbrt: (x: bigint) => (x < 0n ? -exponential(ln(-x) / 3n) : exponential(ln(x) / 3n)),
  pow: (x: bigint, y: bigint) => exponential(times(y, ln(x))),
};

/** Distance between a double and its reference in units in the last place of the double. */
function errorInUlp(value: number, reference: bigint): number {
  const ulp = exactly(2 ** Math.max(-1074, Math.floor(Math.log2(Math.abs(value) || 1)) - 52));
  const error = exactly(value) - reference;
  return Number(((error < 0n ? -error : error) * 10_000n) / ulp) / 10_000;
}

const { unit } = randomDoubles(7n);
const around = (size: number) => (2 * unit() - 1) * size;
const someSize = (most: number) => 2 ** ((2 * unit() - 1) * most);
const samples: Record<keyof typeof references, (() => number[])[]> = {
  exp: [() => [around(700)], () => [around(1)]],
  log: [() => [someSize(1000)], () => [1 + around(0.01)]],
  sin: [() => [around(10)], () => [around(2 ** 22)], () => [someSize(1000)], () => [Math.round(around(1e6)) * Math.PI]],
  cos: [() => [around(10)], () => [around(2 ** 22)], () => [someSize(1000)], () => [Math.round(around(1e6)) * Math.PI]],
  tanh: [() => [around(2)], () => [around(22)], () => [around(2 ** (-40 * unit()))]],
  cbrt: [() => [around(10)], () => [someSize(1000)]],
  pow: [
    () => [unit() + 0.01, Math.round(around(100))],
    () => [1 - unit() / 1000, Math.round(1e5 * unit())],
    () => [someSize(100), around(6)],
    () => [1 + around(2 ** (-40 * unit() - 1)), around(1000)],
  ],
};

describe("exp, log, pow and their kin", () => {
  it.each(Object.keys(references) as (keyof typeof references)[])(
    "%s is within 0.75 ulp of the exact value",
    (name) => {
      const apply = ours[name];
      const reference = references[name] as (...values: bigint[]) => bigint;
      for (const sample of samples[name]) {
        for (let i = 0; i < 400; i++) {
          const values = sample();
          const value = apply(...values);
          expect(errorInUlp(value, reference(...values.map(exactly))), `${name}(${values.join(", ")})`).toBeLessThan(
            0.75,
          );
        }
      }
    },
  );

  it("have the special values of ECMAScript's Math", () => {
    const specials = [0, -0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 2 ** 53, -(2 ** 53) + 1, 5e-324, -5e-324, 1e308, -1e308];
    const values = [...specials, Infinity, -Infinity, Number.NaN];
    for (const x of values) {
      for (const name of ["exp", "log", "sin", "cos", "tanh", "cbrt"] as const)
        expect(ours[name](x), `${name}(${x})`).toSatisfy((y) => close(y, Math[name](x)));
      for (const y of values) expect(ours.pow(x, y), `${x} ^ ${y}`).toSatisfy((power) => close(power, x ** y));
    }
  });

  it("have the same bits wherever this test runs", () => {
    // seen in V8, SpiderMonkey, JavaScriptCore and QuickJS, whose own functions give four different digests
    expect(digests().ours).toEqual({
      cbrt: "d2a60cf803a22681 a5105ef6b8a97892 df0f79aec1ea333b",
      cos: "73b25d057920a0ac c722a9cfd278fdd3 a491d7edd9eb8d62",
      exp: "9e5ad10278eec849 b68c4548c475eb1e 150dc1c25d0d585",
      log: "ec512ab7d30805e7 236c1a9e2960303b 6f0829ad157becbb",
      pow: "df2f22c4cc53f07c aca64ccbdd1ccc3d cd5f81a784075bd8 95c399af14ae93d3",
      sin: "3f64af852320e070 ffe70cb5b6426fd f1f8d7c121c16444",
      tanh: "c3f02494080fd1cc 93a0d678c32df6e2 e258f1a9bdff180a",
    });
  });
});

/** Equal where ECMAScript fixes the value, else as near as engines are to each other. */
function close(a: number, b: number): boolean {
  if (Object.is(a, b)) return true;
  return a !== 0 && b !== 0 && Number.isFinite(a) && Number.isFinite(b) && Math.abs(a / b - 1) < 1e-15;
}
