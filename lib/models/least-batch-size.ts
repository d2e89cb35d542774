/**
 * The smallest batch that batch norm can normalize: it needs two values of each channel, for a single one is its own
 * mean and every normalized value would be 0. Needs no tensors.
 */
import type { ModelName, Variant } from "@/lib/records";

/** How often a network halves height and width before its last batch norm; null if it flattens the image first. */
const halvings: Record<ModelName, number | null> = { mlp: null, "mlp-deep": null, cnn: 1, "resnet-50": 3 };

/**
 * 2 if a batch norm of the network gets one value per channel from each image, else 1.
 * @param imageShape `[height, width, channels]`
 */
export function leastBatchSize(
  model: ModelName,
  variant: Variant,
  [height, width]: readonly [number, number, number],
): 1 | 2 {
  if (variant === "bfn") return 1;
  const times = halvings[model];
  const extent = (size: number) => (times === null ? 1 : Math.ceil(size / 2 ** times));
  return extent(height) * extent(width) === 1 ? 2 : 1;
}

/** Why a batch of one is too small, after "expected". */
export const twoExamples = "at least 2: batch norm over one value per channel makes every output the same";
