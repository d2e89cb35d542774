/** Learning rate over a run. */
import type { Recipe } from "@/lib/records";

/**
 * The rate at `step` (from 1) of `steps`. `step`: divided by 10 after half of the
 * run and again after three quarters (He et al. 2016, §4.2, in proportion);
 * `cosine`: from the full rate to 0 (Loshchilov & Hutter 2017, without restarts).
 */
export function learningRateAt(
  { learningRate, learningRateSchedule }: Pick<Recipe, "learningRate" | "learningRateSchedule">,
  step: number,
  steps: number,
): number {
  const done = (step - 1) / steps;
  switch (learningRateSchedule) {
    case "constant":
      return learningRate;
    case "step":
      return learningRate * (done < 0.5 ? 1 : done < 0.75 ? 0.1 : 0.01);
    case "cosine":
      return (learningRate * (1 + Math.cos(Math.PI * done))) / 2;
  }
}
