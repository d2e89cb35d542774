/**
 * How well a classifier's probabilities fit what is true: negative
 * log-likelihood, and expected calibration error in bins of equal mass.
 * Guo et al., ICML 2017, §2; Nguyen & O'Connor, EMNLP 2015, §4.2 for the bins.
 */

/** Bins of the calibration error. */
const BINS = 15;

/** Predictions of a test split that are read chunk by chunk from a network's logits. */
export class Answers {
  /** Class id of each example: of equal logits, the first. */
  readonly predictions: Uint8Array<ArrayBuffer>;
  readonly #labels: ArrayLike<number>;
  /** The probability of each predicted class, and whether it is right, as one sortable number. */
  readonly #confidences: Float64Array;
  #loss = 0;
  #done = 0;

  /** @param labels true class ids of all examples */
  constructor(labels: ArrayLike<number>) {
    this.#labels = labels;
    this.predictions = new Uint8Array(labels.length);
    this.#confidences = new Float64Array(labels.length);
  }

  /**
   * Adds the next examples.
   * @param logits `[examples, classes]`
   */
  add(logits: Float32Array, classes: number): void {
    for (let from = 0; from < logits.length; from += classes) {
      const label = this.#labels[this.#done]!;
      let best = 0;
      for (let k = 1; k < classes; k++) if (logits[from + k]! > logits[from + best]!) best = k;
      const highest = logits[from + best]!;
      let sum = 0;
      for (let k = 0; k < classes; k++) sum += Math.exp(logits[from + k]! - highest);
      this.#loss += Math.log(sum) + highest - logits[from + label]!;
      this.#confidences[this.#done] = packed(1 / sum, best === label);
      this.predictions[this.#done++] = best;
    }
  }

  /**
   * `nll`: the mean of −ln of the true class's probability. `ece`: the examples sorted by the probability of their
   * predicted class and cut into 15 bins of equal size; the mean over examples of their bin's |accuracy − mean
   * probability|. Among equal probabilities (in single precision) wrong answers come first. Rounded to single
   * precision, since `Math.exp` differs between engines in the last bit. Null if a logit is not finite, or without
   * examples.
   */
  probabilities(): { nll: number | null; ece: number | null } {
    const count = this.#labels.length;
    if (count === 0 || !Number.isFinite(this.#loss)) return { nll: null, ece: null };
    const sorted = this.#confidences.toSorted();
    let error = 0;
    for (let bin = 0; bin < BINS; bin++) {
      const [from, to] = [Math.floor((bin * count) / BINS), Math.floor(((bin + 1) * count) / BINS)];
      let [right, confidence] = [0, 0];
      for (let index = from; index < to; index++) {
        right += sorted[index]! % 2;
        confidence += unpacked(sorted[index]!);
      }
      error += Math.abs(right - confidence);
    }
    return { nll: Math.fround(this.#loss / count), ece: Math.fround(error / count) };
  }
}

// A probability as the bits of its single, which sort as it does, times two, plus one for a right answer: typed arrays
// sort numbers many times as fast as objects.
const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

function packed(probability: number, right: boolean): number {
  single[0] = probability;
  return 2 * bits[0]! + Number(right);
}

function unpacked(value: number): number {
  bits[0] = Math.floor(value / 2);
  return single[0]!;
}
