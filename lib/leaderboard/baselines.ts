/**
 * The methods that every board shows for comparison, as `variant/policy slug`: the defaults of PyTorch (.9) and Keras
 * (.99), recalibration and DMBN in networks that are all batch norm, and BN-BFN with PyTorch's default.
 */
export const baselines: readonly string[] = [
  "bn/pytorch-default",
  "bn/keras-default",
  "bn/precise-bn",
  "bn/dmbn",
  "bn-bfn/pytorch-default",
];
