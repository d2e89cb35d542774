/** A part of the test split, where scoring on all of it costs too much. */
import type { Dataset } from "./dataset";

/**
 * A data set with the first `size` test images alone; undefined: as it is. Its hash stays that of the whole.
 * @throws RangeError if it has fewer
 */
export function withTestSize(dataset: Dataset, size: number | undefined): Dataset {
  const { info, test } = dataset;
  if (size === undefined || size === test.count) return dataset;
  if (size > test.count)
    throw new RangeError(`testSize: expected at most the ${test.count} test images of ${info.slug}, found ${size}`);
  const values = test.images.length / test.count;
  return {
    ...dataset,
    test: { images: test.images.subarray(0, size * values), labels: test.labels.subarray(0, size), count: size },
  };
}
