/**
 * Scores every policy on one trained network. Inference runs once for all policies up to the first batch norm, which
 * none affects, and for those with equal statistics as far as these are equal.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { concat, dispose, tensor, tidy } from "@tensorflow/tfjs-core";
import type { Dataset, Split } from "@/lib/datasets";
import { gather } from "@/lib/datasets";
import type { Calibration, InferenceCursor, PolicyFit, RunningStatistics, StatisticsSource } from "@/lib/dmbn";
import { fitPolicy } from "@/lib/dmbn";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { Answers } from "@/lib/evaluation";
import type { Network } from "@/lib/models";
import type { RunPlan } from "./plan";

/** Examples per chunk: a compromise between call overhead and memory. */
const CHUNK = 1000;

/** Labelled examples, by index into a split. */
export interface Examples {
  dataset: Dataset;
  split: Split;
  indices: ArrayLike<number>;
}

/** The examples of a plan's calibration and validation splits, and the whole test split. */
export const examplesOf = ({ dataset, indices }: RunPlan): Record<"calibration" | "validation" | "test", Examples> => ({
  calibration: { dataset, split: dataset.train, indices: indices.calibration },
  validation: { dataset, split: dataset.train, indices: indices.validation },
  test: { dataset, split: dataset.test, indices: allOf(dataset.test) },
});

const allOf = (split: Split): Uint32Array => Uint32Array.from({ length: split.count }, (_, index) => index);

/** Runs inference on `examples` up to the first batch norm, chunk by chunk. The caller disposes the cursors. */
function* begin(network: Network, { dataset, split, indices }: Examples, chunk = CHUNK): Generator<InferenceCursor> {
  for (let from = 0; from < indices.length; from += chunk) {
    const part = Array.prototype.slice.call(indices, from, from + chunk) as number[];
    const x = tensor(gather(split, part, dataset.normalization), [part.length, ...dataset.info.shape]);
    const cursor = network.start(x);
    x.dispose();
    yield cursor;
  }
}

/** A calibration set, cached on the device up to the first batch norm. The caller disposes it. */
export function calibrationOn(network: Network, examples: Examples): Calibration & { dispose(): void } {
  const cached = [...begin(network, examples)];
  return {
    layers: network.batchNorms,
    cursors(samples) {
      if (samples === null || samples >= examples.indices.length) return cached.map((cursor) => cursor.fork());
      return [
        ...begin(network, {
          ...examples,
          indices: Array.prototype.slice.call(examples.indices, 0, samples) as number[],
        }),
      ];
    },
    size: examples.indices.length,
    labels: labelsOf(examples),
    batches: (size, count) =>
      begin(network, { ...examples, indices: Array.prototype.slice.call(examples.indices, 0, size * count) }, size),
    dispose() {
      for (const cursor of cached) cursor.dispose();
    },
  };
}

/**
 * What the network predicts for each example under each of several sets of
 * statistics. GPU → CPU once per chunk.
 * @param statistics `[set][layer]`
 * @returns by set
 */
export const predict = (
  network: Network,
  examples: Examples,
  statistics: readonly (readonly RunningStatistics[])[],
): Promise<Answers[]> => resultOf(predicting(network, examples, statistics));

/** Like `predict`, but yields the number of examples done. */
async function* predicting(
  network: Network,
  examples: Examples,
  statistics: readonly (readonly RunningStatistics[])[],
): AsyncGenerator<number, Answers[], void> {
  const answers = statistics.map(() => answersTo(examples));
  const tree = treeOf(statistics);
  let done = 0;
  for (const start of begin(network, examples)) {
    await answer(start, tree, answers);
    done += start.value.shape[0]!;
    start.dispose();
    yield done;
  }
  return answers;
}

const labelsOf = ({ split, indices }: Examples) => Uint8Array.from(indices, (index) => split.labels[index]!);

const answersTo = (examples: Examples) => new Answers(labelsOf(examples));

/** Runs a generator to its end and returns its result. */
async function resultOf<Result>(generator: AsyncGenerator<unknown, Result, void>): Promise<Result> {
  for (;;) {
    const { done, value } = await generator.next();
    if (done) return value as Result;
  }
}

/** Sets of statistics that agree on all layers so far: inference runs once for all of them. */
interface Branch {
  /** Indices of the sets. */
  sets: number[];
  /** Of the next layer; none at the logits. */
  branches: { statistics: RunningStatistics; next: Branch }[];
}

const areEqual = (a: RunningStatistics, b: RunningStatistics): boolean =>
  a === b ||
  (a.mean.every((value, c) => value === b.mean[c]) && a.variance.every((value, c) => value === b.variance[c]));

