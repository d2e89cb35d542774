import type { Tensor } from "@tensorflow/tfjs";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { MomentumPolicy, RunShape } from "@/lib/dmbn/policy";
import { builtInPolicies, recalibrate, schedule, select } from "@/lib/dmbn/policy";
import { toTfLayers } from "@/lib/dmbn/policy/export";
import { distinctIn } from "./policies";
import type { Mutant, NormStatistics, Outcome, Report, Trial } from "./two-norm-run";
import {
  calibrationExamples,
  fitOn,
  inputShape,
  mismatches,
  network,
  run,
  task,
  unlearned,
  useCpu,
  widths,
} from "./two-norm-run";

const AsyncFunction = (async () => {}).constructor as new (
  ...text: string[]
) => (...values: unknown[]) => Promise<void>;
const policies = distinctIn(toTfLayers).filter(({ policy }) => !(policy.kind === "recalibrate" && policy.correction));

describe("a policy as tf.layers code", () => {
  it("is one setting if β is constant: β", () => {
    expect(toTfLayers(schedule(0.9)).code).toBe(
      "const norm = tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 });",
    );
  });

  it("is a callback if β changes", () => {
    expect(toTfLayers(builtInPolicies.find(({ slug }) => slug === "pointnet")!.document).code).toContain(
      "Math.min(0.99, 1 - 0.5 * Math.pow(0.5, Math.floor(step * batchSize / 200000)))",
    );
  });

  it("is a valid program in JavaScript", () => {
    for (const { policy } of policies)
      expect(() => new AsyncFunction(toTfLayers(policy).code), toTfLayers(policy).code).not.toThrow();
  });
});

/** Shorter than the run of the other libraries, whose length isn't needed here. */
const shape: RunShape = { ...run, stepsPerEpoch: 4, epochs: 2, steps: 8 };
const examples = shape.stepsPerEpoch * shape.batchSize;

/** The chosen momentum of each layer, as input for the programs of selections. */
const chosen = [0.9, 0.5];

type Norm = ReturnType<typeof tf.layers.batchNormalization>;

/** The batch norm that a program declares for the network, else one with all defaults except ε. */
function normOf(code: string): Norm {
  const declared =
    /^const norm = .*$/m.exec(code)?.[0] ?? "const norm = tf.layers.batchNormalization({ epsilon: 1e-5 });";
  return (new Function("tf", `${declared}\nreturn norm;`) as (library: typeof tf) => Norm)(tf);
}

/** Records the statistics of each training batch before `norm`, computed from the values. */
function record(norm: Norm): Report["layers"][number] {
  const layer: Report["layers"][number] = { count: 0, mean: [], variance: [] };
  const call = norm.call.bind(norm);
  norm.call = (inputs, options) => {
    if (options.training === true) {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as Tensor;
      const channels = x.shape.at(-1)!;
      const values = x.dataSync<"float32">();
      layer.count = values.length / channels;
      for (let c = 0; c < channels; c++) {
        const ofChannel = values.filter((_, index) => index % channels === c);
        const mean = ofChannel.reduce((sum, value) => sum + value, 0) / layer.count;
        layer.mean.push(mean);
        layer.variance.push(ofChannel.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (layer.count - 1));
      }
    }
    return call(inputs, options);
  };
  return layer;
}

interface Execution {
  report: Report;
  outcome: Outcome;
  /** Tensors that training or calibrating leaked. */
  left: number;
}

/** Runs a program, and then trains if the program neither trains nor calibrates. */
async function execute(code: string, calibrationBatch: number | null): Promise<Execution> {
  tf.engine().startScope();
  const norms = [normOf(code), normOf(code)];
  const model = network(norms);
  model.compile({ optimizer: tf.train.sgd(shape.learningRate), loss: "meanSquaredError" });
  const layers = norms.map(record);
  const images = tf.tensor(task.images.slice(0, examples * 6), [examples, ...inputShape]);
  const labels = tf.tensor(task.targets.slice(0, examples * widths.output), [examples, widths.output]);
  const calibration = tf.tensor(task.calibration, [calibrationExamples, ...inputShape]);
  const names = {
    tf,
    model,
    images,
    labels,
    chosen,
    epochs: shape.epochs,
    batchSize: calibrationBatch ?? shape.batchSize,
    learningRate: shape.learningRate,
    calibrationBatches: calibrationBatch === null ? [] : tf.split(calibration, calibrationExamples / calibrationBatch),
  };
  const before = tf.memory().numTensors;
  await new AsyncFunction(...Object.keys(names), code)(...Object.values(names));
  if (layers[0]!.count === 0) await model.fit(images, labels, { epochs: shape.epochs, batchSize: shape.batchSize });
  const left = tf.memory().numTensors - before;
  const statistics: NormStatistics = norms.map((norm) => {
    const [mean, variance] = norm.getWeights().slice(2) as [Tensor, Tensor]; // after scale and offset
    return { mean: mean.dataSync(), variance: variance.dataSync() };
  });
  model.dispose();
  tf.engine().endScope();
  return { report: { layers, weights: unlearned }, outcome: { statistics }, left };
}

