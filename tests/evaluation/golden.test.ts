/** Metrics and statistics agree with scikit-learn and SciPy in float64. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { confusionMatrix, holm, mcnemarExact, metrics, pairedDifference, wilsonInterval } from "@/lib/evaluation";

const golden = (file: string) =>
  JSON.parse(readFileSync(join(process.env.GOLDEN_DIR ?? "tests/fixtures/golden", file), "utf8"));

function expectClose(actual: readonly number[], expected: readonly number[], relative = 1e-10) {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    const scale = Math.max(Math.abs(expected[i]!), 1e-3);
    expect(Math.abs(value - expected[i]!), `[${i}]: ${value} for ${expected[i]}`).toBeLessThanOrEqual(relative * scale);
  });
}

const metricCases: {
  classes: number;
  labels: number[];
  predictions: number[];
  confusionMatrix: { shape: number[]; data: number[] };
  perClass: Record<"sensitivity" | "specificity" | "precision" | "fScore", number[]>;
  accuracy: number;
  macro: Record<"sensitivity" | "specificity" | "precision" | "fScore", number>;
  averages: Record<"macro" | "micro" | "weighted", Record<"precision" | "recall" | "fScore", number>>;
}[] = golden("metrics.json").cases;

describe("golden metrics.json", () => {
  it.each(metricCases.map((example, index) => ({ index, ...example })))("case $index, $classes classes", (example) => {
    const matrix = confusionMatrix(example.labels, example.predictions, example.classes);
    expect(matrix.flat()).toEqual(example.confusionMatrix.data);
    const result = metrics(matrix);
    expectClose([result.accuracy], [example.accuracy]);
    for (const name of ["sensitivity", "specificity", "precision", "fScore"] as const) {
      expectClose(
        result.perClass.map((rate) => rate[name]),
        example.perClass[name],
      );
      expectClose([result.macro[name]], [example.macro[name]]);
    }
    for (const average of ["macro", "micro", "weighted"] as const) {
      const { sensitivity, precision, fScore } = result[average];
      const { recall, ...expected } = example.averages[average];
      expectClose([sensitivity, precision, fScore], [recall, expected.precision, expected.fScore]);
    }
  });
});

describe("golden statistics.json", () => {
  const statistics = golden("statistics.json");

  it("Wilson intervals", () => {
    for (const { successes, trials, interval } of statistics.wilson) {
      const { low, high } = wilsonInterval(successes, trials);
      expectClose([low, high], interval);
    }
  });

  it("exact McNemar", () => {
    for (const { onlyFirstRight, onlySecondRight, pValue } of statistics.mcnemarExact) {
      expectClose([mcnemarExact(onlyFirstRight, onlySecondRight)], [pValue]);
    }
  });

  it("paired difference with its interval and p-value", () => {
    const { first, second, meanDifference, confidence95, pValue } = statistics.pairedDifference;
    const result = pairedDifference(first, second);
    expectClose([result.mean, result.pValue!], [meanDifference, pValue]);
    // The golden quantile of t₆ is 2.44691184879…; to 15 digits it is 2.44691185114497.
    expectClose([result.interval!.low, result.interval!.high], confidence95, 1e-8);
  });

  it("Holm's adjustment", () => {
    expectClose(holm(statistics.holm.pValues), statistics.holm.adjusted);
  });
});
