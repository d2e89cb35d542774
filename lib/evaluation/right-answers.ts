/** Right and wrong answers as bits: one for each test example. */

/**
 * A bit for each test example, 1 if the prediction is right. The first example is the highest bit of the first byte, as
 * `numpy.packbits` has it; the bits after the last example are 0.
 * @param labels true class ids
 * @param predictions predicted class ids
 * @returns ⌈examples / 8⌉ bytes
 * @throws RangeError if the lengths differ
 */
export function rightAnswers(labels: ArrayLike<number>, predictions: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  if (labels.length !== predictions.length)
    throw new RangeError(`predictions: expected ${labels.length}, one for each label, found ${predictions.length}`);
  const bits = new Uint8Array(Math.ceil(labels.length / 8));
  for (let index = 0; index < labels.length; index++)
    if (labels[index] === predictions[index]) bits[index >> 3]! |= 0x80 >> (index & 7);
  return bits;
}
