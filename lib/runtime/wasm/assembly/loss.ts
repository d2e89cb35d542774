/** Softmax cross-entropy, in float64. */

/**
 * The mean loss of a batch, and its gradient by the logits.
 * @param exponentials 8 bytes per class
 */
export function softmaxCrossEntropy(
  logits: usize,
  labels: usize,
  batch: i32,
  classes: i32,
  loss: usize,
  dlogits: usize,
  exponentials: usize,
): void {
  const rowBytes = (<usize>classes) << 2;
  let total: f64 = 0;
  for (let row = 0; row < batch; row++) {
    let largest: f64 = -Infinity;
    for (let at: usize = 0; at < rowBytes; at += 4) largest = max(largest, <f64>f32.load(logits + at));
    let sum: f64 = 0;
    for (let at: usize = 0; at < rowBytes; at += 4) {
      const exponential = NativeMath.exp(<f64>f32.load(logits + at) - largest);
      f64.store(exponentials + (at << 1), exponential);
      sum += exponential;
    }
    const label = (<usize>i32.load(labels)) << 2;
    total += NativeMath.log(sum) + largest - <f64>f32.load(logits + label);
    for (let at: usize = 0; at < rowBytes; at += 4) {
      const probability = f64.load(exponentials + (at << 1)) / sum;
      f32.store(dlogits + at, <f32>((probability - <f64>(at === label)) / batch));
    }
    logits += rowBytes;
    dlogits += rowBytes;
    labels += 4;
  }
  f32.store(loss, <f32>(total / batch));
}
