/** Predictions as they are sent: one byte for each test example, its class id, in base64. */
import { describeValue } from "@/lib/records";
import type { Refusal } from "./refusal";

interface TestSet {
  slug: string;
  version: string;
  classes: number;
  /** True class id of each test example. */
  testLabels: ArrayLike<number>;
}

/** Why these are no predictions for the test set of `dataset`; null if they are. */
export function predictionRefusal(method: string, predictions: Uint8Array, dataset: TestSet): Refusal | null {
  const field = `predictions[${describeValue(method)}]`;
  const remedy = `Send one byte for each test example of ${dataset.slug} ${dataset.version}, in the order of its file.`;
  const count = dataset.testLabels.length;
  const reason = "predictions-invalid";
  if (predictions.length !== count)
    return { reason, field, expected: `${count} class ids`, found: `${predictions.length}`, remedy };
  const wrongIndex = predictions.findIndex((id) => id >= dataset.classes);
  if (wrongIndex < 0) return null;
  return {
    reason,
    field: `${field}[${wrongIndex}]`,
    expected: `a class id from 0 to ${dataset.classes - 1}`,
    found: String(predictions[wrongIndex]),
    remedy,
  };
}

/** Class ids from base64, by a plain loop: `Uint8Array.from` with a mapping takes twenty times as long. */
export function decodePredictions(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
