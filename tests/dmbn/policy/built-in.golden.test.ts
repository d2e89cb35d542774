import { describe, expect, it } from "vitest";
import type { RunShape } from "@/lib/dmbn/policy";
import {
  builtInPolicies,
  checkMomentum,
  defaultCandidates,
  describeMomentum,
  momentumSchedule,
  momentumWindow,
  parsePolicy,
  policyHash,
  pyTorchMomentum,
  staticSweep,
} from "@/lib/dmbn/policy";
import { golden } from "../../support/golden";

const shape = (over: Partial<RunShape> = {}): RunShape => ({
  steps: 1000,
  stepsPerEpoch: 100,
  epochs: 10,
  batchSize: 64,
  learningRate: 0.02,
  layers: [{ channels: 256 }, { channels: 64 }],
  ...over,
});
const policy = (slug: string) =>
  builtInPolicies.find((builtIn) => builtIn.slug === slug) ?? expect.fail(`no built-in ${slug}`);
const expressionOf = (slug: string): string => {
  const { document } = policy(slug);
  return document.kind === "schedule" ? document.momentum : expect.fail(`${slug} is no schedule`);
};

describe("the golden momenta", () => {
  const { rows } = golden<{
    rows: { step: number; epoch: number; batchSize: number; momentum: Record<string, number> }[];
  }>("policies");

  it.each(rows)("match at step $step, epoch $epoch, batch size $batchSize", ({ step, epoch, batchSize, momentum }) => {
    expect(Object.keys(momentum).length).toBeGreaterThan(0);
    // rows combine any step and epoch: choose an epoch length, maybe fractional, that fits both
    const run = shape({
      steps: step,
      stepsPerEpoch: Math.max(1, epoch === 0 ? step : (step - 1) / (epoch + 0.5)),
      epochs: epoch + 1,
      batchSize,
    });
    for (const [slug, expected] of Object.entries(momentum)) {
      expect(momentumSchedule(expressionOf(slug), run)(step, 0), slug).toBeCloseTo(expected, 12);
    }
  });
});

