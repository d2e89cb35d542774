/**
 * The binary format of CIFAR: records of one label byte (CIFAR-100: coarse, then
 * fine) and 3,072 pixels, all red, then green, then blue, each row by row.
 * Krizhevsky 2009, www.cs.toronto.edu/~kriz/cifar.html.
 */
import type { Split } from "./dataset";
import { DatasetError } from "./errors";
import { checkLabels } from "./idx";

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
