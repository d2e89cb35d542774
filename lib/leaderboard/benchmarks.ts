/**
 * The benchmarks: data set, network and recipe under one immutable name and version. A change to any of them is a new
 * version with its own board.
 */
import type { Recipe } from "@/lib/records";

export interface Benchmark {
  slug: string;
  version: number;
  title: string;
  /** One sentence: what this regime shows. */
  summary: string;
  recipe: Recipe;
  /** How many held-out runs its methods are ranked on. More can be recorded later; the recipe stays the same. */
  heldOutRuns: number;
  /**
   * The largest share of a method's predictions in which a run on another backend differs from one on WASM, with room:
   * see tests/bench/RESULTS.md. Left out where rounding changes all of a run.
   */
  auditBound?: number;
  /** Whether a run takes days without a GPU: a site records it only if its settings name it. */
  needsGpu?: boolean;
}

/**
 * Runs of a board: as many as tell its methods apart at a price worth paying. On the digits, where a run takes seconds,
 * 10 runs separate 18 % of all pairs, 20 separate 26 % and 50 separate 30 %. 10,000 test images cost thirty times as
 * much a run and leave less chance in each, so 30 where the momentum decides points and 20 where it decides tenths. Of
 * a convolutional network each run takes minutes: little more than the 10 that ranks need at all.
 */
const runs = { digits: 50, wide: 30, close: 20, fashionConvolutions: 12, cifarConvolutions: 10, resNets: 10 } as const;

const defaults = {
  width: 1,
  maxSteps: null,
  learningRateSchedule: "constant",
  optimizer: "sgd",
  sgdMomentum: 0.9,
  weightDecay: 0,
  epsilon: 1e-5,
  augment: false,
} as const;

const heldBack = { calibrationSize: 5000, validationSize: 5000 } as const;

const heldBackFromDigits = { calibrationSize: 200, validationSize: 200 } as const;

/**
 * Convolutional networks, scored on the first test images: scoring forty policies on 10,000 takes as long as many
 * trainings. The last layer starts at zero, so that the first loss is that of chance.
 */
const convolutions = {
  ...defaults,
  calibrationSize: 500,
  validationSize: 500,
  batchSize: 32,
  learningRate: 0.02,
  logits: "zeros",
} as const;

const cnn = { ...convolutions, model: "cnn", epochs: 2, testSize: 2000 } as const;

/** As many steps as two epochs of the 10,000 images of a CIFAR data set that its published results were trained on. */
const cifarCnn = { ...cnn, maxSteps: 562 } as const;

const narrowResNet = {
  ...convolutions,
  model: "resnet-50",
  width: 1 / 8,
  epochs: 3,
  maxSteps: 600,
  testSize: 1000,
} as const;

/** All of the data, as residual networks are usually trained. */
const wholeResNet = {
  ...defaults,
  model: "resnet-50",
  epochs: 30,
  batchSize: 128,
  learningRate: 0.1,
  learningRateSchedule: "cosine",
  weightDecay: 5e-4,
  calibrationSize: 1000,
  validationSize: 1000,
  augment: true,
} as const;

