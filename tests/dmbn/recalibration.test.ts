/**
 * Recalibration in training mode and with corrections. `policy/export/pytorch.test.ts` compares all of it with programs
 * in PyTorch.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { PolicyFit, RunningStatistics } from "@/lib/dmbn";
import { fitPolicy } from "@/lib/dmbn";
import type { PolicyDocument } from "@/lib/dmbn/policy";
import { describeRecalibration, PolicyError, parsePolicy, policyHash, recalibrate } from "@/lib/dmbn/policy";
import type { Recipe } from "@/lib/records";
import { examplesOf, planRun, TrainingRun } from "@/lib/training";
import { calibrationOn } from "@/lib/training/scoring";
import { eachBackend } from "../support/backends";
import { digits, shortRecipe } from "../support/digits";
import { expectClose } from "../support/golden";

const run = async (recipe: Partial<Recipe> = {}) => {
  const plan = planRun({ recipe: { ...shortRecipe, ...recipe }, variant: "bn", seed: 1, dataset: await digits() });
  const run = new TrainingRun(plan);
  for await (const _ of run.steps());
  const calibration = calibrationOn(run.network, examplesOf(plan).calibration);
  return {
    fit: (options: Parameters<typeof recalibrate>[0]) => fitPolicy(recalibrate(options), run.source, calibration),
    dispose() {
      calibration.dispose();
      run.dispose();
    },
  };
};

const expectAlike = async (
  actual: readonly RunningStatistics[],
  expected: readonly RunningStatistics[],
  relative: number,
) => {
  for (const [layer, { mean, variance }] of expected.entries()) {
    await expectClose(actual[layer]!.mean, mean, { relative, what: `mean of layer ${layer}` });
    await expectClose(actual[layer]!.variance, variance, { relative, what: `variance of layer ${layer}` });
  }
};

const shiftOf = ({ shift }: PolicyFit) => shift.reduce((sum, { mean, std }) => sum + mean + std, 0);

eachBackend("a recalibration", () => {
  it("in one batch of the whole split is the sequential one, if variances are pooled", async () => {
    const { fit, dispose } = await run();
    const sequential = await fit({});
    const whole = await fit({ batches: { size: 200, variance: "pooled" } });
    await expectAlike(whole.statistics, sequential.statistics, 1e-4);
    const inBatches = await fit({ batches: { size: 8 } });
    expect(shiftOf(inBatches)).toBeGreaterThan(10 * shiftOf(whole));
    dispose();
  });

  it("corrected by nothing is as it was; constants move it by just so much", async () => {
    const { fit, dispose } = await run();
    const { statistics } = await fit({});
    expect((await fit({ correction: { by: "constants" } })).statistics).toEqual(statistics);
    const [first] = (await fit({ correction: { by: "constants", shift: -0.5, scale: 2 } })).statistics;
    const { mean, variance } = statistics[0]!;
    expect(first!.mean).toEqual(mean.map((value, c) => value - 0.5 * Math.sqrt(variance[c]!)));
    expect(first!.variance).toEqual(variance.map((value) => 4 * value));
    dispose();
  });

  it("corrected for small batches divides by more at batch 4, by less in the last layer, and hardly at 64", async () => {
    const [four, many] = [await run({ batchSize: 4 }), await run({ batchSize: 64 })];
    const correction = { by: "small-batch" } as const;
    /** σ′/σ of the first channel of the first and of the last layer, which both see what nobody corrected before. */
    const factors = async ({ fit }: Awaited<ReturnType<typeof run>>) => {
      const [plain, corrected] = [await fit({}), await fit({ correction })];
      const ratio = Math.sqrt(corrected.statistics[0]!.variance[0]! / plain.statistics[0]!.variance[0]!);
      return { ratio, moved: shiftOf(corrected) };
    };
    const small = await factors(four);
    expect(small.ratio).toBeCloseTo(1.2533, 3); // √2 Γ(1.5) / Γ(2)
    const large = await factors(many);
    expect(large.ratio).toBeCloseTo(1.0119, 3); // √32 Γ(31.5) / Γ(32)
    expect(small.moved).toBeGreaterThan(5 * large.moved);
    four.dispose();
    many.dispose();
  });

  it("says how many batches the split holds", async () => {
    const { fit, dispose } = await run();
    for (const batches of [
      { size: 64, count: 4 },
      { size: 201, count: 1 },
    ])
      await expect(fit({ batches })).rejects.toThrow(
        /batches:.*no more than the calibration split holds: 200 examples/s,
      );
    dispose();
  });

  it("takes a split that is smaller than a batch as one batch", async () => {
    const { fit, dispose } = await run();
    const [small, whole] = [await fit({ batches: { size: 201 } }), await fit({ batches: { size: 200 } })];
    expect(small.statistics).toEqual(whole.statistics);
    dispose();
  });
}, ["cpu", "wasm"]);

