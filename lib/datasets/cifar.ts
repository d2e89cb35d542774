/**
 * CIFAR's formats. The binary one: records of one label byte (CIFAR-100: coarse, then
 * fine) and 3,072 pixels, all red, then green, then blue, each row by row. The one for Python: pickles of the same
 * labels and pixels.
 * Krizhevsky 2009, www.cs.toronto.edu/~kriz/cifar.html.
 */
import type { DatasetInfo, Split } from "./dataset";
import { DatasetError } from "./errors";
import { checkLabels } from "./idx";
import { toBytes } from "./numpy-array";
import { PickledArray, readPickle } from "./pickle";

const planeBytes = 32 * 32;

/** Number of label bytes in a record, and the index of the one to use. */
export const cifarLayouts = {
  "cifar-10": { labelBytes: 1, label: 0, classes: 10 },
  "cifar-100-coarse": { labelBytes: 2, label: 0, classes: 20 },
  "cifar-100-fine": { labelBytes: 2, label: 1, classes: 100 },
} as const;

/**
 * Images with channels last, and labels.
 * @param file name for errors
 * @returns images `[count, 32, 32, 3]`
 * @throws DatasetError if the length isn't a multiple of a record's, the file is empty, or a label isn't a class id
 */
export function decodeCifar(file: string, bytes: Uint8Array, format: keyof typeof cifarLayouts): Split {
  const { labelBytes, label, classes } = cifarLayouts[format];
  const recordBytes = labelBytes + 3 * planeBytes;
  if (bytes.length === 0 || bytes.length % recordBytes !== 0) {
    throw new DatasetError({
      field: file,
      expected: `whole records of ${recordBytes} bytes`,
      found: `${bytes.length} bytes`,
    });
  }
  const count = bytes.length / recordBytes;
  const images = new Uint8Array(count * 3 * planeBytes);
  const labels = new Uint8Array(count);
  for (let i = 0, next = 0; i < count; i++) {
    labels[i] = bytes[i * recordBytes + label]!;
    const red = i * recordBytes + labelBytes;
    for (let pixel = red; pixel < red + planeBytes; pixel++) {
      images[next++] = bytes[pixel]!;
      images[next++] = bytes[pixel + planeBytes]!;
      images[next++] = bytes[pixel + 2 * planeBytes]!;
    }
  }
  checkLabels(file, labels, classes);
  return { images, labels, count };
}

/**
 * The records of the binary format that hold what a pickle of the version for Python does.
 * @param file name for errors
 * @throws DatasetError if it is no such pickle, or if it holds something else
 */
export function cifarRecords(file: string, bytes: Uint8Array, format: DatasetInfo["format"]): Uint8Array {
  const batch = readPickle(file, bytes);
  const read = (key: string): Uint8Array => {
    const value = batch instanceof Map ? batch.get(key) : undefined;
    if (value instanceof PickledArray) return toBytes(`${file}, ${key}`, value);
    if (Array.isArray(value) && value.every((label) => typeof label === "number" && label >= 0 && label < 256))
      return Uint8Array.from(value as number[]);
    throw new DatasetError({
      field: file,
      expected: `a dict with ${key}, numbers from 0 to 255`,
      found: value === undefined ? "none" : "something else",
    });
  };
  const labels = (format === "cifar-10" ? ["labels"] : ["coarse_labels", "fine_labels"]).map(read);
  const pixels = read("data");
  const count = labels[0]!.length;
  if (pixels.length !== count * 3 * planeBytes || labels.some(({ length }) => length !== count))
    throw new DatasetError({
      field: file,
      expected: `${3 * planeBytes} pixels and ${labels.length === 1 ? "a label" : "two labels"} for each image`,
      found: `${pixels.length} pixels and ${labels.map(({ length }) => length).join(" and ")} labels`,
    });
  const recordBytes = labels.length + 3 * planeBytes;
  const records = new Uint8Array(count * recordBytes);
  for (let i = 0; i < count; i++) {
    for (const [at, of] of labels.entries()) records[i * recordBytes + at] = of[i]!;
    records.set(pixels.subarray(i * 3 * planeBytes, (i + 1) * 3 * planeBytes), i * recordBytes + labels.length);
  }
  return records;
}
