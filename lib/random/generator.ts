/**
 * Seeded random numbers: pure-rand's xoroshiro128+ (Blackman & Vigna 2018), with
 * its state derived from a seed and keys that name its purpose.
 */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

export type Generator = ReturnType<typeof xoroshiro128plusFromState>;

/**
 * An independent generator for each list of keys, such as seed, purpose, epoch.
 * @param keys unsigned 32-bit integers
 */
export function generator(...keys: number[]): Generator {
  let hash = 0;
  for (const key of keys) hash = mix(hash ^ key);
  const state = [1, 2, 3, 4].map((word) => mix(hash + Math.imul(word, 0x9e3779b9)));
  return xoroshiro128plusFromState(state);
}

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

/** Mixes all bits: one step of splitmix32 (constants of MurmurHash3's finalizer). */
function mix(value: number): number {
  let hash = (value + 0x9e3779b9) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