it("documents without batches and correction keep their hash", () => {
  expect(policyHash({ kind: "recalibrate" })).toBe(HASH);
  expect(policyHash({ kind: "recalibrate", samples: null, batches: null, correction: null })).toBe(HASH);
  expect(policyHash({ kind: "recalibrate", correction: { by: "constants" } })).not.toBe(HASH);
});

/** Of the document that results have been published under since version 0.1. */
const HASH = "6e8d9a6fcb5df212cd5d369a246c7eece66c9e0b1e2f1fc7999ba6d0504d3bfb";

it("a correction or batches out of range are refused by name", () => {
  const refusals: [object, RegExp][] = [
    [{ correction: { by: "constants", scale: 0 } }, /^correction\.scale: .*found 0/],
    [{ correction: { by: "constants", scale: 10.5 } }, /^correction\.scale: .*at most 10/],
    [{ correction: { by: "constants", shift: -11 } }, /^correction\.shift: .*at least -10/],
    [{ correction: { by: "labels" } }, /^correction\.by: /],
    [{ batches: { size: 1 } }, /^batches\.size: .*at least 2/],
    [{ batches: { size: 8, count: 0 } }, /^batches\.count: .*at least 1/],
    [{ batches: { size: 8 }, samples: 100 }, /^samples: .*measured in batches/],
    [{ batches: { size: 8 }, correction: { by: "small-batch" } }, /^correction: .*measured in batches/],
  ];
  for (const [options, message] of refusals) {
    const parse = () => parsePolicy({ kind: "recalibrate", ...options });
    expect(parse).toThrow(PolicyError);
    expect(parse).toThrow(message);
  }
});

it("every recalibration can be read again from what it is written as, and has words of its own", () => {
  const batches = fc.record(
    {
      size: fc.integer({ min: 2, max: 65_536 }),
      count: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
      variance: fc.constantFrom("mean" as const, "pooled" as const),
    },
    { requiredKeys: ["size"] },
  );
  const correction = fc.oneof(
    fc.constant({ by: "small-batch" as const }),
    fc.record({
      by: fc.constant("constants" as const),
      shift: fc.constantFrom(-0.2, 3),
      scale: fc.constantFrom(0.5, 2),
    }),
  );
  const options = fc.oneof(
    fc.record({ batches }),
    fc.record({ samples: fc.option(fc.integer({ min: 1, max: 1e7 })), correction: fc.option(correction) }),
  );
  const words = new Map<string, string>();
  fc.assert(
    fc.property(options, (options) => {
      const policy = recalibrate(options);
      expect(parsePolicy(JSON.parse(JSON.stringify(policy)) as PolicyDocument)).toEqual(policy);
      const hash = policyHash(policy);
      expect(words.get(describeRecalibration(policy)) ?? hash).toBe(hash);
      words.set(describeRecalibration(policy), hash);
    }),
    { seed: 1 },
  );
});
