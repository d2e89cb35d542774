/**
 * A value of β in words and as a window. β weighs the OLD value; PyTorch's
 * momentum is the weight of the new one, 1 − β.
 */

/** Number of batches that an average with momentum β remembers, `1 / (1 − β)`; ∞ at β = 1. */
export function momentumWindow(momentum: number): number {
  return 1 / (1 - momentum);
}

/** PyTorch's momentum, 1 − β, without the rounding error of the subtraction: 0.1 for 0.9. */
export function pyTorchMomentum(momentum: number): number {
  return Number((1 - momentum).toPrecision(12));
}

/** “keeps 0.9 of the old average (PyTorch 0.1)”; never a bare “momentum”. */
export function describeMomentum(momentum: number): string {
  return `keeps ${Number(momentum.toPrecision(12))} of the old average (PyTorch ${pyTorchMomentum(momentum)})`;
}
