/** Metrics and statistics agree with scikit-learn and SciPy in float64. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  confusionMatrix,
  crossedDifference,
  crossedMeans,
  holm,
  mcnemarExact,
  metrics,
  pairedDifference,
  rankInParts,
  simultaneous,
  wilsonInterval,
} from "@/lib/evaluation";
import { atOnce } from "../support/at-once";
import { packed } from "../support/packed";

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

const boards: {
  methods: number;
  seeds: number;
  images: number;
  /** Packed bits of `[methods, seeds, images]`, in base64. */
  right: string;
  difference: number[][];
  varianceBySeeds: number[][];
  varianceByImages: number[][];
  critical: number;
  first: number[];
  last: number[];
}[] = golden("rank-intervals.json").cases;

describe("golden rank-intervals.json", () => {
  it.each(boards)("$methods methods on $seeds seeds and $images images", (board) => {
    const bits = [...Buffer.from(board.right, "base64")].flatMap((byte) => bitsOf(byte));
    const methods = Array.from({ length: board.methods }, (_, method) =>
      crossedMeans(
        Array.from({ length: board.seeds }, (_, seed) => {
          const from = (method * board.seeds + seed) * board.images;
          return packed(bits.slice(from, from + board.images));
        }),
        board.images,
      ),
    );
    for (const [i, a] of methods.entries()) {
      const differences = methods.map((b) => crossedDifference(a, b));
      expectClose(
        differences.map(({ mean }) => mean),
        board.difference[i]!,
      );
      expectClose(
        differences.map(({ bySeed }) => bySeed),
        board.varianceBySeeds[i]!,
      );
      expectClose(
        differences.map(({ byImage }) => byImage),
        board.varianceByImages[i]!,
      );
    }
    const { critical, ranks, toldApart } = atOnce(rankInParts(methods));
    expectClose([critical], [board.critical], 0.04); // both are quantiles of random draws
    // Methods that are equal to others change nothing, but with as many as seeds other coordinates are drawn in.
    const doubled = atOnce(rankInParts([...methods, ...methods]));
    expectClose([doubled.critical], [board.critical], 0.04);
    expect(ranks).toEqual(board.first.map((from, i) => ({ from, to: board.last[i]! })));
    const verdicts = methods.map((a) => methods.map((b) => simultaneous(a, b, critical).verdict));
    expect(verdicts.flat().filter((verdict) => verdict === "better")).toHaveLength(toldApart);
  });
});

const bitsOf = (byte: number): number[] => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (byte >> bit) & 1);
