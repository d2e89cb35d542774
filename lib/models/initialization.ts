/**
 * Seeded initial weights. He et al. 2015: a kernel's values are normal with
 * variance 2 / fan-in. One generator fills all parameters in order, on the
 * CPU in float64, so a seed gives the same weights on every backend.
 */
import { normals } from "../random/normals";
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
