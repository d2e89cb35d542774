/** Timing on a shared machine: the best of several rounds, and ratios of programs that run in turn. */

/** Seconds of the fastest of `rounds` runs of `work`. */
export async function fastest(rounds: number, work: () => void | Promise<void>): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const from = performance.now();
    await work();
    best = Math.min(best, (performance.now() - from) / 1000);
  }
  return best;
}

/** The upper median. */
export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** A row of the table: the measured `value`, and the `goal` it should reach. */
export interface Measurement {
  name: string;
  value: number | null;
  unit: string;
  /** A condition on the value, for the reader. */
  goal: string;
  /** Why there is no value, or how it was measured. */
  note?: string;
}