/** The tree of sets of statistics, which branches where they differ first. @param statistics `[set][layer]` */
function treeOf(statistics: readonly (readonly RunningStatistics[])[]): Branch {
  const grow = (sets: number[], layer: number): Branch => {
    const branches: { statistics: RunningStatistics; sets: number[] }[] = [];
    for (const set of sets) {
      const own = statistics[set]![layer];
      if (!own) continue;
      const equal = branches.find((branch) => areEqual(branch.statistics, own));
      if (equal) equal.sets.push(set);
      else branches.push({ statistics: own, sets: [set] });
    }
    return {
      sets,
      branches: branches.map(({ statistics, sets }) => ({ statistics, next: grow(sets, layer + 1) })),
    };
  };
  return grow([...statistics.keys()], 0);
}

/**
 * Adds the answers to one chunk. `start` is a cursor before the first batch norm; it is not advanced. GPU → CPU.
 * @param answers by set
 */
async function answer(start: InferenceCursor, tree: Branch, answers: readonly Answers[]): Promise<void> {
  if (tree.sets.length === 0) return;
  const leaves: { sets: number[]; logits: Tensor }[] = [];
  /** Owns the cursor. */
  const descend = (cursor: InferenceCursor, { sets, branches }: Branch) => {
    if (branches.length === 0) {
      leaves.push({ sets, logits: cursor.value.clone() });
      cursor.dispose();
    }
    for (const [index, { statistics, next }] of branches.entries()) {
      const own = index + 1 < branches.length ? cursor.fork() : cursor;
      own.advance(statistics);
      descend(own, next);
    }
  };
  descend(start.fork(), tree);
  const all = tidy(() => concat(leaves.map(({ logits }) => logits)));
  dispose(leaves.map(({ logits }) => logits));
  const [, classes] = all.shape as [number, number];
  const values = await all.data<"float32">(); // GPU → CPU
  all.dispose();
  const size = values.length / leaves.length;
  for (const [index, { sets }] of leaves.entries())
    for (const set of sets) answers[set]!.add(values.subarray(index * size, (index + 1) * size), classes);
}

export interface ScoredPolicy {
  fit: PolicyFit;
  /** Class id for each test example, in the split's order. */
  predictions: Uint8Array;
  probabilities: ReturnType<Answers["probabilities"]>;
}

const scored = (fit: PolicyFit, answers: Answers): ScoredPolicy => ({
  fit,
  predictions: answers.predictions,
  probabilities: answers.probabilities(),
});

/**
 * Fits every policy on the calibration examples and predicts the test examples
 * under each.
 * @returns in the order of `policies`
 */
export const scorePolicies = (
  network: Network,
  source: StatisticsSource,
  policies: readonly MomentumPolicy[],
  examples: Record<"calibration" | "test", Examples>,
): Promise<ScoredPolicy[]> => resultOf(scoring(network, source, policies, examples));

/** Like `scorePolicies`, but yields the fraction done, from 0 to 1. Leaving the loop stops it. */
export async function* scoring(
  network: Network,
  source: StatisticsSource,
  policies: readonly MomentumPolicy[],
  { calibration, test }: Record<"calibration" | "test", Examples>,
): AsyncGenerator<number, ScoredPolicy[], void> {
  const calibrated = calibrationOn(network, calibration);
  const fits: PolicyFit[] = [];
  try {
    for (const policy of policies) {
      fits.push(await fitPolicy(policy, source, calibrated));
      yield (0.5 * fits.length) / policies.length;
    }
  } finally {
    calibrated.dispose();
  }
  const evaluation = predicting(
    network,
    test,
    fits.map(({ statistics }) => statistics),
  );
  for (;;) {
    const { done, value } = await evaluation.next();
    if (done) return fits.map((fit, index) => scored(fit, value[index]!));
    yield 0.5 + (0.5 * value) / test.indices.length;
  }
}

/** Scores one policy after another on the same network; each costs only the part of inference that it affects. */
export interface Scorer {
  /** Bit-identical to `scorePolicies`. Score one policy at a time. */
  score(policy: MomentumPolicy): Promise<ScoredPolicy>;
  dispose(): void;
}

/**
 * A scorer that caches calibration and test examples on the device up to the first batch norm, for trying policies one
 * after another. The caller disposes it.
 */
export function scorerOn(
  network: Network,
  source: StatisticsSource,
  { calibration, test }: { calibration: Examples; test: Examples },
): Scorer {
  const calibrated = calibrationOn(network, calibration);
  const cached = [...begin(network, test)];
  return {
    async score(policy) {
      const fit = await fitPolicy(policy, source, calibrated);
      const answers = answersTo(test);
      const tree = treeOf([fit.statistics]);
      for (const start of cached) await answer(start, tree, [answers]);
      return scored(fit, answers);
    },
    dispose() {
      calibrated.dispose();
      for (const cursor of cached) cursor.dispose();
    },
  };
}
