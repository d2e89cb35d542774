/**
 * IDX, the format of MNIST: magic number, dimensions as big-endian 32-bit
 * words, then unsigned bytes. LeCun, Cortes & Burges, yann.lecun.com/exdb/mnist.
 */
import { DatasetError } from "./errors";

/** Two zero bytes, 8 for unsigned bytes, number of dimensions. */
const unsignedBytes = 0x0800;

/**
 * Images of an IDX file of three dimensions.
 * @param file name for errors
 * @param shape `[height, width, 1]` that each image must have
 * @returns `[count, height, width, 1]`, a view of `bytes`
 */
export function decodeIdxImages(
  file: string,
  bytes: Uint8Array,
  [height, width]: readonly [number, number, number],
): Uint8Array {
  const { dimensions, data } = decodeIdx(file, bytes, 3);
  if (dimensions[1] !== height || dimensions[2] !== width) {
    throw new DatasetError({
      field: file,
      expected: `images of ${height}×${width}`,
      found: `${dimensions[1]}×${dimensions[2]}`,
    });
  }
  return data;
}

/**
 * Labels of an IDX file of one dimension.
 * @param file name for errors
 * @param classes number of classes; every label must be below it
 * @returns `[count]`, a view of `bytes`
 */
export function decodeIdxLabels(file: string, bytes: Uint8Array, classes: number): Uint8Array {
  const { data } = decodeIdx(file, bytes, 1);
  checkLabels(file, data, classes);
  return data;
}

/** A file of unsigned bytes. */
export function encodeIdx(dimensions: readonly number[], data: Uint8Array): Uint8Array {
  const header = 4 + 4 * dimensions.length;
  const bytes = new Uint8Array(header + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, unsignedBytes + dimensions.length);
  for (const [i, dimension] of dimensions.entries()) view.setUint32(4 + 4 * i, dimension);
  bytes.set(data, header);
  return bytes;
}

/** @throws DatasetError with the index of the first label that isn't a class id */
export function checkLabels(file: string, labels: Uint8Array, classes: number): void {
  const index = labels.findIndex((label) => label >= classes);
  if (index >= 0)
    throw new DatasetError({
      field: file,
      expected: `labels from 0 to ${classes - 1}`,
      found: `${labels[index]} at index ${index}`,
    });
}

function decodeIdx(file: string, bytes: Uint8Array, rank: number): { dimensions: number[]; data: Uint8Array } {
  const header = 4 + 4 * rank;
  if (bytes.length < header)
    throw new DatasetError({
      field: file,
      expected: `an IDX header of ${header} bytes`,
      found: `${bytes.length} bytes`,
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  if (magic !== unsignedBytes + rank) {
    throw new DatasetError({
      field: file,
      expected: `magic number ${unsignedBytes + rank} (unsigned bytes, ${rank} dimensions)`,
      found: `${magic}`,
    });
  }
  const dimensions = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const size = dimensions.reduce((product, dimension) => product * dimension, 1);
  if (bytes.length !== header + size) {
    throw new DatasetError({
      field: file,
      expected: `${header + size} bytes for ${dimensions.join("×")}`,
      found: `${bytes.length} bytes`,
    });
  }
  return { dimensions, data: bytes.subarray(header) };
}
