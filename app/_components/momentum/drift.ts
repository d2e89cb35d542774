/**
 * The idea of the whole site in one channel: a mean that drifts as the layers below it learn, batch means scattered
 * around it, and their running mean with a given momentum. The data is synthetic but deterministic; the running mean
 * follows the real update rule.
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { running } from "./running-mean";

/** Batch-to-batch deviation of the mean, in the channel's own units. */
const noise = 0.3;
const steps = 400;
/** Warm-up steps, left out of the error: every average still depends on its initial value. */
const settled = 150;

export interface Drift {
  /** The mean over all examples after each step. */
  population: number[];
  /** The batch mean of each step. */
  batches: number[];
  /** RMS distance between running and true mean for each momentum of `windows`. */
  distances: { window: number; distance: number }[];
}

/** Generates the illustration; deterministic per seed. */
export function drift(seed = 7): Drift {
  const generator = xoroshiro128plus(seed);
  const uniform = () => uniformFloat64(generator);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const population = Array.from(
    { length: steps },
    (_, step) => 1.5 * (1 - Math.exp(-step / 90)) + 0.32 * Math.sin(step / 42),
  );
  const batches = population.map((mean) => round(mean + noise * normal()));
  const distances = Array.from({ length: 61 }, (_, index) => {
    const batchWindow = 10 ** (index / 20);
    const runningMeans = running(batches, 1 - 1 / batchWindow);
    const squares = runningMeans.slice(settled).map((mean, step) => (mean - population[step + settled]!) ** 2);
    return { window: batchWindow, distance: round(Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length)) };
  });
  return { population: population.map(round), batches, distances };
}

const round = (value: number): number => Number(value.toFixed(3));
