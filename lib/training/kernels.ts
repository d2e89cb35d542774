/** Kernels of the training step that a backend may bring; without one the op is composed. See `lib/dmbn/kernels.ts`. */

/** inputs `{ logits [B, K], labels int32 [B] }` → `[loss [], dlogits [B, K]]`, both of the mean over the batch. */
export const SOFTMAX_CROSS_ENTROPY = "DMBench.SoftmaxCrossEntropy";

/**
 * inputs `{ weight0, velocity0, gradient0, weight1 …, rates? [2] }`, attrs `{ count, rate, momentum, weightDecay }` →
 * `[]`; changes `count` weights and velocities in place. `rates` stands for `rate` where that lies on the device.
 */
export const SGD_STEP = "DMBench.SgdStep";

/**
 * inputs `{ weight0, first0, second0, gradient0, weight1 …, rates? [2] }`, attrs `{ count, rate, correction,
 * weightDecay }` → `[]`; changes the first three of each in place. `rates` stands for `rate` and `correction` where
 * those lie on the device.
 */
export const ADAM_STEP = "DMBench.AdamStep";

/** Decay rates of the two moments, and what is added to the root: PyTorch's defaults, the same for every backend. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

// What a step takes whose every input lies on the device; see `device-steps.ts`.

/**
 * inputs `{ clock int32 [3], table [steps, 2], rates [2] }`, attrs `{ batch }` → `[]`; changes clock and rates in
 * place: the clock's position in the epoch goes on by a batch, its step and its slot by one; the rates become the
 * step's of the table.
 */
export const BEGIN_STEP = "DMBench.BeginStep";

/**
 * inputs `{ pixels int32, four u8 in each, labels int32, order int32 [n, 2], values [channels, 256], clock }`, attrs
 * `{ batch, height, width, channels }` → `[images [B, H, W, C], labels int32 [B]]`. Of each pair in `order`, from the
 * clock's position on, the first is an example and the second its shift, as `packShift` packs it. `values` says what a
 * pixel becomes.
 */
export const GATHER_BATCH = "DMBench.GatherBatch";

/**
 * inputs `{ ring [slots, size], clock, part0, part1 … }`, attrs `{ count }` → `[]`; writes the parts, one behind the
 * other, into the ring at the clock's slot.
 */
export const STORE_REPORT = "DMBench.StoreReport";
