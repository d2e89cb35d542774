/**
 * Sensitivity, specificity, precision, F-score and accuracy of a classifier,
 * each class against the rest, from its confusion matrix.
 * Sokolova & Lapalme 2009.
 */
import type { ConfusionMatrix } from "./confusion-matrix";

/** The metrics of one class against the rest. */
export const rateNames = ["sensitivity", "specificity", "precision", "fScore"] as const;

type Rates = Record<(typeof rateNames)[number], number>;

/** One class against the rest. */
export interface ClassCounts {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  trueNegatives: number;
}

export interface ClassMetrics extends Rates, ClassCounts {
  /** Rates that are 0/0 and count as 0: the class is never true or never predicted. */
  undefinedRates: (keyof Rates)[];
}

export interface Metrics {
  /** Number of examples. */
  examples: number;
  /** Correct predictions over examples; 0 of 0 counts as 0. */
  accuracy: number;
  /** In the order of class ids. */
  perClass: ClassMetrics[];
  /** Unweighted mean over all declared classes, as boards report it. */
  macro: Rates;
  /** Rates of the counts summed over classes; its sensitivity and F-score equal the accuracy. */
  micro: Rates;
  /** Mean over classes weighted by how often each is true. */
  weighted: Rates;
}

/**
 * All metrics of a confusion matrix: sensitivity TP/(TP+FN), specificity
 * TN/(TN+FP), precision TP/(TP+FP), F = 2TP/(2TP+FP+FN); 0/0 counts as 0 and
 * is flagged. On a balanced test set, macro sensitivity is the accuracy and
 * macro specificity is 1 − (1 − accuracy)/(K − 1).
 * @param matrix `[classes, classes]`, rows true classes
 * @throws RangeError if it isn't square or an entry isn't a count
 */
export function metrics(matrix: ConfusionMatrix): Metrics {
  const counts = oneVersusRest(matrix);
  const perClass = counts.map(classMetrics);
  const support = counts.map(({ truePositives, falseNegatives }) => truePositives + falseNegatives);
  const examples = sum(support);
  return {
    examples,
    accuracy: ratio(sum(counts.map((count) => count.truePositives)), examples),
    perClass,
    macro: mean(
      perClass,
      perClass.map(() => 1),
    ),
    micro: rates(total(counts)),
    weighted: mean(perClass, support),
  };
}

/**
 * True and false positives and negatives of each class against the rest.
 * @param matrix `[classes, classes]`, rows true classes
 * @throws RangeError if it isn't square or an entry isn't a count
 */
function oneVersusRest(matrix: ConfusionMatrix): ClassCounts[] {
  const classes = matrix.length;
  if (classes === 0) throw new RangeError("confusion matrix: expected at least one class, found none");
  const predicted = new Array<number>(classes).fill(0);
  matrix.forEach((row, i) => {
    if (row.length !== classes)
      throw new RangeError(`confusion matrix row ${i}: expected ${classes} entries, found ${row.length}`);
    row.forEach((count, j) => {
      if (!Number.isInteger(count) || count < 0) {
        throw new RangeError(`confusion matrix [${i}, ${j}]: expected a count from 0, found ${count}`);
      }
      predicted[j]! += count;
    });
  });
  const examples = sum(predicted);
  return matrix.map((row, i) => {
    const truePositives = row[i]!;
    const falseNegatives = sum(row) - truePositives;
    const falsePositives = predicted[i]! - truePositives;
    return {
      truePositives,
      falsePositives,
      falseNegatives,
      trueNegatives: examples - truePositives - falsePositives - falseNegatives,
    };
  });
}

function classMetrics(counts: ClassCounts): ClassMetrics {
  const fractions = rateFractions(counts);
  return {
    ...counts,
    ...rates(counts),
    undefinedRates: rateNames.filter((name) => fractions[name][1] === 0),
  };
}

/** Numerator and denominator of each rate. */
function rateFractions({ truePositives, falsePositives, falseNegatives, trueNegatives }: ClassCounts) {
  return {
    sensitivity: [truePositives, truePositives + falseNegatives],
    specificity: [trueNegatives, trueNegatives + falsePositives],
    precision: [truePositives, truePositives + falsePositives],
    fScore: [2 * truePositives, 2 * truePositives + falsePositives + falseNegatives],
  } satisfies Record<keyof Rates, [number, number]>;
}

function rates(counts: ClassCounts): Rates {
  const fractions = rateFractions(counts);
  return eachRate((name) => ratio(fractions[name][0]!, fractions[name][1]!));
}

function mean(perClass: readonly Rates[], weights: readonly number[]): Rates {
  const totalWeight = sum(weights);
  return eachRate((name) => ratio(sum(perClass.map((rate, i) => weights[i]! * rate[name])), totalWeight));
}

function total(counts: readonly ClassCounts[]): ClassCounts {
  return {
    truePositives: sum(counts.map((count) => count.truePositives)),
    falsePositives: sum(counts.map((count) => count.falsePositives)),
    falseNegatives: sum(counts.map((count) => count.falseNegatives)),
    trueNegatives: sum(counts.map((count) => count.trueNegatives)),
  };
}

const eachRate = (value: (name: keyof Rates) => number): Rates =>
  Object.fromEntries(rateNames.map((name) => [name, value(name)])) as Rates;

const ratio = (numerator: number, denominator: number): number => (denominator === 0 ? 0 : numerator / denominator);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
