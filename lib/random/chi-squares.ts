/** Seeded χ² numbers, in float64. */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import type { Generator } from "./generator";

/**
 * One number a call, by Marsaglia & Tsang 2000, "A simple method for generating gamma variables", ACM TOMS 26(3): a normal
 * or two, however many degrees of freedom.
 * @param degrees of freedom, whole, at least 1
 * @param normal as of `normals`
 * @param generator decides whether a normal is used
 */
export function chiSquares(degrees: number, normal: () => number, generator: Generator): () => number {
  if (degrees === 1) return () => normal() ** 2;
  const d = degrees / 2 - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  return () => {
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v <= 0) continue;
      if (Math.log(1 - uniformFloat64(generator)) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return 2 * d * v;
    }
  };
}
