/** Optional kernels of a training step, by name. A backend without one composes the op: see `lib/dmbn/kernels.ts`. */

/** inputs `{ logits [B, K], labels int32 [B] }` → `[loss [], dlogits [B, K]]`, both of the mean over the batch. */
export const SOFTMAX_CROSS_ENTROPY = "DMBench.SoftmaxCrossEntropy";

/**
 * inputs `{ weight0, velocity0, gradient0, weight1 …, rates? [2] }`, attrs `{ count, rate, momentum, weightDecay }` →
 * `[]`; updates `count` weights and velocities in place. `rates` replaces `rate` if the rate is on the device.
 */
export const SGD_STEP = "DMBench.SgdStep";

/**
 * inputs `{ weight0, first0, second0, gradient0, weight1 …, rates? [2] }`, attrs `{ count, rate, correction,
 * weightDecay }` → `[]`; updates `count` weights and both moments in place. `rates` replaces `rate` and `correction`
 * if they are on the device.
 */
export const ADAM_STEP = "DMBench.AdamStep";

/** Decay rates of the two moments, and the constant added to the root. PyTorch's defaults, on every backend. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

// Kernels of a step whose inputs are all on the device; see `steps/device.ts`.

/**
 * inputs `{ clock int32 [3], table [steps, 2], rates [2] }`, attrs `{ batch }` → `[]`; updates clock and rates in
 * place. The clock is `[position in the epoch, step, slot]`: the position advances by a batch, step and slot by one.
 * `rates` becomes the step's row of `table`.
 */
export const BEGIN_STEP = "DMBench.BeginStep";

/**
 * inputs `{ pixels int32 (four u8 each), labels int32, order int32 [n, 2], values [channels, 256], clock }`, attrs
 * `{ batch, height, width, channels }` → `[images [B, H, W, C], labels int32 [B]]`. The batch starts at the clock's
 * position in `order`, whose rows are `[example, packed shift]` (`packShift`). `values` maps a pixel to its normalized
 * value.
 */
export const GATHER_BATCH = "DMBench.GatherBatch";

/**
 * inputs `{ ring [slots, size], clock, part0, part1 … }`, attrs `{ count }` → `[]`; concatenates the `count` parts and
 * writes them into the ring buffer at the clock's slot.
 */
export const STORE_REPORT = "DMBench.StoreReport";
