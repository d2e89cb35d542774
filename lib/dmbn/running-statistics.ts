/**
 * Running statistics of a batch-norm layer: an exponential moving average of
 * each channel's batch mean and variance, used at inference.
 * Ioffe & Szegedy 2015, §3.1. Momentum weighs the old value, as in Keras.
 */

/** Estimates of each channel's mean and variance. */
export interface RunningStatistics {
  mean: Float64Array;
  variance: Float64Array;
}

/**
 * Which variance is averaged. `unbiased`: the batch's, divided by n − 1 (PyTorch).
 * `biased`: divided by n (Keras, tf.layers). `total`: the biased one plus the spread
 * of the batch means around the running mean, `β(1 − β)(μ_B − μ̂)²`, which the
 * other two leave out.
 */
export type VarianceKind = "unbiased" | "biased" | "total";

export interface AverageOptions {
  /** Default `unbiased`. */
  variance?: VarianceKind;
  /** The estimates before the first step. Default mean 0, variance 1. */
  initial?: { mean: number; variance: number };
  /**
   * Start from zeros and divide by the weight of all batches so far, 1 − ∏β
   * (Sonnet, Caffe). `initial` is then ignored.
   */
  debias?: boolean;
}

/** Statistics of one batch at one layer; `variance` is unbiased, and 0 if `count` is 1. */
export interface BatchStatistics {
  mean: ArrayLike<number>;
  variance: ArrayLike<number>;
  /** Number of values per channel: batch × positions. */
  count: number;
}

/** A moving average in the middle of a run, as plain data for a checkpoint. */
export interface AverageState extends RunningStatistics {
  /** ∏β of the mean's and of the variance's momentum so far. */
  meanWeight: number;
  varianceWeight: number;
}

/** One layer's moving average; `update` changes it in place, in float64. */
export class RunningAverage {
  readonly #mean: Float64Array;
  readonly #variance: Float64Array;
  readonly #kind: VarianceKind;
  readonly #debias: boolean;
  #meanWeight = 1; // ∏β: the remaining weight of the initial value
  #varianceWeight = 1;

  constructor(
    channels: number,
    { variance = "unbiased", initial = { mean: 0, variance: 1 }, debias = false }: AverageOptions = {},
  ) {
    this.#kind = variance;
    this.#debias = debias;
    this.#mean = new Float64Array(channels).fill(debias ? 0 : initial.mean);
    this.#variance = new Float64Array(channels).fill(debias ? 0 : initial.variance);
  }

  /**
   * `running ← β·running + (1 − β)·batch` for every channel.
   * @param momentum β of the mean, in [0, 1]
   * @param varianceMomentum β of the variance; default the same
   * @throws RangeError with the value if β is outside [0, 1] or not a number
   */
  update(batch: BatchStatistics, momentum: number, varianceMomentum: number = momentum): void {
    for (const value of [momentum, varianceMomentum]) {
      if (!(value >= 0 && value <= 1)) throw new RangeError(`momentum must be in [0, 1], got ${value}`);
    }
    const mean = this.#mean;
    const variance = this.#variance;
    const batchWeight = 1 - momentum;
    const batchVarianceWeight = 1 - varianceMomentum;
    const biased = batch.count > 1 ? (batch.count - 1) / batch.count : 0;
    const factor = this.#kind === "unbiased" ? 1 : biased;
    const between = this.#kind === "total" ? varianceMomentum * batchVarianceWeight : 0;
    for (let c = 0; c < mean.length; c++) {
      const drift = batch.mean[c]! - mean[c]!;
      variance[c] =
        varianceMomentum * variance[c]! + batchVarianceWeight * factor * batch.variance[c]! + between * drift * drift;
      mean[c] = momentum * mean[c]! + batchWeight * batch.mean[c]!;
    }
    this.#meanWeight *= momentum;
    this.#varianceWeight *= varianceMomentum;
  }

  /** Replaces the estimates; later updates continue from them. */
  restart({ mean, variance }: RunningStatistics): void {
    this.#mean.set(mean);
    this.#variance.set(variance);
    this.#meanWeight = this.#varianceWeight = 0; // the initial value has no weight left, so debiasing divides by 1
  }

  /** A copy of the state, for `restore`. */
  state(): AverageState {
    return {
      mean: this.#mean.slice(),
      variance: this.#variance.slice(),
      meanWeight: this.#meanWeight,
      varianceWeight: this.#varianceWeight,
    };
  }

  /** Resumes from the state of an average with the same options. */
  restore({ mean, variance, meanWeight, varianceWeight }: AverageState): void {
    this.#mean.set(mean);
    this.#variance.set(variance);
    this.#meanWeight = meanWeight;
    this.#varianceWeight = varianceWeight;
  }

  /** The current estimates; a copy. */
  statistics(): RunningStatistics {
    const debiased = (values: Float64Array, initialWeight: number) =>
      this.#debias && initialWeight < 1 ? values.map((value) => value / (1 - initialWeight)) : values.slice();
    return { mean: debiased(this.#mean, this.#meanWeight), variance: debiased(this.#variance, this.#varianceWeight) };
  }
}
