import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  discordant,
  holm,
  mcnemarExact,
  meanInterval,
  pairedDifference,
  verdict,
  wilsonInterval,
} from "@/lib/evaluation";
import { quantile, twoSidedTail } from "@/lib/evaluation/student-t";

const score = fc.double({ min: 0, max: 1, noNaN: true });

describe("Student's t", () => {
  it("has the quantiles of printed tables", () => {
    // Two-sided 5 % column: 1, 2, 4, 9, 30 and 120 degrees of freedom.
    expect([1, 2, 4, 9, 30, 120].map((df) => quantile(0.975, df).toFixed(3))).toEqual([
      "12.706",
      "4.303",
      "2.776",
      "2.262",
      "2.042",
      "1.980",
    ]);
  });

  it("is exact to the last digits, by the closed form for six degrees of freedom", () => {
    expect(quantile(0.975, 6)).toBeCloseTo(2.44691185114497, 14);
  });

  it("has the closed forms for one and two degrees of freedom", () => {
    for (const t of [1e-9, 0.1, 0.5, 1, 3, 50, 1e6]) {
      expect(twoSidedTail(t, 1) / ((2 / Math.PI) * Math.atan2(1, t))).toBeCloseTo(1, 12);
      expect(twoSidedTail(t, 2) / (2 / (t * t + 2 + t * Math.sqrt(t * t + 2)))).toBeCloseTo(1, 12);
    }
  });

  it("is symmetric, and the quantile inverts the tail", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.501, max: 0.9999, noNaN: true }),
        fc.integer({ min: 1, max: 500 }),
        (probability, df) => {
          const t = quantile(probability, df);
          expect(twoSidedTail(t, df)).toBeCloseTo(2 * (1 - probability), 12);
          expect(twoSidedTail(-t, df)).toBe(twoSidedTail(t, df));
          expect(quantile(1 - probability, df)).toBeCloseTo(-t, 9);
        },
      ),
    );
  });

  it("has a tail of 1 at zero and of 0 at infinity", () => {
    expect([twoSidedTail(0, 4), twoSidedTail(Infinity, 4), quantile(0.5, 4)]).toEqual([1, 0, 0]);
  });
});

describe("Wilson's interval", () => {
  it("is ±0.6 points at .889 of 10,000", () => {
    const { low, high } = wilsonInterval(8890, 10_000);
    expect((high - low) / 2).toBeCloseTo(0.006, 3);
  });

  it("contains the proportion, stays within [0, 1], and is symmetric", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }).chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n))),
        ([k, n]) => {
          const { low, high } = wilsonInterval(k, n);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          expect(low).toBeLessThanOrEqual(k / n);
          expect(high).toBeGreaterThanOrEqual(k / n);
          expect(wilsonInterval(n - k, n).low).toBeCloseTo(1 - high, 12);
        },
      ),
    );
  });
});

describe("mean over runs", () => {
  it("by hand: 1, 2, 3 has deviation 1 and half-width 4.303/√3", () => {
    const { n, mean, deviation, interval } = meanInterval([1, 2, 3]);
    expect([n, mean, deviation]).toEqual([3, 2, 1]);
    expect(interval!.high - 2).toBeCloseTo(4.302652729749464 / Math.sqrt(3), 12);
  });

  it("one run has no interval", () => {
    expect(meanInterval([0.9])).toEqual({ n: 1, mean: 0.9, deviation: null, interval: null });
  });

  it("equal runs have an interval of exactly zero width", () => {
    expect(meanInterval([0.1, 0.1, 0.1])).toEqual({ n: 3, mean: 0.1, deviation: 0, interval: { low: 0.1, high: 0.1 } });
  });
});

describe("exact McNemar", () => {
  it("by hand: 0 against 6 is 2 · ½⁶", () => {
    expect(mcnemarExact(0, 6)).toBeCloseTo(2 / 64, 15);
  });

  it("is 1 without discordant examples", () => {
    expect(mcnemarExact(0, 0)).toBe(1);
  });

  it("is symmetric and falls with imbalance, also for thousands of examples", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 5000 }), (a, b) => {
        expect(mcnemarExact(a, b)).toBe(mcnemarExact(b, a));
        if (a < b) expect(mcnemarExact(a, b + 1)).toBeLessThanOrEqual(mcnemarExact(a, b) * (1 + 1e-9));
      }),
    );
    expect(mcnemarExact(5000, 5000)).toBe(1);
  });

  it("counts the examples that only one gets right", () => {
    expect(discordant([0, 1, 2, 0], [0, 1, 0, 1], [0, 0, 2, 2])).toEqual({ onlyFirstRight: 1, onlySecondRight: 1 });
  });
});

