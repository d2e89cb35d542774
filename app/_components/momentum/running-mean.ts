/**
 * The running mean that a momentum keeps of a series, from 0 as batch norm's
 * does: `running ← momentum · running + (1 − momentum) · batch`.
 */
export function running(batches: readonly number[], momentum: number): number[] {
  let mean = 0;
  return batches.map((batch) => (mean = momentum * mean + (1 - momentum) * batch));
}