interface Case {
  name: string;
  code: string;
  calibrationBatch: number | null;
  /** The policy that the program follows, according to its notes. */
  followed: MomentumPolicy;
}

/** What a recalibration over several batches follows, all with the same weight. */
const averaged = schedule("1 - 1 / step", { variance: "biased" });

/** The case of a policy. A recalibration measures on one batch, for which tf.layers and our library agree. */
function caseOf(name: string, policy: MomentumPolicy): Case {
  const { code } = toTfLayers(policy);
  if (policy.kind === "recalibrate") {
    if (policy.batches) return { name, code, calibrationBatch: policy.batches.size, followed: averaged };
    const calibrationBatch = Math.min(policy.samples ?? Infinity, calibrationExamples);
    return { name, code, calibrationBatch, followed: policy };
  }
  const momenta = schedule(`layer == 0 ? ${chosen[0]} : ${chosen[1]}`);
  const followed = { ...(policy.kind === "schedule" ? policy : momenta), variance: "biased" as const };
  return { name, code, calibrationBatch: null, followed };
}

/** A recalibration over several batches. */
const overBatches: Case = {
  name: "recalibrate, in batches of 8",
  code: toTfLayers(recalibrate({ samples: 40 })).code,
  calibrationBatch: 8,
  followed: averaged,
};

async function trial({ name, code, calibrationBatch, followed }: Case): Promise<Trial> {
  const { report, outcome } = await execute(code, calibrationBatch);
  return { name, outcome, expected: await fitOn(report, shape)(followed) };
}

const apart = schedule("0.9", { varianceMomentum: "0.5" });
const debiased = schedule("0.9", { debias: true });
const moving = schedule("1 - 1 / (1 + step)");
const started = schedule("0.99", { initial: { mean: 1, variance: 2 } });

const mutants: readonly Mutant[] = [
  { name: "1 − β for β", policy: schedule("0.9"), from: "momentum: 0.9", to: "momentum: 0.1" },
  { name: "1 − β for β in a callback", policy: moving, from: "momentum = meanBeta", to: "momentum = 1 - meanBeta" },
  { name: "steps from 0", policy: moving, from: "step = 0", to: "step = -1" },
  { name: "different initial values", policy: started, from: "value: 2", to: "value: 1" },
  { name: "the sign of the debiasing", policy: debiased, from: "= 1 - (1 - meanBeta)", to: "= 1 + (1 - meanBeta)" },
  {
    name: "swapped weights",
    policy: apart,
    from: "old.mul(beta).add(batch.mul(1 - beta))",
    to: "old.mul(1 - beta).add(batch.mul(beta))",
  },
  {
    name: "a mean for a variance",
    policy: apart,
    from: "norm.movingVariance.read(), v",
    to: "norm.movingMean.read(), v",
  },
  { name: "the mean's β for both", policy: apart, from: "varianceBeta = 0.5", to: "varianceBeta = meanBeta" },
  { name: "reversed choices", policy: select(), from: "chosen[layer]", to: "chosen[1 - layer]" },
  { name: "more data", policy: recalibrate({ samples: 16 }), from: "floor(16 /", to: "floor(48 /" },
];

describe("tf.layers programs on a network with two norms", () => {
  beforeAll(async () => {
    await useCpu();
    vi.spyOn(Math, "random").mockReturnValue(0.3); // fixes the order of examples in model.fit
    return () => vi.restoreAllMocks();
  });

  const mismatchesOf = async (cases: readonly Case[], tolerance: number) => {
    const trials: Trial[] = [];
    for (const each of cases) trials.push(await trial(each));
    return mismatches(trials, tolerance);
  };
  const all = policies.map(({ name, policy }) => caseOf(name, policy));

  it("average like our replay for every schedule and every choice, to single precision", async () => {
    expect(
      await mismatchesOf(
        all.filter(({ calibrationBatch }) => calibrationBatch === null),
        1e-6,
      ),
    ).toEqual({});
  });

  it("recalibrate, on one batch like our library and over several with their plain average", async () => {
    const recalibrations = all.filter(({ calibrationBatch }) => calibrationBatch !== null);
    expect(recalibrations.length).toBeGreaterThan(1);
    expect(await mismatchesOf([...recalibrations, overBatches], 1e-6)).toEqual({});
  });

  it("leak no more tensors than model.fit does", async () => {
    const { left } = await execute(toTfLayers(schedule("0.9")).code, null);
    for (const policy of [moving, debiased, apart])
      expect((await execute(toTfLayers(policy).code, null)).left).toBe(left);
  });

  it.each(mutants)("are detected as wrong with $name", async (mutant) => {
    const { code, ...rest } = caseOf(mutant.name, mutant.policy);
    const failures = await mismatchesOf([{ ...rest, code: code.replaceAll(mutant.from, mutant.to) }], 1e-3);
    expect(failures).toEqual({ [mutant.name]: expect.stringContaining("differs by") });
  });
});
