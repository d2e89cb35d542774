/**
 * The momentum that theory asks for, from a trace alone. Where a statistic
 * moves by ρ a step and its batch values scatter around that line with variance
 * s², an average with β = 1 − m lags by ρ/m and keeps a scatter of about s²m/2.
 * ρ²/m² + s²m/2 is least at m = ∛(4ρ²/s²). Our own derivation.
 */
import type { Trace, TraceLayer } from "./trace";
import { batchAt } from "./trace";

/** Share of the run, and least number of steps, at its end over which drift is measured. */
const WINDOW = { share: 1 / 4, steps: 16 };

/** How a group of statistics moves, summed over its members. */
export interface Drift {
  /** ρ²: squared change a step. */
  squaredSlope: number;
  /** s²: variance around the line. */
  noise: number;
}

/** `1 − ∛(4ρ²/s²)`, at least 0. Without noise the last batch is exact: 0. */
export function closedFormMomentum({ squaredSlope, noise }: Drift): number {
  return noise > 0 ? Math.max(0, 1 - Math.cbrt((4 * squaredSlope) / noise)) : 0;
}

/**
 * Drift of several series over the same steps: a least-squares line through
 * each. Its slope is never measured as exactly 0, by which β stays below 1 by
 * about 3.6 over the length.
 * @param series `[member][step]`; of fewer than 3 steps a line says nothing, and the noise is 0
 */
export function driftOf(series: readonly ArrayLike<number>[]): Drift {
  const drift: Drift = { squaredSlope: 0, noise: 0 };
  for (const values of series) {
    const { length } = values;
    if (length < 3) continue;
    const centre = (length - 1) / 2;
    const first = values[0]!; // measured from here, a constant has no rounding to mistake for scatter
    let mean = 0;
    for (let t = 0; t < length; t++) mean += (values[t]! - first) / length;
    let [slope, spread, squares] = [0, 0, 0];
    for (let t = 0; t < length; t++) {
      const difference = values[t]! - first - mean;
      slope += (t - centre) * difference;
      spread += (t - centre) ** 2;
      squares += difference ** 2;
    }
    slope /= spread;
    drift.squaredSlope += slope ** 2;
    drift.noise += Math.max(0, squares - slope ** 2 * spread) / (length - 2);
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
 * (16 at least). The variance is judged by its root, in the unit of the mean,
 * as estimation shift does.
 * @param separate mean and variance each by their own drift; else one β by both together
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
