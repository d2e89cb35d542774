/** Batches: images by index as normalized floats, and their labels. */
import type { Normalization, Split } from "./dataset";

/**
 * Images by index, each pixel normalized per channel: `(x/255 − mean)/std`.
 * @param out array to fill, which saves an allocation per step; by default a new one
 * @returns `[indices.length, height, width, channels]`
 * @throws RangeError if an index is outside the split or `out` has the wrong length
 */
export function gather(
  { images, count }: Split,
  indices: ArrayLike<number>,
  { mean, std }: Normalization,
  out?: Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  const size = images.length / count;
  const channels = mean.length;
  const batch = out ?? new Float32Array(indices.length * size);
  if (batch.length !== indices.length * size)
    throw new RangeError(`out: expected ${indices.length * size} values, found ${batch.length}`);
  const normalized = normalizedValues({ mean, std });
  for (let i = 0; i < indices.length; i++) {
    const from = checked(indices, i, count) * size;
    for (let channel = 0; channel < channels; channel++) {
      const values = normalized[channel]!;
      for (let offset = channel; offset < size; offset += channels)
        batch[i * size + offset] = values[images[from + offset]!]!;
    }
  }
  return batch;
}

/** The normalized value of each pixel value from 0 to 255, by channel. */
export const normalizedValues = ({ mean, std }: Normalization): Float32Array[] =>
  mean.map((centre, channel) => Float32Array.from({ length: 256 }, (_, x) => (x / 255 - centre) / std[channel]!));

/**
 * Labels by index.
 * @returns `[indices.length]`, class ids
 * @throws RangeError if an index is outside the split
 */
export function gatherLabels({ labels, count }: Split, indices: ArrayLike<number>): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: indices.length }, (_, i) => labels[checked(indices, i, count)]!);
}

function checked(indices: ArrayLike<number>, i: number, count: number): number {
  const index = indices[i]!;
  if (!(index >= 0 && index < count))
    throw new RangeError(`indices[${i}]: expected an example from 0 to ${count - 1}, found ${index}`);
  return index;
}
