/** The metrics of a classifier's predictions that records and boards contain. */
import type { ByMetric, RecordedMetric } from "@/lib/records";
import type { ConfusionMatrix } from "./confusion-matrix";
import { confusionMatrix } from "./confusion-matrix";
import { metrics } from "./metrics";

interface Answered {
  /** True class id of each test example. */
  labels: ArrayLike<number>;
  /** Predicted class id of each. */
  predictions: ArrayLike<number>;
  /** Number of classes in the data set. */
  classes: number;
}

/** The confusion matrix, and every metric that a score record stores as one number. */
export function evaluate({
  labels,
  predictions,
  classes,
}: Answered): ByMetric<number, RecordedMetric> & { confusionMatrix: number[][] } {
  const matrix = confusionMatrix(labels, predictions, classes);
  return { ...scalarMetrics(matrix), confusionMatrix: matrix };
}

/** Every metric that a score record stores as one number, from the confusion matrix; null for those of probabilities. */
export function scalarMetrics(matrix: ConfusionMatrix): ByMetric<number, RecordedMetric> {
  const { accuracy, macro } = metrics(matrix);
  const { sensitivity, specificity, fScore } = macro;
  return { accuracy, sensitivity, specificity, fScore, nll: null, ece: null };
}