describe("the published rules", () => {
  // Each rule again, written as in its source: step by step, with weights of the new value.
  const { cos, floor, PI, sqrt } = Math;
  const half = (share: number) => (1 + cos(PI * share)) / 2;
  const adab2n = (step: number) => {
    let eta = sqrt(0.1);
    for (let t = 2; t <= step; t++) eta = eta / (eta + sqrt(0.9));
    return 1 - eta;
  };
  const dua = (step: number) => {
    let momentum = 0.1;
    for (let t = 1; t <= step; t++) momentum *= 0.94;
    return 1 - (momentum + 0.005);
  };
  const debiased = (step: number) => {
    let [sum, weight] = [0, 0];
    for (let t = 1; t <= step; t++) [sum, weight] = [0.999 * sum + (t === step ? 0.001 : 0), 0.999 * weight + 0.001];
    return 1 - sum / weight;
  };
  const rules: Record<string, (step: number, epoch: number, run: RunShape) => number> = {
    "pytorch-default": () => 0.9,
    "keras-efficientnet-v2": () => 0.9,
    "keras-default": () => 0.99,
    "tf-resnet": () => 0.997,
    "tpu-inception-v3": () => 0.996,
    "tpu-inception-v4": () => 0.995,
    "keras-mobilenet-v2": () => 0.999,
    fixmatch: () => 0.999,
    nasnet: () => 0.9997,
    yolo: () => 0.97,
    tabnet: () => 0.98,
    airbench: () => 0.6,
    "cumulative-average": (step) => (step - 1) / step,
    "debiased-0.999": debiased,
    "debiased-0.999-biased": debiased,
    "tf-warm-up-0.999": (step) => (step >= 8990 ? 0.999 : (1 + step) / (10 + step)),
    "power-warm-up-0.9999": (step) => Math.min(0.9999, 1 - 1 / Math.cbrt((1 + step) ** 2)),
    pointnet: (step, _, { batchSize }) => 1 - Math.max(0.01, 0.5 / 2 ** floor((step * batchSize) / 200_000)),
    votenet: (_, epoch) => 1 - Math.max(0.5 / 2 ** floor(epoch / 20), 0.001),
    "torch-points3d": (_, epoch) => 1 - Math.max(0.1 * 0.9 ** floor(epoch / 10), 0.01),
    "cvnets-cosine": (step, _, { steps }) => 1 - (1e-6 + (0.1 - 1e-6) * half(step / steps)),
    "cvnets-linear": (step, _, { steps }) => 0.9 + (step / steps) * (0.1 - 1e-6),
    "momentum-squared-cosine": (step, _, { steps }) => 1 - half(step / steps),
    "byol-cosine": (step, _, { steps }) => 1 - 0.004 * half(step / steps),
    dua,
    "adab2n-0.5": adab2n,
    "static-0": () => 0,
    "static-0.5": () => 0.5,
    "static-0.8": () => 0.8,
    "static-0.95": () => 0.95,
    "static-0.99": () => 0.99,
    "static-0.9995": () => 0.9995,
  };
  const schedules = builtInPolicies.filter(({ document }) => document.kind === "schedule").map(({ slug }) => slug);

  it("are all tested here", () => {
    expect(Object.keys(rules).sort()).toEqual([...schedules].sort());
  });

  it.each(schedules)("%s follows its source at every step", (slug) => {
    for (const run of [
      shape({ steps: 12_000, stepsPerEpoch: 60, epochs: 200, batchSize: 128 }),
      shape({ steps: 37, stepsPerEpoch: 37, epochs: 1, batchSize: 4 }),
    ]) {
      const momentum = momentumSchedule(expressionOf(slug), run);
      for (let step = 1; step <= run.steps; step += step < 40 ? 1 : 397) {
        expect(momentum(step, 0), `step ${step}`).toBeCloseTo(
          rules[slug]!(step, floor((step - 1) / run.stepsPerEpoch), run),
          10,
        );
      }
    }
  });

  it.each(builtInPolicies.map((builtIn) => [builtIn.slug, builtIn] as const))(
    "%s can run: short, long, with one step and with none",
    (_, { document }) => {
      for (const run of [
        shape(),
        shape({ steps: 46_900, stepsPerEpoch: 469, epochs: 100 }),
        shape({ steps: 1, stepsPerEpoch: 1, epochs: 1, batchSize: 1 }),
        shape({ steps: 0 }),
      ]) {
        expect(() => checkMomentum(document, run)).not.toThrow();
      }
    },
  );

  it("are distinct canonical documents with distinct slugs, each with a source", () => {
    expect(new Set(builtInPolicies.map(({ slug }) => slug)).size).toBe(builtInPolicies.length);
    expect(new Set(builtInPolicies.map(({ document }) => policyHash(document))).size).toBe(builtInPolicies.length);
    for (const { slug, name, document, rule, description, source } of builtInPolicies) {
      expect(slug).toMatch(/^[a-z0-9][a-z0-9.-]{0,63}$/);
      expect(parsePolicy(document)).toEqual(document);
      for (const text of [name, rule, description, source.title]) expect(text).not.toBe("");
    }
  });

  it("average the variance that their sources do: biased where Keras, Haiku, PointNet or AdaB²N is the source", () => {
    const biased = builtInPolicies.flatMap(({ slug, document }) =>
      document.kind === "schedule" && document.variance === "biased" ? [slug] : [],
    );
    expect(biased.sort()).toEqual([
      "adab2n-0.5",
      "debiased-0.999-biased",
      "keras-default",
      "keras-efficientnet-v2",
      "keras-mobilenet-v2",
      "nasnet",
      "pointnet",
    ]);
    expect(policy("pointnet").document).toMatchObject({ initial: { mean: 0, variance: 0 } });
  });

  it("include the static sweep from short to long memory", () => {
    expect(staticSweep).toEqual([
      "static-0",
      "static-0.5",
      "static-0.8",
      "pytorch-default",
      "static-0.95",
      "tabnet",
      "static-0.99",
      "tpu-inception-v4",
      "tf-resnet",
      "fixmatch",
      "static-0.9995",
      "cumulative-average",
    ]);
    expect(staticSweep.map(expressionOf)).toEqual(defaultCandidates);
  });
});

describe("a momentum in words", () => {
  it("names the weight of the old average and PyTorch's value", () => {
    expect(describeMomentum(0.9)).toBe("keeps 0.9 of the old average (PyTorch 0.1)");
    expect(describeMomentum(0)).toBe("keeps 0 of the old average (PyTorch 1)");
    expect(describeMomentum(0.9995)).toBe("keeps 0.9995 of the old average (PyTorch 0.0005)");
    expect(pyTorchMomentum(0.99)).toBe(0.01);
  });

  it("has a window of 1/(1−β) batches", () => {
    expect(momentumWindow(0.5)).toBe(2);
    expect(momentumWindow(0.99)).toBeCloseTo(100, 10);
    expect(momentumWindow(1)).toBe(Infinity);
  });
});
