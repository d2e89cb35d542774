/** Data-set files for tests, built byte by byte from the format definitions. */

const bigEndian = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

export const idxImages = (count: number, height: number, width: number, pixels: readonly number[]): Uint8Array =>
  Uint8Array.from([0, 0, 8, 3, ...bigEndian(count), ...bigEndian(height), ...bigEndian(width), ...pixels]);

export const idxLabels = (labels: readonly number[]): Uint8Array =>
  Uint8Array.from([0, 0, 8, 1, ...bigEndian(labels.length), ...labels]);

/** Records in the CIFAR-10 format: each label, followed by an image with every byte `fill`. */
export const cifarRecords = (labels: readonly number[], fill: number): Uint8Array =>
  Uint8Array.from(labels.flatMap((label) => [label, ...new Array<number>(3072).fill(fill)]));
