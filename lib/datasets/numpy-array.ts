/** NumPy arrays of whole numbers, as files of `.npy` and pickles describe them. */
import { DatasetError } from "./errors";

export interface NumpyArray {
  shape: readonly number[];
  /** NumPy's spelling: byte order, `i` or `u`, bytes of a value: `|u1`, `<i8`. */
  type: string;
  /** Row by row (C order). */
  data: Uint8Array;
}

/** At most this many values: four times CIFAR's. */
const MOST_VALUES = 2 ** 30;

/**
 * The array's values, each one byte.
 * @param file name for errors
 * @throws DatasetError for another type than whole numbers, a length that differs from the shape, and for a value that
 *   is not from 0 to 255
 */
export function toBytes(file: string, { shape, type, data }: NumpyArray): Uint8Array {
  const [, order, bytes] = /^([<>|=]?)[iu]([1248])$/.exec(type) ?? [];
  if (!bytes) throw new DatasetError({ field: file, expected: "whole numbers (u1, i8, …)", found: type });
  const width = Number(bytes);
  const count = shape.reduce((product, dimension) => product * dimension, 1);
  if (!(count <= MOST_VALUES) || data.length !== count * width)
    throw new DatasetError({
      field: file,
      expected: `an array of ${shape.join("×") || "one value"} in ${width === 1 ? "bytes" : `words of ${width} bytes`}`,
      found: `${data.length} bytes`,
    });
  if (width === 1 && type.endsWith("u1")) return data;
  const lowest = order === ">" ? width - 1 : 0;
  return Uint8Array.from({ length: count }, (_, i) => {
    const word = data.subarray(i * width, (i + 1) * width);
    const negative = type.at(-2) === "i" && word[width - 1 - lowest]! > 127;
    if (negative || word.some((byte, at) => at !== lowest && byte !== 0))
      throw new DatasetError({ field: file, expected: "values from 0 to 255", found: `another at index ${i}` });
    return word[lowest]!;
  });
}
