import fc from "fast-check";
import { expect, it } from "vitest";
import { pairedDifference, regrets } from "@/lib/evaluation";

/** `[seed][option]`, in whole points, so that equal sums are equal. */
const scored = (least = 1) =>
  fc.tuple(fc.integer({ min: least, max: 8 }), fc.integer({ min: 1, max: 6 })).chain(([seeds, options]) => {
    const row = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: options, maxLength: options });
    return fc.array(row, { minLength: seeds, maxLength: seeds });
  });

it("compares each seed with the option that is best on the other seeds", () => {
  // Without seed 0 option 1 is best, without seed 1 option 0, without seed 2 option 0.
  const scores = [
    [9, 5],
    [4, 6],
    [7, 7],
  ];
  const [first, second] = regrets(scores);
  expect(first!.mean).toBeCloseTo((5 - 9 + (4 - 4) + (7 - 7)) / 3);
  expect(second!.mean).toBeCloseTo((5 - 5 + (4 - 6) + (7 - 7)) / 3);
});

it("costs nothing to take what is best on every seed, and its lead to take another", () => {
  const [best, other] = regrets([
    [0.9, 0.8],
    [0.7, 0.5],
    [0.8, 0.75],
  ]);
  expect(best).toEqual({ mean: 0, interval: { low: 0, high: 0 } });
  const { mean, interval } = pairedDifference([0.9, 0.7, 0.8], [0.8, 0.5, 0.75]);
  expect(other!.mean).toBeCloseTo(mean);
  expect(other!.interval!.high).toBeCloseTo(interval!.high);
});

it("never says more than the best of the same seeds, which the luck of those seeds has chosen", () => {
  fc.assert(
    fc.property(scored(2), (scores) => {
      const means = scores[0]!.map((_, option) => scores.reduce((sum, row) => sum + row[option]!, 0) / scores.length);
      for (const [option, { mean }] of regrets(scores).entries())
        expect(mean).toBeLessThanOrEqual(Math.max(...means) - means[option]! + 1e-9);
    }),
  );
});

it("tells options apart by the difference of their means, whatever a seed adds to all", () => {
  fc.assert(
    fc.property(
      scored(),
      fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 8, maxLength: 8 }),
      (scores, luck) => {
        const lucky = scores.map((row, seed) => row.map((score) => score + luck[seed]!));
        const [plain, shifted] = [regrets(scores), regrets(lucky)];
        for (const [option, { mean }] of plain.entries()) {
          expect(shifted[option]!.mean).toBeCloseTo(mean, 9);
          const lead = scores.reduce((sum, row) => sum + row[0]! - row[option]!, 0) / scores.length;
          expect(mean - plain[0]!.mean).toBeCloseTo(lead, 9);
        }
      },
    ),
  );
});

it("lets only the first, eligible options be the best", () => {
  expect(regrets([[3, 2, 9]], 2).map(({ mean }) => mean)).toEqual([0, 1, -6]);
});

it("has no interval for one seed, and refuses what can't be compared", () => {
  expect(regrets([[1, 2]])).toEqual([
    { mean: 1, interval: null },
    { mean: 0, interval: null },
  ]);
  expect(() => regrets([])).toThrow("eligible: expected 1 to 0 options");
  expect(() => regrets([[1, 2]], 3)).toThrow("eligible: expected 1 to 2 options that may be the best, found 3");
  expect(() => regrets([[1, 2], [1]])).toThrow("scores[1]: expected 2 options, as of the first seed, found 1");
});