describe("paired difference", () => {
  it("changes its sign but not its p-value when the two are swapped", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(score, score), { minLength: 2, maxLength: 12 }), (pairs) => {
        const first = pairs.map(([a]) => a);
        const second = pairs.map(([, b]) => b);
        const forth = pairedDifference(first, second);
        const back = pairedDifference(second, first);
        expect(back.mean).toBeCloseTo(-forth.mean, 12);
        expect(back.pValue).toBeCloseTo(forth.pValue!, 9);
      }),
    );
  });

  it("excludes 0 from the interval exactly if p < 0.05", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(score, score), { minLength: 2, maxLength: 12 }), (pairs) => {
        const { interval, pValue, deviation } = pairedDifference(
          pairs.map(([a]) => a),
          pairs.map(([, b]) => b),
        );
        fc.pre(deviation! > 1e-9 && Math.abs(pValue! - 0.05) > 1e-9);
        expect(interval!.low > 0 || interval!.high < 0).toBe(pValue! < 0.05);
      }),
    );
  });

  it("identical vectors are a tie, p = 1", () => {
    const same = pairedDifference([0.9, 0.8, 0.7], [0.9, 0.8, 0.7]);
    expect(same).toEqual({ n: 3, mean: 0, deviation: 0, interval: { low: 0, high: 0 }, pValue: 1 });
    expect(verdict(same)).toBe("tie");
  });

  it("equal differences have the p-value of the sign-flip test, despite rounding", () => {
    const { pValue } = pairedDifference([0.91, 0.82, 0.73, 0.64, 0.55], [0.9, 0.81, 0.72, 0.63, 0.54]);
    expect(pValue).toBe(1 / 16); // 5 seeds can't go below .0625
  });

  it("one pair has no interval, no p-value and no verdict", () => {
    const single = pairedDifference([0.9], [0.1]);
    expect(single).toMatchObject({ n: 1, interval: null, pValue: null });
    expect(verdict(single)).toBe("unresolved");
  });

  it("verdict: tie within ±0.3 points even if significant, then better, worse, unresolved", () => {
    const base = [0.8, 0.8, 0.8, 0.8];
    const against = (...shifts: number[]) =>
      verdict(
        pairedDifference(
          base.map((b, i) => b + shifts[i]!),
          base,
        ),
      );
    expect(against(0.001, 0.0011, 0.0009, 0.001)).toBe("tie");
    expect(against(0.05, 0.051, 0.049, 0.05)).toBe("better");
    expect(against(-0.05, -0.051, -0.049, -0.05)).toBe("worse");
    expect(against(0.05, -0.04, 0.03, -0.02)).toBe("unresolved");
  });
});

describe("Holm", () => {
  it("by hand: .01, .04, .03 become .03, .06, .06", () => {
    const adjusted = holm([0.01, 0.04, 0.03]);
    for (const [i, p] of [0.03, 0.06, 0.06].entries()) expect(adjusted[i]).toBeCloseTo(p, 12);
  });

  it("lies between the p-value and Bonferroni's, and keeps the order", () => {
    fc.assert(
      fc.property(fc.array(score, { maxLength: 20 }), (pValues) => {
        const adjusted = holm(pValues);
        pValues.forEach((p, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p);
          expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, p * pValues.length));
          for (const [j, q] of pValues.entries()) if (p < q) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!);
        });
      }),
    );
  });
});

describe("bad input", () => {
  it.each([
    [() => pairedDifference([1, 2], [1]), "second: expected 2 scores, one for each of the first, found 1"],
    [() => pairedDifference([], []), "values: expected at least one, found none"],
    [() => pairedDifference([1, NaN], [1, 1]), "values[1]: expected a finite number, found NaN"],
    [() => meanInterval([]), "values: expected at least one, found none"],
    [() => wilsonInterval(11, 10), "successes: expected a whole number from 0 to 10, found 11"],
    [() => wilsonInterval(0, 0), "trials: expected a whole number from 1, found 0"],
    [() => mcnemarExact(1, -1), "onlySecondRight: expected a count from 0, found -1"],
    [() => discordant([1], [1], [1, 2]), "second: expected 1 class ids, one for each label, found 2"],
    [() => holm([0.1, 1.5]), "pValues[1]: expected a number in [0, 1], found 1.5"],
  ])("%s", (call, message) => {
    expect(call).toThrow(new RangeError(message));
  });
});
