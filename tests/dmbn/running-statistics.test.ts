import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AverageOptions, BatchStatistics } from "@/lib/dmbn";
import { Bank, Replay, replay, TraceRecorder } from "@/lib/dmbn";
import type { PolicyDocument, RunShape, SchedulePolicy } from "@/lib/dmbn/policy";
import { checkMomentum, parsePolicy, scheduleOn } from "@/lib/dmbn/policy";

const estimators = fc.constantFrom<NonNullable<AverageOptions["variance"]>>("unbiased", "biased", "total");
const momentum = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }).map(String),
  fc.constantFrom("0", "0.5", "0.9999999999", "1 - 2^-53", "1 - 1 / step", "1 - 0.1 / (1 - 0.9^step)"),
  fc.constantFrom("step % 2 ? 0.3 : 1", "min(0.999, (1 + step) / (10 + step))", "0.2 + 0.7 * cos(pi * step / steps)^2"),
);
const channelValue = fc.float({ min: -1e6, max: 1e6, noNaN: true });
const channels = fc.array(fc.tuple(channelValue, channelValue.map(Math.abs)), { minLength: 1, maxLength: 3 });

/** The statistics of `policy` after the given batches, one layer. */
function fitted(document: PolicyDocument, batches: readonly BatchStatistics[]) {
  const layer = { name: "norm", channels: batches[0]!.mean.length };
  const run: RunShape = {
    steps: batches.length,
    stepsPerEpoch: 5,
    epochs: Math.ceil(batches.length / 5),
    batchSize: 8,
    learningRate: 0.1,
    layers: [layer],
  };
  const policy = parsePolicy(document) as SchedulePolicy;
  checkMomentum(policy, run);
  const recorder = new TraceRecorder([layer], run.steps);
  for (const batch of batches) recorder.write([batch]);
  return replay(recorder.trace(), scheduleOn(run)(policy))[0]!;
}

describe("the average of equal batches", () => {
  it("is that batch to the last bit: debiased always, else if it starts there", () => {
    fc.assert(
      fc.property(
        fc.record({
          momentum,
          varianceMomentum: fc.option(momentum),
          variance: estimators,
          debias: fc.boolean(),
          count: fc.constantFrom(1, 2, 7, 4096),
          steps: fc.integer({ min: 1, max: 60 }),
          channels,
        }),
        ({ momentum, varianceMomentum, variance, debias, count, steps, channels }) => {
          const all = debias ? channels : channels.slice(0, 1); // all channels start from the same value
          const batch = {
            mean: all.map(([mean]) => mean),
            variance: all.map(([, variance]) => (count === 1 ? 0 : variance)),
            count,
          };
          const share = variance === "unbiased" ? 1 : (count - 1) / count;
          const expected = { mean: batch.mean, variance: batch.variance.map((value) => share * value) };
          const start = { mean: expected.mean[0]! + 0, variance: expected.variance[0]! + 0 };
          const statistics = fitted(
            {
              kind: "schedule",
              momentum,
              varianceMomentum,
              variance,
              debias,
              ...(debias ? {} : { initial: start }),
            },
            Array.from({ length: steps }, () => batch),
          );
          expect([...statistics.mean].map((value) => value + 0)).toEqual(expected.mean.map((value) => value + 0));
          expect([...statistics.variance]).toEqual(expected.variance.map((value) => value + 0));
        },
      ),
      { numRuns: 5000 },
    );
  });

  it("lies between the batches where they differ, and is the last one at β = 0", () => {
    const batches = fc.array(fc.tuple(channelValue, channelValue.map(Math.abs)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(batches, momentum, fc.boolean(), (values, momentum, last) => {
        const statistics = fitted(
          { kind: "schedule", momentum: last ? 0 : momentum, debias: true },
          values.map(([mean, variance]) => ({ mean: [mean], variance: [variance], count: 9 })),
        );
        const means = values.map(([mean]) => mean);
        if (last) expect(statistics.mean[0]! + 0).toBe(means.at(-1)! + 0);
        expect(statistics.mean[0]).toBeGreaterThanOrEqual(Math.min(...means) - 1e-9);
        expect(statistics.mean[0]).toBeLessThanOrEqual(Math.max(...means) + 1e-9);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the debiased total variance", () => {
  it("is the variance of everything averaged so far", () => {
    const batches: [number, number][] = [
      [0, 1],
      [2, 3],
      [-4, 2],
    ];
    const count = 4;
    const { mean, variance } = fitted(
      { kind: "schedule", momentum: "1 - 1 / step", variance: "total", debias: true },
      batches.map(([mean, variance]) => ({ mean: [mean], variance: [variance], count })),
    );
    // means 0, 2, −4: mean −2/3, spread (0 + 4 + 16)/3 − 4/9 = 56/9; biased variances: ¾ of 2 on average
    expect(mean[0]).toBeCloseTo(-2 / 3, 14);
    expect(variance[0]).toBeCloseTo(1.5 + 56 / 9, 14);
    const forgetting = fitted(
      { kind: "schedule", momentum: 0.5, variance: "total", debias: true },
      batches.map(([mean, variance]) => ({ mean: [mean], variance: [variance], count })),
    );
    // weights 1/7, 2/7, 4/7: mean −12/7, second moments 0, 4, 16
    expect(forgetting.mean[0]).toBeCloseTo(-12 / 7, 14);
    expect(forgetting.variance[0]).toBeCloseTo((0.75 * (1 + 6 + 8)) / 7 + (8 + 64) / 7 - 144 / 49, 13);
  });
});

describe("a replay that goes on where the recording went on", () => {
  it("has the bits of a replay from the start, whole and channel by channel, and of a bank in training", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.tuple(channelValue, channelValue.map(Math.abs)), { minLength: 5, maxLength: 5 }), {
          minLength: 1,
          maxLength: 25,
        }),
        fc.record({ variance: estimators, debias: fc.boolean() }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 25 }),
        (steps, options, beta, pause) => {
          const layers = [
            { name: "first", channels: 3 },
            { name: "second", channels: 2 },
          ];
          const schedule = {
            ...options,
            momentum: (step: number, layer: number) => beta ** (1 + ((step + layer) % 3)),
          };
          const recorder = new TraceRecorder(layers, steps.length);
          const bank = new Bank(layers, [schedule]);
          const paused = new Replay(layers, schedule);
          for (const [index, values] of steps.entries()) {
            const batches = [values.slice(0, 3), values.slice(3)].map((ofLayer) => ({
              mean: Float32Array.from(ofLayer, ([mean]) => mean),
              variance: Float32Array.from(ofLayer, ([, variance]) => variance),
              count: 12,
            }));
            recorder.write(batches);
            bank.update(batches);
            if (index === pause) paused.to(recorder.trace());
          }
          const whole = replay(recorder.trace(), schedule);
          expect(paused.to(recorder.trace())).toEqual(whole);
          expect(paused.to(recorder.trace())).toEqual(whole);
          expect(layers.map((_, layer) => bank.statistics(0, layer))).toEqual(whole);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("names the step and the layer where a schedule leaves [0, 1]", () => {
    const recorder = new TraceRecorder([{ name: "norm", channels: 1 }], 3);
    for (let step = 0; step < 3; step++) recorder.write([{ mean: [0], variance: [1], count: 2 }]);
    expect(() => replay(recorder.trace(), { momentum: (step) => (step === 2 ? 1.5 : 0.9) })).toThrow(
      "momentum must be in [0, 1], got 1.5 at step 2 of layer norm",
    );
  });
});
