/**
 * The best momentum in closed form, from a trace alone. If a statistic drifts
 * by ρ per step and its batch values scatter around that line with variance s²,
 * an average with β = 1 − m lags by ρ/m and has a variance of about s²m/2.
 * ρ²/m² + s²m/2 is smallest at m = ∛(4ρ²/s²). Our derivation.
 */
import { cbrt } from "./elementary";
import type { Trace, TraceLayer } from "./trace";
import { batchAt } from "./trace";

/** Drift is measured over this share of the run, at its end, and over at least this many steps. */
const WINDOW = { share: 1 / 4, steps: 16 };

/** Drift and noise of a group of series, summed over the group. */
export interface Drift {
  /** ρ²: squared change per step. */
  squaredSlope: number;
  /** s²: variance around the line. */
  noise: number;
}

/** `1 − ∛(4ρ²/s²)`, at least 0; 0 without noise, since the last batch is then exact. */
export function closedFormMomentum({ squaredSlope, noise }: Drift): number {
  return noise > 0 ? Math.max(0, 1 - cbrt((4 * squaredSlope) / noise)) : 0;
}

/**
 * Drift of several series over the same steps, from a least-squares line through
 * each. A measured slope is never exactly 0, so β stays below 1 by about
 * 3.6 / length.
 * @param series `[member][step]`; fewer than 3 steps count as no drift and no noise
 */
export function driftOf(series: readonly ArrayLike<number>[]): Drift {
  const drift: Drift = { squaredSlope: 0, noise: 0 };
  for (const values of series) {
    const { length } = values;
    if (length < 3) continue;
    const centre = (length - 1) / 2;
    const first = values[0]!; // subtracted, or the rounding error of a constant would count as noise
    let mean = 0;
    for (let t = 0; t < length; t++) mean += (values[t]! - first) / length;
    let [slope, spread, squares] = [0, 0, 0];
    for (let t = 0; t < length; t++) {
      const difference = values[t]! - first - mean;
      slope += (t - centre) * difference;
      spread += (t - centre) * (t - centre);
      squares += difference * difference;
    }
    slope /= spread;
    drift.squaredSlope += slope * slope;
    drift.noise += Math.max(0, squares - slope * slope * spread) / (length - 2);
  }
  return drift;
}

/** β of a layer's mean and of its variance. */
export interface LayerMomenta {
  mean: number;
  variance: number;
}

/**
 * The closed form for each layer of a trace, over the last quarter of its steps
 * (at least 16). The variance enters as its square root, which has the unit of
 * the mean, as in estimation shift.
 * @param separate one β for the mean, from the means, and one for the variance, from the deviations; else one from both
 */
export function closedFormMomenta(trace: Trace, { separate = false }: { separate?: boolean } = {}): LayerMomenta[] {
  const window = Math.min(trace.steps, Math.max(WINDOW.steps, Math.ceil(trace.steps * WINDOW.share)));
  return trace.layers.map((layer) => {
    const [means, deviations] = lastSteps(layer, trace.steps, window);
    if (separate)
      return { mean: closedFormMomentum(driftOf(means)), variance: closedFormMomentum(driftOf(deviations)) };
    const both = closedFormMomentum(driftOf([...means, ...deviations]));
    return { mean: both, variance: both };
  });
}

/** Mean and standard deviation of each channel over the last `window` of `steps`. */
function lastSteps(
  layer: TraceLayer,
  steps: number,
  window: number,
): [means: Float64Array[], deviations: Float64Array[]] {
  const empty = () => Array.from({ length: layer.channels }, () => new Float64Array(window));
  const [means, deviations] = [empty(), empty()];
  for (let t = 0; t < window; t++) {
    const { mean, variance } = batchAt(layer, steps - window + 1 + t);
    for (let c = 0; c < layer.channels; c++) {
      means[c]![t] = mean[c]!;
      deviations[c]![t] = Math.sqrt(variance[c]!);
    }
  }
  return [means, deviations];
}
