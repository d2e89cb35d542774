import { expect, it } from "vitest";
import { rankCorrelation } from "@/lib/evaluation";

it("is 1 for the same order and −1 for the reverse, regardless of distances", () => {
  expect(rankCorrelation([1, 2, 30], [4, 500, 600])).toBe(1);
  expect(rankCorrelation([1, 2, 30], [6, 5, -4])).toBe(-1);
});

it("gives ties the mean of their ranks", () => {
  expect(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12); // ranks 1, 2.5, 2.5, 4
});

it("is Spearman's 1 − 6Σd²/(n³ − n) without ties", () => {
  expect(
    rankCorrelation([106, 100, 86, 101, 99, 103, 97, 113, 112, 110], [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]),
  ).toBeCloseTo(1 - (6 * 194) / 990, 12);
});

it("is null for fewer than three pairs, or if one side is constant", () => {
  expect(rankCorrelation([1, 2], [1, 2])).toBeNull();
  expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNull();
  expect(() => rankCorrelation([1], [])).toThrow(RangeError);
});
