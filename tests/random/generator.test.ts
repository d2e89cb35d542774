import fc from "fast-check";
import { xoroshiro128plus, xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { describe, expect, it } from "vitest";
import { generator, generatorOfSeed } from "@/lib/random/generator";
import { normals } from "@/lib/random/normals";

const words = (count: number) => fc.array(fc.nat({ max: 0xffff_ffff }), { minLength: 1, maxLength: count });
const seeds = fc.nat({ max: Number.MAX_SAFE_INTEGER });

/** As it was when seeds had 32 bits: every run that was recorded then depends on it. */
function generatorOf32Bits(...keys: number[]) {
  let hash = 0;
  for (const key of keys) hash = mix(hash ^ key);
  return xoroshiro128plusFromState([1, 2, 3, 4].map((word) => mix(hash + Math.imul(word, 0x9e3779b9))));
}

function mix(value: number): number {
  let hash = (value + 0x9e3779b9) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

describe("seeds below 2^32", () => {
  it("give the states that they always gave", () => {
    expect(generator(0, 2, 0).getState()).toEqual([933963199, -709677738, -729450603, -1426177577]);
    expect(generator(1, 2, 3).getState()).toEqual([-1841702210, -506204163, 1706626821, -931603710]);
    expect(generator(20_260_101, 1).getState()).toEqual([-1762392497, -564530397, -63838348, 320471841]);
    expect(generator(4_294_967_295, 3, 7).getState()).toEqual([2122456095, 1700003850, -466462705, 2037604718]);
    fc.assert(
      fc.property(words(4), (keys) => {
        expect(generator(...keys).getState()).toEqual(generatorOf32Bits(...keys).getState());
      }),
    );
  });

  it("give the normal numbers that they always gave", () => {
    const first = (seed: number) => Array.from({ length: 3 }, normals(seed));
    expect(first(0)).toEqual([0.2791153175890263, 0.08372742958209647, -0.7515064032202357]);
    expect(first(1)).toEqual([2.2256006423336485, 0.06324643514672819, -0.5482574765473556]);
    expect(first(2_147_483_648)).toEqual([-0.5136773188421754, -1.0031085931259998, -0.980040946338125]);
    expect(first(4_294_967_295)).toEqual([0.041737296907441046, -0.07216872409140822, 0.5522087403417864]);
    fc.assert(
      fc.property(fc.nat({ max: 0xffff_ffff }), (seed) => {
        expect(generatorOfSeed(seed).getState()).toEqual(xoroshiro128plus(seed).getState());
      }),
    );
  });
});

describe("seeds of 53 bits", () => {
  it("differ in their numbers even where their low 32 bits agree", () => {
    const low = fc.nat({ max: 0xffff_ffff });
    const high = fc.nat({ max: 2 ** 21 - 1 });
    fc.assert(
      fc.property(low, high, high, words(2), (bits, a, b, purpose) => {
        fc.pre(a !== b);
        const [one, other] = [a, b].map((above) => above * 2 ** 32 + bits) as [number, number];
        const numbers = (random: { next(): number }) => Array.from({ length: 8 }, () => random.next());
        expect(numbers(generator(one, ...purpose))).not.toEqual(numbers(generator(other, ...purpose)));
        expect(numbers(generatorOfSeed(one))).not.toEqual(numbers(generatorOfSeed(other)));
        expect(Array.from({ length: 4 }, normals(one))).not.toEqual(Array.from({ length: 4 }, normals(other)));
      }),
    );
  });

  it("lose no bit: the seed can be computed from the state", () => {
    fc.assert(
      fc.property(seeds, words(2), (seed, purpose) => {
        expect(seedOfState(generator(seed, ...purpose).getState(), purpose)).toBe(seed);
        const [, , low, high] = generatorOfSeed(seed).getState() as [number, number, number, number];
        expect((unfinalize(high) >>> 0) * 2 ** 32 + (low >>> 0)).toBe(seed);
      }),
    );
  });
});

/** The first of the keys that gave a state, from the state and the other keys, which are below 2^32. */
function seedOfState(state: readonly number[], others: readonly number[]): number {
  const golden = 0x9e3779b9;
  let low = unmix(state[0]!) - golden;
  let high = unmix(state[1]!) ^ (low + 2 * golden);
  for (const key of [...others].reverse()) {
    low = unmix(low) ^ key;
    high = unfinalize(high);
  }
  return (unfinalize(high) >>> 0) * 2 ** 32 + (unmix(low) >>> 0);
}

const unmix = (value: number): number => (unfinalize(value) - 0x9e3779b9) | 0;

/** The inverse of MurmurHash3's finalizer: inverses of its factors modulo 2^32, and of its shifts. */
function unfinalize(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x7ed1b41d);
  hash ^= (hash >>> 13) ^ (hash >>> 26);
  hash = Math.imul(hash, 0xa5cb9243);
  return hash ^ (hash >>> 16);
}
