/** Seeded standard normal numbers, in float64: the same on every machine. */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { generatorOfSeed } from "./generator";

/**
 * One number a call, by the polar method (Marsaglia & Bray 1964).
 * @param seed whole, from 0 to 2^53 − 1
 */
export function normals(seed: number): () => number {
  const generator = generatorOfSeed(seed);
  const uniform = () => 2 * uniformFloat64(generator) - 1;
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    for (;;) {
      const u = uniform();
      const v = uniform();
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = v * factor;
      return u * factor;
    }
  };
}
