/**
 * The golden numbers (tests/fixtures/golden, or the folder that GOLDEN_DIR names): made in float64 by PyTorch,
 * scikit-learn and SciPy, and the comparison of ours with them.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Rank, ShapeMap } from "@tensorflow/tfjs-core";
import { Tensor, tensor } from "@tensorflow/tfjs-core";
import { expect } from "vitest";

const folder = process.env.GOLDEN_DIR || fileURLToPath(new URL("../fixtures/golden/", import.meta.url));

/** An array of the files: row-major, images NHWC, convolution kernels HWIO, dense kernels `[in, out]`. */
export interface GoldenArray {
  shape: number[];
  data: number[];
}

/** What `<name>.json` holds; the caller names the type of its contents. */
export function golden<Contents>(name: string): Contents {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Contents;
}

/** The array as a float32 tensor of the backend in use; the caller disposes it. */
export function toTensor<R extends Rank>({ shape, data }: GoldenArray): Tensor<R> {
  return tensor<R>(data, shape as ShapeMap[R], "float32");
}

type Numbers = Tensor | GoldenArray | ArrayLike<number> | number;

/**
 * Expects `|actual − expected| ≤ relative · max(|expected|, floor)` of every number, and equal shapes if both sides
 * have one.
 * @param relative 1e-4 is fair for float32
 * @param floor the scale for numbers near 0, since a sum that cancels keeps the error of its terms; default: the root
 * mean square of the expected array
 * @param what names the array in the message, which gives the worst error and its index
 */
export async function expectClose(
  actual: Numbers,
  expected: Numbers,
  { relative = 1e-4, floor, what = "value" }: { relative?: number; floor?: number; what?: string } = {},
): Promise<void> {
  const [ours, golden] = [await read(actual), await read(expected)];
  if (ours.shape && golden.shape) expect(ours.shape, `shape of ${what}`).toEqual(golden.shape);
  expect(ours.data.length, `length of ${what}`).toBe(golden.data.length);

  const scale = floor ?? Math.sqrt(golden.data.reduce((sum, value) => sum + value * value, 0) / golden.data.length);
  const error = (value: number, index: number): number => {
    const reference = golden.data[index]!;
    if (value === reference) return 0;
    const relativeError = Math.abs(value - reference) / Math.max(Math.abs(reference), scale);
    return Number.isNaN(relativeError) ? Infinity : relativeError;
  };
  const errors = ours.data.map(error);
  const worst = errors.reduce((worstYet, value, index) => (value > errors[worstYet]! ? index : worstYet), 0);
  const tooFar = errors.filter((value) => value > relative).length;
  if (tooFar > 0)
    expect.fail(
      `${what}: ${tooFar} of ${errors.length} further than ${relative} (relative); ` +
        `worst ${errors[worst]!.toExponential(2)} at ${position(worst, ours.shape ?? golden.shape)}: ` +
        `expected ${golden.data[worst]}, got ${ours.data[worst]}`,
    );
}

async function read(numbers: Numbers): Promise<{ shape?: number[]; data: number[] }> {
  if (typeof numbers === "number") return { data: [numbers] };
  if (numbers instanceof Tensor) return { shape: numbers.shape, data: Array.from(await numbers.data()) };
  if ("shape" in numbers) return numbers;
  return { data: Array.from(numbers) };
}

/** `[row, column, …]` of a flat index in a row-major array of `shape`. */
function position(index: number, shape: number[] = []): string {
  const place = shape.reduceRight<{ rest: number; at: number[] }>(
    ({ rest, at }, size) => ({ rest: Math.floor(rest / size), at: [rest % size, ...at] }),
    { rest: index, at: [] },
  );
  return `[${shape.length > 0 ? place.at : index}]`;
}
