import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Answers } from "@/lib/evaluation";

const { cases } = JSON.parse(readFileSync("tests/fixtures/golden/probabilities.json", "utf8")) as {
  cases: { classes: number; logits: number[]; labels: number[]; predictions: number[]; nll: number; ece: number }[];
};

/** The answers, read in chunks of `chunk` examples. */
function answersOf(logits: readonly number[], labels: readonly number[], classes: number, chunk = labels.length) {
  const answers = new Answers(labels);
  for (let from = 0; from < logits.length; from += chunk * classes)
    answers.add(Float32Array.from(logits.slice(from, from + chunk * classes)), classes);
  return answers;
}

describe("golden probabilities.json", () => {
  it.each(cases.map((one, index) => ({ index, ...one })))("case $index, $classes classes", (one) => {
    const answers = answersOf(one.logits, one.labels, one.classes, 50);
    expect([...answers.predictions]).toEqual(one.predictions);
    const { nll, ece } = answers.probabilities();
    expect(Math.abs(nll! - one.nll)).toBeLessThan(1e-6 * one.nll);
    expect(Math.abs(ece! - one.ece)).toBeLessThan(1e-6);
  });
});

describe("probabilities", () => {
  // Quarters, so that adding a whole number changes no difference between logits.
  const logit = fc.integer({ min: -120, max: 120 }).map((quarters) => quarters / 4);
  const logits = fc.array(fc.array(logit, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 60 });

  it("don't change with a constant added to an example's logits, with the chunks or with the order of examples", () => {
    fc.assert(
      fc.property(logits, fc.integer({ min: 1, max: 7 }), (rows, chunk) => {
        const labels = rows.map((_, index) => index % 3);
        const { nll, ece } = answersOf(rows.flat(), labels, 3).probabilities();
        const others = [
          answersOf(rows.flat(), labels, 3, chunk),
          answersOf(rows.toReversed().flat(), labels.toReversed(), 3),
          answersOf(
            rows.flatMap((row) => row.map((logit) => logit + 64)),
            labels,
            3,
          ),
        ];
        for (const other of others.map((answers) => answers.probabilities())) {
          expect(other.nll!).toBeCloseTo(nll!, 5);
          expect(other.ece!).toBeCloseTo(ece!, 6);
        }
      }),
    );
  });

  it("are at least ln 2 for each wrong answer, and within their range", () => {
    fc.assert(
      fc.property(logits, (rows) => {
        const labels = rows.map((_, index) => index % 3);
        const answers = answersOf(rows.flat(), labels, 3);
        const wrong = answers.predictions.filter((predicted, index) => predicted !== labels[index]).length;
        const { nll, ece } = answers.probabilities();
        expect(nll! * rows.length).toBeGreaterThanOrEqual(wrong * Math.LN2 * (1 - 1e-6));
        expect(ece!).toBeGreaterThanOrEqual(0);
        expect(ece!).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("are perfect for a sure and right network, and absent where a logit isn't finite", () => {
    expect(answersOf([50, 0, 0, 50], [0, 1], 2).probabilities()).toEqual({ nll: expect.closeTo(0, 12), ece: 0 });
    for (const broken of [Number.NaN, Infinity])
      expect(answersOf([broken, 0, 0, 1], [0, 1], 2).probabilities()).toEqual({ nll: null, ece: null });
    expect(new Answers([]).probabilities()).toEqual({ nll: null, ece: null });
  });

  it("predict the first of equal logits", () => {
    expect([...answersOf([1, 3, 3, 2, 2, 2], [0, 0], 3).predictions]).toEqual([1, 0]);
  });
});
