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

export const format = (value: number): string => Number(value.toPrecision(3)).toLocaleString("en");

/** A row with the median of the rounds, and their spread. */
export const row = (name: string, values: readonly number[], unit = "images/s", note = ""): Measurement => ({
  name,
  value: median(values),
  unit,
  goal: "",
  note: `${format(Math.min(...values))} to ${format(Math.max(...values))}${note}`,
});
