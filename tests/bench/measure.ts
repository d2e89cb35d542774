/** Timing that a shared machine allows: the best of several rounds, and ratios of what ran in turn. */

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

/** A line of the table. `value` is what was measured, `goal` what it should reach. */
export interface Measurement {
  name: string;
  value: number | null;
  unit: string;
  /** As a condition on the value, for the reader. */
  goal: string;
  /** Why there is no value, or how it came about. */
  note?: string;
}
