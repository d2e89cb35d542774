/**
 * What each metric says, what it rewards and how it misleads: the one source
 * of every column head and tip.
 */

export interface MetricGuide {
  name: string;
  /** Its column head. */
  head: string;
  better: "higher" | "lower";
  /** Plain-text definition. */
  definition: string;
  rewards: string;
  misleads: string;
}

export const metricGuide = {
  accuracy: {
    name: "Accuracy",
    head: "accuracy",
    better: "higher",
    definition: "Right answers over test examples.",
    rewards: "Being right often, whatever the class.",
    misleads:
      "Differences within the interval are noise; with 10,000 test examples even a single figure is only good to ±0.6 points.",
  },
  sensitivity: {
    name: "Sensitivity",
    head: "sensitivity",
    better: "higher",
    definition: "TP / (TP + FN) for each class against the rest, then the plain mean over classes.",
    rewards: "Finding the examples of every class, rare ones included.",
    misleads: "On a balanced test set it is the accuracy again, to the last digit.",
  },
  specificity: {
    name: "Specificity",
    head: "specificity",
    better: "higher",
    definition: "TN / (TN + FP) for each class against the rest, then the plain mean over classes.",
    rewards: "Not naming a class where it isn't.",
    misleads:
      "Close to 1 by construction: on a balanced test set of ten classes it is 1 − (1 − accuracy)/9, so 98.8 is accuracy 88.9 in other clothes.",
  },
  fScore: {
    name: "F-score",
    head: "F-score",
    better: "higher",
    definition: "2TP / (2TP + FP + FN) for each class against the rest, then the plain mean over classes.",
    rewards: "Finding a class without naming it too often.",
    misleads: "Says nothing of true negatives, and a mean over classes is not the F-score of the whole.",
  },
  esm: {
    name: "Estimation shift",
    head: "shift",
    better: "lower",
    definition:
      "‖μ̂ − μ‖ + ‖σ̂ − σ‖ over a layer's channels, summed over layers: how far the kept statistics lie from those of the inputs the layer really receives at inference.",
    rewards: "Running statistics that fit the network as it is used.",
    misleads:
      "The least shift is not always the best accuracy, and sums can't be compared between networks of different size.",
  },
} as const satisfies Record<string, MetricGuide>;

export type MetricName = keyof typeof metricGuide;
