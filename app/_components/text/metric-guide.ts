/** What each metric says, what it rewards and how it misleads: the source of every tip. */
import type { rateNames } from "@/lib/evaluation";
import type { MetricName } from "@/lib/records";
import { byMetric, figures, metricNames } from "@/lib/records";

interface MetricWords {
  /** Plain-text definition. */
  definition: string;
  rewards: string;
  misleads: string;
}

const words = {
  accuracy: {
    definition: "Right answers over test examples.",
    rewards: "Being right often, whatever the class.",
    misleads:
      "Differences within the interval are noise; with 10,000 test examples even a single figure is only good to " +
      "±0.6 points.",
  },
  sensitivity: {
    definition: "TP / (TP + FN) for each class against the rest, then the plain mean over classes.",
    rewards: "Finding the examples of every class, rare ones included.",
    misleads: "On a balanced test set it is the accuracy again, to the last digit.",
  },
  specificity: {
    definition: "TN / (TN + FP) for each class against the rest, then the plain mean over classes.",
    rewards: "Not naming a class where it isn't.",
    misleads:
      "Close to 1 by construction: on a balanced test set of ten classes it is 1 − (1 − accuracy)/9, so 98.8 is " +
      "accuracy 88.9 in other clothes.",
  },
  fScore: {
    definition: "2TP / (2TP + FP + FN) for each class against the rest, then the plain mean over classes.",
    rewards: "Finding a class without naming it too often.",
    misleads: "Says nothing of true negatives, and a mean over classes is not the F-score of the whole.",
  },
  nll: {
    definition: "The mean of −ln p over test examples, p being the probability that the network gives the true class.",
    rewards:
      "Being sure of what is right, and unsure of what is wrong: wrong statistics show here before accuracy does.",
    misleads:
      "A few examples that are wrong with great confidence can outweigh all others. It takes logits, so boards of " +
      "users' runs lack it.",
  },
  ece: {
    definition:
      "Expected calibration error in 15 bins of equal mass: test examples sorted by the probability of the predicted " +
      "class, the mean distance of a bin's accuracy from its mean probability.",
    rewards: "Probabilities that mean what they say: of answers given with .8, eight in ten are right.",
    misleads:
      "A network that always gives the classes' frequencies is perfectly calibrated and useless; with few examples " +
      "even a perfect one shows an error.",
  },
  esm: {
    definition:
      "‖μ̂ − μ‖ + ‖σ̂ − σ‖ over a layer's channels, summed over layers: how far the kept statistics lie from " +
      "those of the inputs the layer really receives at inference.",
    rewards: "Running statistics that fit the network as it is used.",
    misleads:
      "The least shift is not always the best accuracy, and sums can't be compared between networks of different " +
      "size. Of users' runs it is claimed: as their browsers measured it, since no prediction tells it.",
  },
} satisfies Record<MetricName, MetricWords>;

export interface MetricGuide extends MetricWords {
  name: string;
  better: "higher" | "lower";
}

/** In the order of the columns. */
export const metricGuide: Record<MetricName, MetricGuide> = byMetric(metricNames, (metric) => {
  const { label: name, better } = figures[metric];
  return { name, better, ...words[metric] };
});

/** The names of a class's rates against the rest. */
export const rateWords = (rate: (typeof rateNames)[number]): { label: string; head: string } =>
  rate === "precision" ? { label: "Precision", head: "precision" } : figures[rate];