export const benchmarks: readonly Benchmark[] = [
  {
    slug: "digits-mlp",
    version: 1,
    title: "Digits, MLP",
    summary: "Small enough to train in seconds anywhere: 8×8 handwritten digits.",
    auditBound: 0.01,
    heldOutRuns: runs.digits,
    recipe: {
      ...defaults,
      ...heldBackFromDigits,
      dataset: "digits",
      model: "mlp",
      epochs: 10,
      batchSize: 32,
      learningRate: 0.05,
    },
  },
  // What to expect of the next three is the mean over four seeds, within about a point.
  // In bn, % of test images: β = .9 95, cumulative 95, β = .99 90, β = .9995 86. In bn-bfn 95, 95, 88, 80.
  {
    slug: "digits-mlp-short",
    version: 1,
    title: "Digits, MLP, short run",
    summary: "One epoch, 32 steps: an average with a long memory has not caught up when training ends.",
    auditBound: 0.01,
    heldOutRuns: runs.digits,
    recipe: {
      ...defaults,
      ...heldBackFromDigits,
      dataset: "digits",
      model: "mlp",
      epochs: 1,
      batchSize: 32,
      learningRate: 0.05,
    },
  },
  // In bn: DMBN of the biased variance 87, recalibration 86, DMBN 85, β = .99 82, .9 77, .5 68, 0 33.
  // In bn-bfn: all but the shortest and the longest memories between 81 and 88.
  {
    slug: "digits-mlp-deep-b4",
    version: 1,
    title: "Digits, deep MLP, batch 4",
    summary: "Six narrow layers at batch 4: the memory, and which variance is averaged, decide tens of points.",
    heldOutRuns: runs.digits,
    recipe: {
      ...defaults,
      ...heldBackFromDigits,
      dataset: "digits",
      model: "mlp-deep",
      epochs: 4,
      batchSize: 4,
      learningRate: 0.02,
    },
  },
  // In bn: recalibration and β = .9 96, DMBN 96, β = .95 95, cumulative 93, β = .99 82, .9995 62.
  // In bn-bfn: 96 to 94, hardly any difference.
  {
    slug: "digits-cnn",
    version: 1,
    title: "Digits, CNN",
    summary: "65 steps of a small convolutional network, whose statistics move while the averages follow.",
    heldOutRuns: runs.digits,
    recipe: {
      ...defaults,
      ...heldBackFromDigits,
      dataset: "digits",
      model: "cnn",
      width: 0.5,
      epochs: 1,
      batchSize: 16,
      learningRate: 0.02,
    },
  },
  {
    slug: "mnist-mlp",
    version: 1,
    title: "MNIST, MLP",
    summary: "The comfortable case: three epochs at batch 64, where most momenta do well.",
    heldOutRuns: runs.close,
    recipe: { ...defaults, ...heldBack, dataset: "mnist", model: "mlp", epochs: 3, batchSize: 64, learningRate: 0.02 },
  },
  {
    slug: "mnist-mlp-deep-b4",
    version: 1,
    title: "MNIST, deep MLP, batch 4",
    summary: "Six narrow layers at batch 4 on MNIST: batch statistics are so noisy that the momentum decides points.",
    heldOutRuns: runs.wide,
    recipe: {
      ...defaults,
      ...heldBack,
      dataset: "mnist",
      model: "mlp-deep",
      epochs: 1,
      maxSteps: 3000,
      batchSize: 4,
      learningRate: 0.02,
    },
  },
  {
    slug: "fashion-mnist-mlp",
    version: 1,
    title: "Fashion-MNIST, MLP",
    summary: "The dissertation's headline data set, three epochs at batch 64.",
    heldOutRuns: runs.close,
    recipe: {
      ...defaults,
      ...heldBack,
      dataset: "fashion-mnist",
      model: "mlp",
      epochs: 3,
      batchSize: 64,
      learningRate: 0.02,
    },
  },
  {
    slug: "fashion-mnist-mlp-short",
    version: 1,
    title: "Fashion-MNIST, MLP, short run",
    summary: "138 steps at batch 128: an average with a long memory has not caught up when training ends.",
    auditBound: 0.002,
    heldOutRuns: runs.wide,
    recipe: {
      ...defaults,
      ...heldBack,
      dataset: "fashion-mnist",
      model: "mlp",
      epochs: 1,
      maxSteps: 138,
      batchSize: 128,
      learningRate: 0.05,
    },
  },
  {
    slug: "fashion-mnist-mlp-deep-b4",
    version: 1,
    title: "Fashion-MNIST, deep MLP, batch 4",
    summary: "Six narrow layers at batch 4: batch statistics are so noisy that the momentum decides tens of points.",
    heldOutRuns: runs.wide,
    recipe: {
      ...defaults,
      ...heldBack,
      dataset: "fashion-mnist",
      model: "mlp-deep",
      epochs: 1,
      maxSteps: 3000,
      batchSize: 4,
      learningRate: 0.02,
    },
  },
  {
    slug: "fashion-mnist-mlp-deep-b8",
    version: 1,
    title: "Fashion-MNIST, deep MLP, batch 8",
    summary: "The same deep network at batch 8, where memories between 10 and 1,000 batches come close to each other.",
    heldOutRuns: runs.wide,
    recipe: {
      ...defaults,
      ...heldBack,
      dataset: "fashion-mnist",
      model: "mlp-deep",
      epochs: 1,
      maxSteps: 3000,
      batchSize: 8,
      learningRate: 0.02,
    },
  },
  {
    slug: "fashion-mnist-cnn",
    version: 2,
    title: "Fashion-MNIST, CNN",
    summary: "Two epochs of a convolutional network at half width, scored on 2,000 test images.",
    heldOutRuns: runs.fashionConvolutions,
    recipe: { ...cnn, dataset: "fashion-mnist", width: 1 / 2 },
  },
  {
    slug: "cifar-10-cnn",
    version: 2,
    title: "CIFAR-10, CNN",
    summary: "562 steps of the same network at full width on colour photographs, scored on 2,000 test images.",
    heldOutRuns: runs.cifarConvolutions,
    recipe: { ...cifarCnn, dataset: "cifar-10" },
  },
  {
    slug: "cifar-100-cnn",
    version: 1,
    title: "CIFAR-100, CNN",
    summary: "562 steps with a hundred classes, scored on 2,000 test images.",
    heldOutRuns: runs.cifarConvolutions,
    recipe: { ...cifarCnn, dataset: "cifar-100" },
  },
  {
    slug: "cifar-10-resnet-50",
    version: 1,
    title: "CIFAR-10, ResNet-50 × ⅛",
    summary: "600 steps of 53 batch norms, an eighth as wide as the dissertation's, scored on 1,000 test images.",
    heldOutRuns: runs.resNets,
    recipe: { ...narrowResNet, dataset: "cifar-10" },
  },
  {
    slug: "cifar-100-resnet-50",
    version: 1,
    title: "CIFAR-100, ResNet-50 × ⅛",
    summary: "600 steps of 53 batch norms with a hundred classes, scored on 1,000 test images.",
    heldOutRuns: runs.resNets,
    recipe: { ...narrowResNet, dataset: "cifar-100" },
  },
  {
    slug: "cifar-10-resnet-50-full",
    version: 1,
    title: "CIFAR-10, ResNet-50, full width",
    summary: "The dissertation's largest network, 30 epochs of all of CIFAR-10.",
    heldOutRuns: runs.resNets,
    needsGpu: true,
    recipe: { ...wholeResNet, dataset: "cifar-10" },
  },
  {
    slug: "cifar-100-resnet-50-full",
    version: 1,
    title: "CIFAR-100, ResNet-50, full width",
    summary: "The dissertation's largest network, 30 epochs of all of CIFAR-100.",
    heldOutRuns: runs.resNets,
    needsGpu: true,
    recipe: { ...wholeResNet, dataset: "cifar-100" },
  },
];

/** Whether a run of a benchmark takes days without a GPU; false for one that this version doesn't have. */
export const needsGpu = (slug: string): boolean => benchmarks.some((known) => known.slug === slug && known.needsGpu);
