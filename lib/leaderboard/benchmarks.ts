/**
 * The benchmarks: data set, network and recipe under one immutable name and
 * version. A change to any of them is a new version with a board of its own.
 */
import type { Recipe } from "@/lib/training/recipe";

export interface Benchmark {
  slug: string;
  version: number;
  title: string;
  /** One sentence: what this regime shows. */
  summary: string;
  recipe: Recipe;
}

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

export const benchmarks: readonly Benchmark[] = [
  {
    slug: "digits-mlp",
    version: 1,
    title: "Digits, MLP",
    summary: "Small enough to train in seconds anywhere: 8×8 handwritten digits.",
    recipe: { ...defaults, dataset: "digits", model: "mlp", epochs: 10, batchSize: 32, learningRate: 0.05, calibrationSize: 200, validationSize: 200 },
  },
  {
    slug: "mnist-mlp",
    version: 1,
    title: "MNIST, MLP",
    summary: "The comfortable case: three epochs at batch 64, where most momenta do well.",
    recipe: { ...defaults, ...heldBack, dataset: "mnist", model: "mlp", epochs: 3, batchSize: 64, learningRate: 0.02 },
  },
  {
    slug: "fashion-mnist-mlp",
    version: 1,
    title: "Fashion-MNIST, MLP",
    summary: "The dissertation's headline data set, three epochs at batch 64.",
    recipe: { ...defaults, ...heldBack, dataset: "fashion-mnist", model: "mlp", epochs: 3, batchSize: 64, learningRate: 0.02 },
  },
];
