/** Regrets, interquartile means and profiles agree with NumPy (over_boards.py), and keep what they promise. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OverBoards } from "@/lib/evaluation";
import { overBoards, performanceProfile } from "@/lib/evaluation";

const golden: { boards: Record<string, number[]>[]; methods: Record<string, OverBoards> }[] = JSON.parse(
  readFileSync("tests/fixtures/over-boards.json", "utf8"),
);

const board = (methods: Record<string, number[]>) => ({ methods: new Map(Object.entries(methods)) });

describe("methods over boards", () => {
  it.each(golden)("agree with NumPy, case %#", ({ boards, methods }) => {
    const result = overBoards(boards.map(board), { draws: 20_000 });
    expect([...result.keys()].sort()).toEqual(Object.keys(methods).sort());
    for (const [method, expected] of Object.entries(methods)) {
      const { regrets, mean, worst, iqm } = result.get(method)!;
      expect(regrets).toEqual(expected.regrets.map((regret) => regret && expect.closeTo(regret, 12)));
      expect(mean).toBeCloseTo(expected.mean!, 12);
      expect(worst).toBeCloseTo(expected.worst!, 12);
      expect(iqm === null).toBe(expected.iqm === null);
      if (iqm === null || expected.iqm === null) continue;
      expect(iqm.mean).toBeCloseTo(expected.iqm.mean, 12);
      // Quantiles of random draws: their standard error is 1 % of the interval's width.
      const width = expected.iqm.high! - expected.iqm.low!;
      expect(Math.abs(iqm.low! - expected.iqm.low!)).toBeLessThan(0.03 * width);
      expect(Math.abs(iqm.high! - expected.iqm.high!)).toBeLessThan(0.03 * width);
    }
  });

  it("by hand: the middle half of 1, 2, 3, 4 and 5, 6, 7, 8 is 3 to 6", () => {
    const { iqm } = overBoards([board({ a: [4, 3, 2, 1] }), board({ a: [5, 6, 7, 8] })]).get("a")!;
    expect(iqm!.mean).toBeCloseTo(4.5, 12);
  });

  it("by hand: a board counts once, whether it has two seeds or four", () => {
    // In eighths: 1 1 2 2 and 3 4 5 6, of which the middle half is 2 2 3 4.
    const { iqm } = overBoards([board({ a: [2, 1] }), board({ a: [6, 5, 4, 3] })]).get("a")!;
    expect(iqm!.mean).toBeCloseTo(2.75, 12);
  });

  it("have no interquartile mean unless they are on every board, and no regret where they have no accuracy", () => {
    const result = overBoards([board({ a: [0.9], b: [0.8, 0.9] }), board({ a: [0.5], b: [] })]);
    expect(result.get("b")).toEqual({
      regrets: [expect.closeTo(0.05, 12), null],
      mean: expect.closeTo(0.05, 12),
      worst: expect.closeTo(0.05, 12),
      iqm: null,
    });
    expect(result.get("a")).toMatchObject({ regrets: [0, 0], mean: 0, worst: 0 });
    expect(overBoards([board({ a: [] })]).get("a")).toEqual({ regrets: [null], mean: null, worst: null, iqm: null });
    expect(overBoards([])).toEqual(new Map());
  });

  const accuracy = fc.integer({ min: 0, max: 20 }).map((twentieths) => twentieths / 20);
  const boards = fc.array(fc.dictionary(fc.constantFrom("a", "b", "c"), fc.array(accuracy, { maxLength: 6 })), {
    maxLength: 4,
  });

  it("have regrets from 0, which is the best method's, and an interquartile mean within interval and accuracies", () => {
    fc.assert(
      fc.property(boards, (all) => {
        const result = overBoards(all.map(board), { draws: 50 });
        const regrets = all.map((_, index) => [...result.values()].flatMap((method) => method.regrets[index] ?? []));
        for (const onBoard of regrets) if (onBoard.length > 0) expect(Math.min(...onBoard)).toBe(0);
        for (const [method, { iqm, mean, worst }] of result) {
          if (mean !== null) expect(mean).toBeLessThanOrEqual(worst! + 1e-12);
          expect(iqm === null).toBe(all.some((methods) => !methods[method]?.length));
          if (iqm === null) continue;
          const values = all.flatMap((methods) => methods[method]!);
          const single = all.some((methods) => methods[method]!.length === 1);
          expect([iqm.low === null, iqm.high === null]).toEqual([single, single]);
          if (!single) expect(iqm.low).toBeLessThanOrEqual(iqm.high!);
          for (const value of single ? [iqm.mean] : Object.values(iqm)) {
            expect(value).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12);
            expect(value).toBeLessThanOrEqual(Math.max(...values) + 1e-12);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("have an interquartile mean that other methods don't change, and the same one each time", () => {
    fc.assert(
      fc.property(boards, (all) => {
        const alone = all.map((methods) => board("a" in methods ? { a: methods.a! } : {}));
        const [first, second, third] = [all.map(board), all.map(board), alone].map((each) =>
          overBoards(each, { draws: 20 }),
        );
        expect(first).toEqual(second);
        expect(first!.get("a")?.iqm).toEqual(third!.get("a")?.iqm);
      }),
    );
  });
});

describe("performance profile", () => {
  it("by hand: a regret at the threshold is within it, despite rounding, and a missing board is not", () => {
    expect(performanceProfile([0, 0.9 - 0.897, 0.02, null], [0, 0.003, 0.01, 1])).toEqual([0.25, 0.5, 0.5, 0.75]);
    expect(performanceProfile([], [0])).toEqual([0]);
  });
});
