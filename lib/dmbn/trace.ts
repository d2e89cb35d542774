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
        follow(schedule, step, layer, this.layers[layer]!, this.#averages[k]![layer]!, batch, 0);
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

/** The running statistics of a recorded run under a schedule, which can go on where the recording went on. */
export class Replay {
  #step = 0;
  readonly #averages: RunningAverage[]; // [layer]

  constructor(
    layers: readonly BatchNormLayer[],
    readonly schedule: Schedule,
  ) {
    this.#averages = layers.map(({ channels }) => new RunningAverage(channels, schedule));
  }

  /**
   * Replays the steps that are new in `trace`: the same arithmetic on each average as a `Bank` in training, so
   * bit-identical.
   * @returns the statistics after its last step, by layer; copies
   * @throws RangeError naming step and layer if the schedule leaves [0, 1]
   */
  to(trace: Trace): RunningStatistics[] {
    for (const [index, layer] of trace.layers.entries()) {
      for (let step = this.#step + 1; step <= trace.steps; step++)
        follow(this.schedule, step, index, layer, this.#averages[index]!, layer, (step - 1) * layer.channels);
    }
    this.#step = trace.steps;
    return this.#averages.map((average) => average.statistics());
  }
}

/** Updates a layer's average with the batch of a step. */
function follow(
  schedule: Schedule,
  step: number,
  index: number,
  { name }: BatchNormLayer,
  average: RunningAverage,
  batch: BatchStatistics,
  from: number,
): void {
  const momentum = schedule.momentum(step, index);
  const varianceMomentum = schedule.varianceMomentum?.(step, index) ?? momentum;
  try {
    average.update(batch, momentum, varianceMomentum, from);
  } catch (error) {
    throw new RangeError(`${(error as Error).message} at step ${step} of layer ${name}`);
  }
}

/** Running statistics of a recorded run under `schedule`, by layer. */
export const replay = (trace: Trace, schedule: Schedule): RunningStatistics[] =>
  new Replay(trace.layers, schedule).to(trace);

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
