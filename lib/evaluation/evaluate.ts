/** The figures that a record and a board have of a classifier's answers. */
import type { ByMetric, RecordedMetric } from "@/lib/records";
import { confusionMatrix } from "./confusion-matrix";
import { metrics } from "./metrics";

interface Answers {
  /** True class id of each test example. */
  labels: ArrayLike<number>;
  /** Class id that was given for each. */
  predictions: ArrayLike<number>;
  /** How many the data set declares. */
  classes: number;
}

/** The confusion matrix, and every figure that a score record holds as one number. */
export function evaluate({
  labels,
  predictions,
  classes,
}: Answers): ByMetric<number, RecordedMetric> & { confusionMatrix: number[][] } {
  const matrix = confusionMatrix(labels, predictions, classes);
  const { accuracy, macro } = metrics(matrix);
  const { sensitivity, specificity, fScore } = macro;
  return { accuracy, sensitivity, specificity, fScore, confusionMatrix: matrix };
}
