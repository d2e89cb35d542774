/**
 * Seeded random numbers: pure-rand's xoroshiro128+ (Blackman & Vigna 2018), with
 * its state derived from a seed and keys that name its purpose.
 */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

export type Generator = ReturnType<typeof xoroshiro128plusFromState>;

/**
 * An independent generator for each list of keys, such as seed, purpose, epoch.
 * The state has two halves of the keys: their low 32 bits, mixed, and their high 21, which of small keys leave 0. The first
 * word has all of the one and the second all of the other, so no bit of the first key is lost.
 * @param keys whole numbers from 0 to 2^53 − 1
 */
export function generator(...keys: number[]): Generator {
  let low = 0;
  let high = 0;
  for (const key of keys) {
    low = mix(low ^ key); // of a larger number, ^ takes the low 32 bits
    high = finalize(high ^ (key / 2 ** 32));
  }
  const state = [0, 1, 2, 3].map((word) => mix((low + Math.imul(word + 1, golden)) ^ Math.imul(word, high)));
  return xoroshiro128plusFromState(state);
}

/**
 * A generator with the seed as its state: below 2^32 that of pure-rand's `xoroshiro128plus(seed)`, whose last word is 0; the
 * bits above fill it.
 * @param seed whole, from 0 to 2^53 − 1
 */
export const generatorOfSeed = (seed: number): Generator =>
  xoroshiro128plusFromState([-1, ~seed, seed | 0, finalize(seed / 2 ** 32)]);

/** Fisher–Yates shuffle, from the end, in place. */
export function shuffle(values: Uint32Array, random: Generator): Uint32Array {
  for (let last = values.length - 1; last > 0; last--) {
    const other = uniformInt(random, 0, last);
    const value = values[last]!;
    values[last] = values[other]!;
    values[other] = value;
  }
  return values;
}

/** 2^32 / golden ratio. */
const golden = 0x9e3779b9;

/** Mixes all bits: one step of splitmix32. */
const mix = (value: number): number => finalize((value + golden) | 0);

/** MurmurHash3's finalizer: a bijection of 32-bit integers that leaves 0 as it is. */
function finalize(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
