/**
 * Running statistics of a batch-norm layer: an exponential moving average of
 * each channel's batch mean and variance, used at inference.
 * Ioffe & Szegedy 2015, §3.1. Momentum weighs the old value, as in Keras.
 *
 * The average of equal batches is that batch, to the last bit, whatever the
 * momentum: from the first step on if debiased, else if it starts there.
 */

/** Estimates of each channel's mean and variance. */
export interface RunningStatistics {
  mean: Float64Array;
  variance: Float64Array;
}

/**
 * Which variance is averaged. `unbiased`: the batch's, divided by n − 1 (PyTorch).
 * `biased`: divided by n (Keras 3, Flax). `total`: the biased one plus the spread
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
   * Divide by the weight of all batches so far, 1 − ∏β (Sonnet, Caffe): `initial`
   * has no weight, and `total` is the variance of everything averaged so far.
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
  /** Weight gathered by the mean and by the variance: 1 − ∏β since a debiased start, else 1. */
  meanWeight: number;
  varianceWeight: number;
}

/** One layer's moving average; `update` changes it in place, in float64. */
export class RunningAverage {
  readonly #mean: Float64Array;
  readonly #variance: Float64Array;
  readonly #kind: VarianceKind;
  #meanWeight: number;
  #varianceWeight: number;

  constructor(
    channels: number,
    { variance = "unbiased", initial = { mean: 0, variance: 1 }, debias = false }: AverageOptions = {},
  ) {
    this.#kind = variance;
    this.#mean = new Float64Array(channels).fill(initial.mean);
    this.#variance = new Float64Array(channels).fill(initial.variance);
    this.#meanWeight = this.#varianceWeight = debias ? 0 : 1;
  }

  /**
   * `running ← β·running + (1 − β)·batch` for every channel; debiased, both weights are divided by their sum.
   * @param momentum β of the mean, in [0, 1]
   * @param varianceMomentum β of the variance; default the same
   * @param from where the batch's first channel lies in its arrays
   * @throws RangeError with the value if β is outside [0, 1] or not a number
   */
  update(batch: BatchStatistics, momentum: number, varianceMomentum: number = momentum, from = 0): void {
    for (const value of [momentum, varianceMomentum]) {
      if (!(value >= 0 && value <= 1)) throw new RangeError(`momentum must be in [0, 1], got ${value}`);
    }
    const ofMean = gather(momentum, this.#meanWeight);
    const ofVariance = gather(varianceMomentum, this.#varianceWeight);
    const biased = batch.count > 1 ? (batch.count - 1) / batch.count : 0;
    blend(this.#variance, batch.variance, from, this.#kind === "unbiased" ? 1 : biased, ofVariance);
    if (this.#kind === "total") this.#addSpread(batch.mean, from, ofVariance.old * ofVariance.batch);
    blend(this.#mean, batch.mean, from, 1, ofMean);
    this.#meanWeight = ofMean.weight;
    this.#varianceWeight = ofVariance.weight;
  }

  /** The spread of a batch's means around the running mean. */
  #addSpread(means: ArrayLike<number>, from: number, share: number): void {
    for (let c = 0; c < this.#variance.length; c++) {
      const drift = means[from + c]! - this.#mean[c]!;
      this.#variance[c] = this.#variance[c]! + share * drift * drift;
    }
  }

  /** Replaces the estimates; later updates continue from them. */
  restart({ mean, variance }: RunningStatistics): void {
    this.#mean.set(mean);
    this.#variance.set(variance);
    this.#meanWeight = this.#varianceWeight = 1;
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
    return { mean: this.#mean.slice(), variance: this.#variance.slice() };
  }
}

/** Shares of the old estimate and of a batch in the new estimate, and the weight that it has gathered. */
interface Shares {
  old: number;
  batch: number;
  weight: number;
}

function gather(momentum: number, weight: number): Shares {
  const [old, batch] = [momentum * weight, 1 - momentum];
  const gathered = old + batch;
  return gathered === 0
    ? { old: 1, batch: 0, weight: 0 }
    : { old: old / gathered, batch: batch / gathered, weight: gathered };
}

/**
 * Each value becomes `shares.old · value + shares.batch · factor · batch`: exact where both are equal or a share is 0,
 * which the plain sum is not. The hottest loop of scoring.
 */
function blend(
  values: Float64Array,
  batch: ArrayLike<number>,
  from: number,
  factor: number,
  { old, batch: fresh }: Shares,
): void {
  if (fresh < 0.5) {
    for (let c = 0; c < values.length; c++) {
      const value = values[c]!;
      values[c] = value + fresh * (factor * batch[from + c]! - value);
    }
  } else {
    for (let c = 0; c < values.length; c++) {
      const next = factor * batch[from + c]!;
      values[c] = next - old * (next - values[c]!);
    }
  }
}
