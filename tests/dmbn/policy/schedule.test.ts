import { describe, expect, it } from "vitest";
import type { MomentumPolicy, RunShape } from "@/lib/dmbn/policy";
import {
  checkMomentum,
  evaluationBudget,
  momentumSchedule,
  PolicyError,
  policyCost,
  recalibrate,
  schedule,
  select,
} from "@/lib/dmbn/policy";

const run: RunShape = {
  steps: 30,
  stepsPerEpoch: 10,
  epochs: 3,
  batchSize: 8,
  learningRate: 0.1,
  layers: [{ channels: 96 }, { channels: 32 }, { channels: 96 }],
};

function refusal(policy: MomentumPolicy, shape: RunShape = run): PolicyError {
  try {
    checkMomentum(policy, shape);
  } catch (error) {
    expect(error).toBeInstanceOf(PolicyError);
    return error as PolicyError;
  }
  return expect.fail("was accepted");
}

describe("β over a run", () => {
  it("counts steps from 1, epochs and layers from 0", () => {
    expect([1, 10, 11, 30].map((step) => momentumSchedule("epoch / 10 + step / 1000", run)(step, 0))).toEqual([
      0.001,
      0.01,
      0.1 + 0.011,
      0.2 + 0.03,
    ]);
    const byLayer = momentumSchedule("layer / layers + channels / 1000", run);
    expect([0, 1, 2].map((layer) => byLayer(1, layer))).toEqual([0.096, 1 / 3 + 0.032, 2 / 3 + 0.096]);
    expect(momentumSchedule("steps + epochs / 10 + batchSize / 1000 + learningRate / 1000", run)(5, 1)).toBeCloseTo(
      30.3081,
      12,
    );
  });

  it("doesn't depend on the order of evaluation", () => {
    const momentum = momentumSchedule("1 - 1 / step", run);
    expect([3, 1, 3, 2, 2].map((step) => momentum(step, step % 3))).toEqual(
      [2 / 3, 0, 2 / 3, 0.5, 0.5].map((value) => expect.closeTo(value, 15)),
    );
  });

  it.each([0.5, 0.8, 0.9, 0.95, 0.99, 0.997, 0.999, 0.9995, 0.9999, 0.99999])(
    "takes the rounding of debiasing by hand for 0 and 1, as with β = %d",
    (beta) => {
      for (const weight of [`${1 - beta}`, `(1 - ${beta})`, `${Number((1 - beta).toPrecision(6))}`]) {
        const first = `1 - ${weight} / (1 - ${beta}^step)`;
        expect(() => checkMomentum(schedule(first), run), first).not.toThrow();
        expect(momentumSchedule(first, run)(1, 0), first).toBeGreaterThanOrEqual(0);
        const last = `${weight} / (1 - ${beta}^step)`;
        expect(() => checkMomentum(schedule(last), run), last).not.toThrow();
        expect(momentumSchedule(last, run)(1, 0), last).toBeLessThanOrEqual(1);
      }
    },
  );

  it("takes nothing else for 0 or 1", () => {
    for (const [text, value] of [
      ["-1e-10", 0],
      ["1 + 1e-11", 1],
      ["-1e-9", -1e-9],
      ["1 + 1e-9", 1 + 1e-9],
      ["1e-300", 1e-300],
    ] as const)
      expect(momentumSchedule(text, run)(1, 0)).toBe(value);
    expect(refusal(schedule("1 + 1e-9")).issue.offence).toEqual({ step: 1, layer: 0, value: 1 + 1e-9 });
    expect(refusal(schedule("1 + 1e-12", { debias: true })).issue.offence).toEqual({ step: 1, layer: 0, value: 1 });
  });

  it("needs a step in each epoch", () => {
    expect(() => momentumSchedule("epoch", { ...run, stepsPerEpoch: 0 })).toThrow(RangeError);
  });
});

