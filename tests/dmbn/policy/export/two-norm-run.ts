/**
 * One training run of a network with two batch norms, `[3, 2] → dense 4 → norm → relu → flatten → dense 5 → norm →
 * relu → dense 3`: the data and initial weights for any library that trains it, and the results of `fitPolicy` on the
 * batch statistics that the library reports.
 */
import * as tf from "@tensorflow/tfjs";
import type { BatchNormLayer, Trace } from "@/lib/dmbn";
import { fitPolicy, fromTrace, SequentialNetwork } from "@/lib/dmbn";
import type { MomentumPolicy, RunShape } from "@/lib/dmbn/policy";
import { scheduleOn } from "@/lib/dmbn/policy";
import { normals } from "@/lib/random/normals";

tf.env().set("PROD", true); // no hint in the console to install tfjs-node

/** Selects the CPU backend, on which our library measures. */
export async function useCpu(): Promise<void> {
  await tf.setBackend("cpu");
}

/** Long enough for the closed form to measure over a quarter of it, 18 steps, instead of its minimum window of 16. */
export const run: Omit<RunShape, "layers"> & { layers: readonly BatchNormLayer[] } = {
  steps: 72,
  stepsPerEpoch: 6,
  epochs: 12,
  batchSize: 8,
  learningRate: 0.05,
  layers: [
    { name: "first", channels: 4 },
    { name: "second", channels: 5 },
  ],
};

export const inputShape = [3, 2];
export const widths = { first: 4, second: 5, output: 3 };
/** Two batches of 64, which built-in recalibrations take. */
export const calibrationExamples = 128;

/** Flat arrays, row-major; a kernel is `[inputs, outputs]`. */
interface DenseWeights {
  kernel: number[];
  bias: number[];
}

const normal = normals(9);
const numbers = (length: number, scale = 1, shift = 0) => Array.from({ length }, () => shift + scale * normal());
const dense = (inputs: number, outputs: number): DenseWeights => ({
  kernel: numbers(inputs * outputs, Math.sqrt(2 / inputs)),
  bias: numbers(outputs, 0.5),
});

/** Training data: batches `[step][example][3][2]` in order, and targets `[step][example][3]`. */
export const task = {
  ...run,
  inputShape,
  images: numbers(run.steps * run.batchSize * 6, 1, 0.5),
  targets: numbers(run.steps * run.batchSize * widths.output),
  calibration: numbers(calibrationExamples * 6, 1, 0.5),
  labels: Array.from({ length: calibrationExamples }, (_, example) => (7 * example ** 2 + example) % widths.output),
  weights: [dense(2, widths.first), dense(3 * widths.first, widths.second), dense(widths.second, widths.output)],
};

/** A dense layer and the batch norm after it. */
interface NormWeights extends DenseWeights {
  scale: number[];
  offset: number[];
}

/** The initial weights. */
export const unlearned: readonly NormWeights[] = run.layers.map(({ channels }, layer) => ({
  ...task.weights[layer]!,
  scale: new Array<number>(channels).fill(1),
  offset: new Array<number>(channels).fill(0),
}));

type Norm = ReturnType<typeof tf.layers.batchNormalization>;
type Dense = ReturnType<typeof tf.layers.dense>;

/** The network in tf.layers, with the given norms and dense weights. */
export function network(norms: readonly Norm[], weights: readonly DenseWeights[] = task.weights): tf.Sequential {
  const [first, second, last] = weights.map(({ bias }, layer) =>
    tf.layers.dense({ units: bias.length, ...(layer === 0 ? { inputShape } : {}) }),
  ) as [Dense, Dense, Dense];
  const relu = () => tf.layers.activation({ activation: "relu" });
  const model = tf.sequential({
    layers: [first, norms[0]!, relu(), tf.layers.flatten(), second, norms[1]!, relu(), last],
  });
  [first, second, last].forEach((layer, index) => {
    const { kernel, bias } = weights[index]!;
    layer.setWeights([tf.tensor2d(kernel, [kernel.length / bias.length, bias.length]), tf.tensor1d(bias)]);
  });
  return model;
}

/** A library's report of its run, with flat arrays `[steps, channels]`; the variance is unbiased. */
export interface Report {
  layers: { count: number; mean: number[]; variance: number[] }[];
  /** Of the two norms, after training. */
  weights: readonly NormWeights[];
  /** The dense layer behind them, after training; only choices by labels read it. Default: as it began. */
  last?: DenseWeights;
}

/** Final running statistics of the two norms. */
export type NormStatistics = { mean: ArrayLike<number>; variance: ArrayLike<number> }[];

/** The trace of a reported run. Unlike recorded traces it has double precision, and so have replays on it. */
function traceOf({ layers }: Report): Trace {
  const doubles = (values: number[]) => Float64Array.from(values) as unknown as Float32Array;
  return {
    steps: layers[0]!.mean.length / run.layers[0]!.channels,
    layers: layers.map(({ count, mean, variance }, layer) => ({
      ...run.layers[layer]!,
      count,
      mean: doubles(mean),
      variance: doubles(variance),
    })),
  };
}

/** The statistics that our library fits to a reported run, as a function of the policy. */
export function fitOn(report: Report, shape: RunShape = run): (policy: MomentumPolicy) => Promise<NormStatistics> {
  const norms = report.weights.map(() => tf.layers.batchNormalization({ momentum: 0, epsilon: 1e-5 }));
  const model = network(norms, [...report.weights, report.last ?? task.weights[2]!]);
  norms.forEach((norm, layer) => {
    const { scale, offset } = report.weights[layer]!;
    norm.setWeights([tf.tensor1d(scale), tf.tensor1d(offset), ...norm.getWeights().slice(2)]);
  });
  const calibration = new SequentialNetwork(model).calibrationOn(
    tf.tensor(task.calibration, [calibrationExamples, ...inputShape]),
    task.labels,
  );
  const source = fromTrace(traceOf(report), scheduleOn(shape));
  return async (policy) => {
    const { statistics } = await fitPolicy(policy, source, {
      ...calibration,
      cursors: (samples) => calibration.cursors(samples === null ? null : Math.min(samples, calibrationExamples)),
    });
    return statistics;
  };
}

/** The largest difference, relative for values above 1; NaN if anything is not a number. */
function difference(actual: NormStatistics, expected: NormStatistics): number {
  const values = (statistics: NormStatistics) =>
    statistics.flatMap(({ mean, variance }) => [...Array.from(mean), ...Array.from(variance)]);
  const other = values(actual);
  return Math.max(
    ...values(expected).map((value, index) => Math.abs(other[index]! - value) / Math.max(1, Math.abs(value))),
  );
}

/** The outcome of a program: the final statistics of its norms, or why it failed. */
export type Outcome = { statistics: NormStatistics } | { error: string };

/** A program that ran, and the expected statistics of its norms. */
export interface Trial {
  name: string;
  outcome: Outcome;
  expected: NormStatistics;
}

/** The trials that failed, by name: an error, or a difference beyond `tolerance` from the expected statistics. */
export function mismatches(trials: readonly Trial[], tolerance: number): Record<string, string> {
  const failures: Record<string, string> = {};
  for (const { name, outcome, expected } of trials) {
    if ("error" in outcome) failures[name] = outcome.error;
    else {
      const distance = difference(outcome.statistics, expected);
      if (!(distance <= tolerance)) failures[name] = `differs by ${distance}`;
    }
  }
  return failures;
}

/** A program that is wrong on purpose: in the code of `policy`, `to` replaces `from`. */
export interface Mutant {
  name: string;
  policy: MomentumPolicy;
  from: string;
  to: string;
}
