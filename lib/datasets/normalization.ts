/** Normalization of images by the mean and standard deviation of each channel. */
import type { Normalization, Split } from "./dataset";

/**
 * Mean and standard deviation (divisor n) of each channel of x/255 over all
 * pixels of a split, in float64 from integer counts: the same on every machine.
 * A constant channel gets a deviation of 1.
 */
export function channelNormalization({ images }: Split, channels: number): Normalization {
  const n = images.length / channels;
  const moments = Array.from({ length: channels }, (_, channel) => {
    const counts = new Uint32Array(256);
    for (let i = channel; i < images.length; i += channels) counts[images[i]!]!++;
    const mean = counts.reduce((sum, times, value) => sum + times * value, 0) / n;
    const variance = counts.reduce((sum, times, value) => sum + times * (value - mean) ** 2, 0) / n;
    return { mean: mean / 255, std: variance > 0 ? Math.sqrt(variance) / 255 : 1 };
  });
  return { mean: moments.map(({ mean }) => mean), std: moments.map(({ std }) => std) };
}
