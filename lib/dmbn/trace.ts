/**
 * The trace of a training run: mean and unbiased variance of every batch at
 * every batch-norm layer, at every step. Since training never reads running
 * statistics, any momentum policy can be replayed on it afterwards, exactly.
 */
import type { AverageOptions, AverageState, BatchStatistics, RunningStatistics } from "./running-statistics";
import { RunningAverage } from "./running-statistics";

/** A batch-norm layer, in the network's forward order. */
export interface BatchNormLayer {
  name: string;
  channels: number;
}

export interface TraceLayer extends BatchNormLayer {
  /** Number of values per channel in a batch: batch × positions. */
  count: number;
  /** `[steps, channels]` */
  mean: Float32Array;
  /** `[steps, channels]`, unbiased; 0 if `count` is 1 */
  variance: Float32Array;
}

export interface Trace {
  steps: number;
  layers: TraceLayer[];
}

/** β of the mean and of the variance at a step (from 1) and layer (from 0). */
export interface Schedule extends AverageOptions {
  momentum(step: number, layer: number): number;
  /** Default: `momentum`. */
  varianceMomentum?(step: number, layer: number): number;
}

/** The batch statistics of one step (from 1) at one layer: views into the trace, not copies. */
export function batchAt(layer: TraceLayer, step: number): BatchStatistics {
  const from = (step - 1) * layer.channels;
  const to = from + layer.channels;
  return { mean: layer.mean.subarray(from, to), variance: layer.variance.subarray(from, to), count: layer.count };
}

/** The state of a bank in the middle of a run, as plain data for a checkpoint. */
export interface BankState {
  step: number;
  /** `[schedule][layer]` */
  averages: AverageState[][];
}

/**
 * Running statistics under several schedules at once, updated step by step in
 * training. Cost: 4 multiplications per channel and schedule.
 */
export class Bank {
  #step = 0;
  readonly #averages: RunningAverage[][]; // [schedule][layer]

  constructor(
    readonly layers: readonly BatchNormLayer[],
    readonly schedules: readonly Schedule[],
  ) {
    this.#averages = schedules.map((schedule) => layers.map(({ channels }) => new RunningAverage(channels, schedule)));
  }

  /** Steps so far. */
  get steps(): number {
    return this.#step;
  }

  /**
   * Updates every schedule with one step's batch statistics, one entry per layer.
   * @throws RangeError naming step and layer if a schedule leaves [0, 1]
   */
  update(batches: readonly BatchStatistics[]): void {
    const step = ++this.#step;
    this.schedules.forEach((schedule, k) => {
      batches.forEach((batch, layer) => {
        const momentum = schedule.momentum(step, layer);
        const varianceMomentum = schedule.varianceMomentum?.(step, layer) ?? momentum;
        try {
          this.#averages[k]![layer]!.update(batch, momentum, varianceMomentum);
        } catch (error) {
          throw new RangeError(`${(error as Error).message} at step ${step} of layer ${this.layers[layer]!.name}`);
        }
      });
    });
  }

  /** Replaces the estimates of every schedule, one entry per layer; the step count continues. */
  restart(statistics: readonly RunningStatistics[]): void {
    for (const byLayer of this.#averages) {
      for (const [layer, average] of byLayer.entries()) average.restart(statistics[layer]!);
    }
  }

  /** A copy of the state, for `restore`. */
  state(): BankState {
    return { step: this.#step, averages: this.#averages.map((byLayer) => byLayer.map((average) => average.state())) };
  }

  /** Resumes from the state of a bank with the same layers and schedules. */
  restore({ step, averages }: BankState): void {
    this.#step = step;
    for (const [k, byLayer] of this.#averages.entries()) {
      for (const [layer, average] of byLayer.entries()) average.restore(averages[k]![layer]!);
    }
  }

  /** The current estimates of schedule `k` at `layer`; a copy. */
  statistics(k: number, layer: number): RunningStatistics {
    return this.#averages[k]![layer]!.statistics();
  }
}

/**
 * Running statistics of a recorded run under `schedule`, by layer: the same
 * arithmetic in the same order as a `Bank` in training, so bit-identical.
 */
export function replay(trace: Trace, schedule: Schedule): RunningStatistics[] {
  const bank = new Bank(trace.layers, [schedule]);
  for (let step = 1; step <= trace.steps; step++) bank.update(trace.layers.map((layer) => batchAt(layer, step)));
  return trace.layers.map((_, layer) => bank.statistics(0, layer));
}

/** Records a trace of at most `steps` steps: `write` appends one. */
export class TraceRecorder {
  #steps = 0;
  readonly #layers: TraceLayer[];

  constructor(layers: readonly BatchNormLayer[], steps: number) {
    this.#layers = layers.map(({ name, channels }) => ({
      name,
      channels,
      count: 0,
      mean: new Float32Array(steps * channels),
      variance: new Float32Array(steps * channels),
    }));
  }

  /** Appends one step's statistics, one entry per layer. */
  write(batches: readonly BatchStatistics[]): void {
    batches.forEach((batch, index) => {
      const layer = this.#layers[index]!;
      layer.count = batch.count;
      layer.mean.set(batch.mean, this.#steps * layer.channels);
      layer.variance.set(batch.variance, this.#steps * layer.channels);
    });
    this.#steps++;
  }

  /** Resumes after the steps of a trace of the same layers. */
  restore({ steps, layers }: Trace): void {
    this.#steps = steps;
    layers.forEach(({ count, mean, variance }, index) => {
      const layer = this.#layers[index]!;
      layer.count = count;
      layer.mean.set(mean);
      layer.variance.set(variance);
    });
  }

  /** The trace of the steps written so far; shares its memory. */
  trace(): Trace {
    const steps = this.#steps;
    return {
      steps,
      layers: this.#layers.map((layer) => ({
        ...layer,
        mean: layer.mean.subarray(0, steps * layer.channels),
        variance: layer.variance.subarray(0, steps * layer.channels),
      })),
    };
  }
}
