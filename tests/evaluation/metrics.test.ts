import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { confusionMatrix, metrics } from "@/lib/evaluation";

const answers = fc.integer({ min: 2, max: 12 }).chain((classes) => {
  const id = fc.integer({ min: 0, max: classes - 1 });
  return fc.record({
    classes: fc.constant(classes),
    pairs: fc.array(fc.tuple(id, id), { minLength: 1, maxLength: 200 }),
  });
});

/** Predictions for the same number of examples of every class. */
const balancedAnswers = fc
  .tuple(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 12 }))
  .chain(([classes, each]) => {
    const labels = Array.from({ length: classes * each }, (_, i) => i % classes);
    const predictions = fc.array(fc.integer({ min: 0, max: classes - 1 }), {
      minLength: labels.length,
      maxLength: labels.length,
    });
    return predictions.map((predicted) => ({ classes, labels, predictions: predicted }));
  });

describe("metrics", () => {
  it("micro sensitivity, precision and F-score are the accuracy; micro specificity 1 − (1 − accuracy)/(K − 1)", () => {
    fc.assert(
      fc.property(answers, ({ classes, pairs }) => {
        const { accuracy, micro } = metrics(
          confusionMatrix(
            pairs.map(([label]) => label),
            pairs.map(([, found]) => found),
            classes,
          ),
        );
        expect(micro.sensitivity).toBeCloseTo(accuracy, 12);
        expect(micro.precision).toBeCloseTo(accuracy, 12);
        expect(micro.fScore).toBeCloseTo(accuracy, 12);
        expect(micro.specificity).toBeCloseTo(1 - (1 - accuracy) / (classes - 1), 12);
      }),
    );
  });

  it("on a balanced test set, macro sensitivity is the accuracy and macro specificity follows from it", () => {
    fc.assert(
      fc.property(balancedAnswers, ({ classes, labels, predictions }) => {
        const { accuracy, macro } = metrics(confusionMatrix(labels, predictions, classes));
        expect(macro.sensitivity).toBeCloseTo(accuracy, 12);
        expect(macro.specificity).toBeCloseTo(1 - (1 - accuracy) / (classes - 1), 12);
      }),
    );
  });

  it("weighted sensitivity is the accuracy", () => {
    fc.assert(
      fc.property(answers, ({ classes, pairs }) => {
        const { accuracy, weighted } = metrics(
          confusionMatrix(
            pairs.map(([label]) => label),
            pairs.map(([, found]) => found),
            classes,
          ),
        );
        expect(weighted.sensitivity).toBeCloseTo(accuracy, 12);
      }),
    );
  });

  it("each example is counted once in each class", () => {
    fc.assert(
      fc.property(answers, ({ classes, pairs }) => {
        const { examples, perClass } = metrics(
          confusionMatrix(
            pairs.map(([label]) => label),
            pairs.map(([, found]) => found),
            classes,
          ),
        );
        expect(examples).toBe(pairs.length);
        for (const counts of perClass) {
          expect(counts.truePositives + counts.falsePositives + counts.falseNegatives + counts.trueNegatives).toBe(
            pairs.length,
          );
        }
      }),
    );
  });

  it("two classes by hand", () => {
    // 3 of 4 examples of class 0 and 4 of 6 of class 1 are correct.
    const { perClass, accuracy } = metrics([
      [3, 1],
      [2, 4],
    ]);
    expect(accuracy).toBe(0.7);
    expect(perClass[0]).toEqual({
      truePositives: 3,
      falsePositives: 2,
      falseNegatives: 1,
      trueNegatives: 4,
      sensitivity: 3 / 4,
      specificity: 4 / 6,
      precision: 3 / 5,
      fScore: 6 / 9,
      undefinedRates: [],
    });
  });

  it("counts 0/0 as 0 and flags it: class 1 is never predicted, class 2 never true, class 3 never either", () => {
    const { perClass, macro } = metrics(confusionMatrix([0, 0, 1], [0, 2, 0], 4));
    expect(perClass.map((rate) => rate.undefinedRates)).toEqual([
      [],
      ["precision"],
      ["sensitivity"],
      ["sensitivity", "precision", "fScore"],
    ]);
    expect(perClass.map((rate) => rate.sensitivity)).toEqual([0.5, 0, 0, 0]);
    expect(macro.sensitivity).toBe(0.125);
  });

  it("one class has no negatives: its specificity is flagged", () => {
    expect(metrics([[5]]).perClass[0]).toMatchObject({
      sensitivity: 1,
      specificity: 0,
      undefinedRates: ["specificity"],
    });
  });

  it("no examples: every rate is 0 and flagged", () => {
    const { accuracy, examples, perClass } = metrics(confusionMatrix([], [], 2));
    expect([accuracy, examples]).toEqual([0, 0]);
    expect(perClass[0]!.undefinedRates).toEqual(["sensitivity", "specificity", "precision", "fScore"]);
  });
});

describe("bad input", () => {
  it.each([
    [() => confusionMatrix([0, 1], [0], 2), "predictions: expected 2 class ids, one for each label, found 1"],
    [() => confusionMatrix([0, 1, 0], [0, 1, 2], 2), "predictions[2]: expected a class id from 0 to 1, found 2"],
    [() => confusionMatrix([0, -1], [0, 1], 2), "labels[1]: expected a class id from 0 to 1, found -1"],
    [() => confusionMatrix([0, 0.5], [0, 1], 2), "labels[1]: expected a class id from 0 to 1, found 0.5"],
    [() => confusionMatrix([0], [NaN], 2), "predictions[0]: expected a class id from 0 to 1, found NaN"],
    [() => confusionMatrix([], [], 0), "classes: expected a whole number from 1, found 0"],
    [() => metrics([]), "confusion matrix: expected at least one class, found none"],
    [() => metrics([[1, 2], [3]]), "confusion matrix row 1: expected 2 entries, found 1"],
    [
      () =>
        metrics([
          [1, 2],
          [3, -4],
        ]),
      "confusion matrix [1, 1]: expected a count from 0, found -4",
    ],
  ])("%s", (call, message) => {
    expect(call).toThrow(new RangeError(message));
  });
});