describe("a policy that can't run", () => {
  it.each<[string, string, number, number, number]>([
    ["step / 20", "above 1 late in the run", 21, 0, 1.05],
    ["1 - step / 20", "below 0", 21, 0, 1 - 21 / 20],
    ["1.5", "constant and too large", 1, 0, 1.5],
    ["1 / (step - 5)", "negative before its pole", 1, 0, -0.25],
    ["step == 5 ? 1 / 0 : 0.9", "infinite", 5, 0, Infinity],
    ["step == 30 ? sqrt(-1) : 0.9", "not a number, at the last step", 30, 0, Number.NaN],
    ["epoch == 2 ? 2 : 0.5", "too large from the third epoch", 21, 0, 2],
    ["channels < 50 ? -1 : 1", "wrong for narrow layers", 1, 1, -1],
    ["layer == 2 && step == 7 ? 3 : 0", "wrong once in one layer", 7, 2, 3],
  ])("%s is %s: the error has step, layer and value", (expression, _, step, layer, value) => {
    const error = refusal(schedule(expression));
    expect(error.issue.offence).toEqual({ step, layer, value });
    expect(error.issue.field).toBe("momentum");
    expect(error.message).toContain(`${value} at step ${step} of layer ${layer}`);
  });

  it("is reported with the field that is wrong", () => {
    expect(refusal(schedule("0.9", { varianceMomentum: "step" })).issue.field).toBe("varianceMomentum");
    expect(refusal(select({ candidates: ["0.9", "1 - 1 / step", "step"] })).issue.field).toBe("candidates[2]");
  });

  it("would divide by 1 − ∏β = 0 if a debiased average started at β = 1", () => {
    expect(refusal(schedule("step == 1 ? 1 : 0.9", { debias: true })).issue.offence).toEqual({
      step: 1,
      layer: 0,
      value: 1,
    });
    expect(() => checkMomentum(schedule("step == 2 ? 1 : 0.9", { debias: true }), run)).not.toThrow();
    expect(() => checkMomentum(schedule(1), run)).not.toThrow();
  });

  it("doesn't include β of exactly 0 or 1, a run of no steps, or a policy without an average", () => {
    expect(() => checkMomentum(schedule("step % 2"), run)).not.toThrow();
    expect(() => checkMomentum(schedule("2"), { ...run, steps: 0 })).not.toThrow();
    expect(() => checkMomentum(recalibrate(), run)).not.toThrow();
  });
});

describe("the cost of a policy", () => {
  it("is nodes × steps × layers, counting steps and layers only if the expression depends on them", () => {
    const cost = (expression: string) => policyCost(schedule(expression), run);
    expect(cost("0.9")).toBe(1);
    expect(cost("1 - 1 / step")).toBe(5 * 30);
    expect(cost("epoch / 3")).toBe(3 * 3);
    expect(cost("channels")).toBe(2); // two distinct widths
    expect(cost("layer * step")).toBe(3 * 30 * 3);
    expect(policyCost(select({ candidates: ["0.9", "1 - 1 / step"] }), run)).toBe(1 + 150);
    expect(policyCost(recalibrate(), run)).toBe(0);
  });

  it("has a budget, above which a policy is refused without evaluation", () => {
    const start = performance.now();
    const error = refusal(schedule("layer * step * 0"), {
      ...run,
      steps: 1_000_000,
      layers: Array.from({ length: 53 }, () => ({ channels: 64 })),
    });
    expect(error.message).toContain(evaluationBudget.toLocaleString("en"));
    expect(error.message).toContain("265,000,000");
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it("at the budget still takes only seconds to check", () => {
    const start = performance.now();
    checkMomentum(schedule("min(0.99, layer * step)"), {
      ...run,
      steps: 100_000,
      stepsPerEpoch: 100,
      epochs: 1000,
      layers: Array.from({ length: 53 }, () => ({ channels: 64 })),
    });
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
