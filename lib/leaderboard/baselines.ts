import { headlineReadings } from "./readings";

/**
 * The methods that every board shows for comparison, as `variant/policy slug`: the defaults of PyTorch (.9, unbiased
 * variance) and Keras (.99, biased), recalibration and DMBN by both variances in networks that are all batch norm, and
 * BN-BFN with PyTorch's default.
 */
export const baselines: readonly string[] = [
  "bn/pytorch-default",
  "bn/keras-default",
  "bn/precise-bn",
  ...headlineReadings.map((slug) => `bn/${slug}`),
  "bn-bfn/pytorch-default",
];
