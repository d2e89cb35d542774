/**
 * Confusion matrix of a classifier: how often each true class was predicted as
 * each class.
 */

/** Rows are true classes, columns predicted ones; entries are counts. */
export type ConfusionMatrix = readonly (readonly number[])[];

/**
 * Counts `[classes, classes]` over all examples.
 * @param labels true class id of each example, 0 … classes − 1
 * @param predictions predicted class id of each example, in the same order
 * @throws RangeError naming the list, the index, and the expected and the actual value
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): number[][] {
  if (!Number.isInteger(classes) || classes < 1)
    throw new RangeError(`classes: expected a whole number from 1, found ${classes}`);
  if (labels.length !== predictions.length) {
    throw new RangeError(
      `predictions: expected ${labels.length} class ids, one for each label, found ${predictions.length}`,
    );
  }
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) {
    matrix[classId("labels", labels, i, classes)]![classId("predictions", predictions, i, classes)]!++;
  }
  return matrix;
}

function classId(list: string, ids: ArrayLike<number>, index: number, classes: number): number {
  const id = ids[index]!;
  if (!Number.isInteger(id) || id < 0 || id >= classes) {
    throw new RangeError(`${list}[${index}]: expected a class id from 0 to ${classes - 1}, found ${id}`);
  }
  return id;
}
