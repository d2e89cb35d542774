import { describe, expect, it } from "vitest";
import { estimationShift, RunningAverage, totalShift } from "@/lib/dmbn";
import type { GoldenArray } from "../support/golden";
import { expectClose, golden } from "../support/golden";

interface RunningCase {
  batchCount: number;
  unbiased: boolean;
  debias: boolean;
  initial: { mean: number; variance: number };
  momentum: number[];
  batchMean: GoldenArray;
  batchVarianceBiased: GoldenArray;
  runningMean: GoldenArray;
  runningVariance: GoldenArray;
}

interface ShiftCase {
  estimated: { mean: GoldenArray; variance: GoldenArray };
  population: { mean: GoldenArray; variance: GoldenArray };
  esmMean: number;
  esmStd: number;
  esm: number;
  relativeMean: number;
  relativeStd: number;
}

describe("running statistics against float64", () => {
  golden<{ cases: RunningCase[] }>("running-statistics").cases.forEach((example, index) => {
    it(`match mean and variance after every step of case ${index}`, async () => {
      const channels = example.batchMean.shape[1]!;
      const row = ({ data }: GoldenArray, step: number) => data.slice(step * channels, (step + 1) * channels);
      const toUnbiased = example.batchCount / (example.batchCount - 1);
      const average = new RunningAverage(channels, {
        variance: example.unbiased ? "unbiased" : "biased",
        initial: example.initial,
        debias: example.debias,
      });
      for (let step = 0; step < example.momentum.length; step++) {
        average.update(
          {
            mean: row(example.batchMean, step),
            variance: row(example.batchVarianceBiased, step).map((value) => value * toUnbiased),
            count: example.batchCount,
          },
          example.momentum[step]!,
        );
        const { mean, variance } = average.statistics();
        await expectClose(mean, row(example.runningMean, step), { relative: 1e-9, what: `mean at step ${step + 1}` });
        await expectClose(variance, row(example.runningVariance, step), {
          relative: 1e-9,
          what: `variance at step ${step + 1}`,
        });
      }
    });
  });
});

describe("estimation shift against float64", () => {
  golden<{ cases: ShiftCase[] }>("estimation-shift").cases.forEach((example, index) => {
    it(`matches case ${index}`, () => {
      const of = ({ mean, variance }: ShiftCase["estimated"]) => ({
        mean: Float64Array.from(mean.data),
        variance: Float64Array.from(variance.data),
      });
      const shift = estimationShift(of(example.estimated), of(example.population));
      expect(shift.mean).toBeCloseTo(example.esmMean, 9);
      expect(shift.std).toBeCloseTo(example.esmStd, 9);
      expect(totalShift(shift)).toBeCloseTo(example.esm, 9);
      expect(shift.relativeMean).toBeCloseTo(example.relativeMean, 9);
      expect(shift.relativeStd).toBeCloseTo(example.relativeStd, 9);
    });
  });
});
