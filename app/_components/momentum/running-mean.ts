/**
 * The running mean of a series for a momentum, starting at 0 as in batch norm:
 * `running ← momentum · running + (1 − momentum) · batch`.
 */
export function running(batches: readonly number[], momentum: number): number[] {
  let mean = 0;
  return batches.map((batch) => (mean = momentum * mean + (1 - momentum) * batch));
}
