/** The least and the greatest of the finite values, however many there are; null if there is none. */
export function extent(values: Iterable<number>): { low: number; high: number } | null {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? { low, high } : null;
}

/** The range that covers every mean and interval; null without rows. */
export const intervalExtent = (rows: readonly { mean: number; low: number | null; high: number | null }[]) =>
  extent(rows.flatMap(({ mean, low, high }) => [low ?? mean, high ?? mean]));
