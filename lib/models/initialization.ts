/**
 * Seeded initial weights. He et al. 2015: a kernel's values are normal with
 * variance 2 / fan-in. One generator fills all parameters in order, on the
 * CPU in float64, so a seed gives the same weights on every backend.
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { ParameterSpec } from "./layer";

/** Name and values of each parameter, row-major. */
export function initialValues(parameters: readonly ParameterSpec[], seed: number): [string, Float32Array][] {
  const normal = normals(seed);
  return parameters.map(({ name, shape, initial }) => {
    const values = new Float32Array(shape.reduce((size, extent) => size * extent, 1));
    if (typeof initial === "number") return [name, values.fill(initial)];
    const std = Math.sqrt(2 / initial.fanIn);
    for (let index = 0; index < values.length; index++) values[index] = std * normal();
    return [name, values];
  });
}

/** Standard normal numbers by the polar method (Marsaglia & Bray 1964). */
export function normals(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
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
