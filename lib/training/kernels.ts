/** Kernels of the training step that a backend may bring; without one the op is composed. See `lib/dmbn/kernels.ts`. */

/** inputs `{ logits [B, K], labels int32 [B] }` → `[loss [], dlogits [B, K]]`, both of the mean over the batch. */
export const SOFTMAX_CROSS_ENTROPY = "DMBench.SoftmaxCrossEntropy";

/** inputs `{ weight, velocity, gradient }`, attrs `{ learningRate, momentum, weightDecay }` → `[]`; changes weight and velocity in place. */
export const SGD_STEP = "DMBench.SgdStep";

/** inputs `{ weight, first, second, gradient }`, attrs `{ learningRate, weightDecay, step }` → `[]`; changes the first three in place. */
export const ADAM_STEP = "DMBench.AdamStep";

/** Decay rates of the two moments, and what is added to the root: PyTorch's defaults, the same for every backend. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
