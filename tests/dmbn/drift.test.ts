import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Trace } from "@/lib/dmbn";
import {
  Bank,
  bankFor,
  batchAt,
  closedFormMomenta,
  closedFormMomentum,
  driftOf,
  fitPolicy,
  fromTrace,
  TraceRecorder,
} from "@/lib/dmbn";
import { PolicyError, parsePolicy, schedule, scheduleOn, select } from "@/lib/dmbn/policy";
import { normals } from "@/lib/random/normals";

const CHANNELS = 64;
const LAYERS = [{ name: "norm", channels: CHANNELS }];

/** Batch statistics that drift along a line in each channel, with scatter of size `noise`. */
function drifting({ slope, noise, steps, seed }: { slope: number; noise: number; steps: number; seed: number }) {
  const next = normals(seed);
  const line = (channel: number, step: number) => (channel % 2 === 0 ? 1 : -1) * slope * (step - steps);
  const recorder = new TraceRecorder(LAYERS, steps);
  for (let step = 1; step <= steps; step++) {
    const mean = Float32Array.from({ length: CHANNELS }, (_, c) => line(c, step) + noise * next());
    recorder.write([{ mean, variance: new Float32Array(CHANNELS).fill(1), count: 32 }]);
  }
  /** The line at the step after the last. */
  const target = Float64Array.from({ length: CHANNELS }, (_, c) => line(c, steps + 1));
  return { trace: recorder.trace(), target };
}

/** Squared error, over all channels, of the mean that each constant momentum gives. */
function errorsOf(trace: Trace, target: Float64Array, momenta: readonly number[]): number[] {
  const bank = new Bank(
    trace.layers,
    momenta.map((beta) => ({ momentum: () => beta })),
  );
  for (let step = 1; step <= trace.steps; step++) bank.update(trace.layers.map((layer) => batchAt(layer, step)));
  return momenta.map((_, k) =>
    bank.statistics(k, 0).mean.reduce((sum, value, c) => sum + (value - target[c]!) ** 2, 0),
  );
}

describe("the closed form", () => {
  it("is 1 − ∛(4ρ²/s²)", () => {
    expect(closedFormMomentum({ squaredSlope: 2e-6, noise: 1 })).toBeCloseTo(0.98, 12); // ∛8e-6 = .02
    expect(closedFormMomentum({ squaredSlope: 10, noise: 1 })).toBe(0);
    expect(closedFormMomentum({ squaredSlope: 1, noise: 0 })).toBe(0);
  });

  it("measures slope and scatter by a least-squares line", () => {
    const { squaredSlope, noise } = driftOf([
      [1, 3, 5, 7],
      [0, 1, 0, 1],
    ]); // slopes 2 and .2; squares about the second line .8 over 2 degrees of freedom
    expect(squaredSlope).toBeCloseTo(4.04, 12);
    expect(noise).toBeCloseTo(0.4, 12);
    expect(driftOf([[1, 5]])).toEqual({ squaredSlope: 0, noise: 0 });
  });

  it("is close to the momentum with the least squared error on drifting statistics", () => {
    const grid = Array.from({ length: 30 }, (_, k) => 1 - 10 ** (-3 + k / 10)); // 1 − β from .001 to .8
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: -3, max: -1, noNaN: true }), (seed, exponent) => {
        const { trace, target } = drifting({ slope: 10 ** exponent, noise: 1, steps: 2000, seed });
        const chosen = closedFormMomenta(trace, { separate: true })[0]!.mean;
        const [error, ...errors] = errorsOf(trace, target, [chosen, ...grid]) as [number, ...number[]];
        const best = grid[errors.indexOf(Math.min(...errors))]!;
        // the error is flat near its minimum: half or twice 1 − β costs less than a quarter
        expect(Math.abs(Math.log2((1 - chosen) / (1 - best)))).toBeLessThan(1.2);
        expect(error).toBeLessThan(1.25 * Math.min(...errors));
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  it("is 0, the last batch alone, with too few steps for a line and without scatter", () => {
    for (const steps of [1, 2])
      expect(closedFormMomenta(drifting({ slope: 0.1, noise: 1, steps, seed: 1 }).trace)).toEqual([
        { mean: 0, variance: 0 },
      ]);
    expect(closedFormMomenta(drifting({ slope: 0, noise: 0, steps: 50, seed: 1 }).trace)).toEqual([
      { mean: 0, variance: 0 },
    ]);
  });

  it("is separate for the variance on request", () => {
    const { trace } = drifting({ slope: 0.01, noise: 1, steps: 400, seed: 3 });
    const [apart] = closedFormMomenta(trace, { separate: true });
    expect(apart!.variance).toBe(0); // the variance is constant here
    expect(apart!.mean).toBeGreaterThan(0.5);
  });
});

describe("a policy that chooses by drift", () => {
  const shape = { steps: 40, stepsPerEpoch: 40, epochs: 1, batchSize: 32, learningRate: 0.1, layers: LAYERS };
  const nothing = { layers: [], cursors: () => [], size: 0, labels: null, batches: () => [] }; // it needs no calibration data

  it("needs the trace of the run", async () => {
    const { trace } = drifting({ slope: 0.1, noise: 1, steps: 40, seed: 2 });
    await fitPolicy(select({ by: "drift" }), fromTrace(trace, scheduleOn(shape)), nothing);
    const { source } = bankFor([schedule(0.9)], LAYERS, scheduleOn(shape));
    await expect(fitPolicy(select({ by: "drift" }), source, nothing)).rejects.toThrow(
      /by: expected a rule that needs no trace.*found drift/,
    );
  });

  it.each([
    ["candidates", { candidates: ["0.9"] }],
    ["granularity", { granularity: "channel" }],
    ["order", { order: "independent" }],
    ["every", { every: 2 }],
  ])("accepts no %s", (field, setting) => {
    try {
      parsePolicy({ kind: "select", by: "drift", ...setting });
    } catch (error) {
      expect(error).toBeInstanceOf(PolicyError);
      expect(error).toMatchObject({ issue: { field } });
      return;
    }
    expect.fail("was accepted");
  });
});
