/**
 * Steps over data that stays on the device: the first step is captured, and all
 * later ones replay it. A step uploads nothing. Each epoch uploads its order once,
 * and each call of `run`, which covers several steps, uploads twelve bytes.
 */
import type { NamedAttrMap, NamedTensorMap, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { dispose, engine, slice, tensor, tensor1d, tidy, zeros } from "@tensorflow/tfjs-core";
import { normalizedValues, packShift, shiftsOf, unshifted } from "@/lib/datasets";
import { BEGIN_STEP, GATHER_BATCH, STORE_REPORT } from "../kernels";
import { learningRateAt } from "../learning-rate";
import { examplesOfEpoch } from "../plan";
import type { CapturedStep, StepCapture, StepParts } from "./capture";
import { trainStep } from "./step";
import type { Steps, StepsParts, StepTimes } from "./steps";

/** Slots of the ring buffer of step reports. */
const SLOTS = 128;

export class DeviceSteps implements Steps {
  readonly maxCount = SLOTS;
  readonly times: StepTimes = { data: 0, step: 0, readback: 0 };
  readonly #tensors: ReturnType<typeof tensorsOf>;
  #epoch = -1;
  #captured: CapturedStep | null = null;
  #fault: string | null = null;

  constructor(
    private readonly parts: StepsParts,
    private readonly backend: StepCapture,
  ) {
    this.#tensors = tensorsOf(parts);
  }

  get dispatches(): number | null {
    return this.#captured?.dispatches.length ?? null;
  }

  get fault(): string | null {
    return this.#fault;
  }

  async run(done: number, count: number): Promise<Float32Array> {
    const { now } = this.parts;
    const begun = now();
    this.#setClock(done);
    const ready = now();
    for (let left = count; left > 0; left -= this.#advance(left));
    await this.backend.finished();
    const computed = now();
    const values = await this.#read(count);
    this.times.data += (ready - begun) / 1000;
    this.times.step += (computed - ready) / 1000;
    this.times.readback += (now() - computed) / 1000;
    return values;
  }

  async profile(count: number): Promise<StepParts | null> {
    if (!this.#captured) return null;
    this.#setClock(0);
    return this.#captured.profile(count, this.parts.now);
  }

  dispose(): void {
    this.#captured?.dispose();
    dispose(this.#tensors);
  }

  /** Sets the clock to just before the step after the first `done`, which advances it, with its epoch's order. */
  #setClock(done: number): void {
    const { shape, recipe } = this.parts.plan;
    const epoch = Math.floor(done / shape.stepsPerEpoch);
    if (epoch !== this.#epoch) this.backend.overwrite(this.#tensors.order, orderOf(this.parts, epoch));
    this.#epoch = epoch;
    this.backend.overwrite(
      this.#tensors.clock,
      Int32Array.of(((done % shape.stepsPerEpoch) - 1) * recipe.batchSize, done - 1, -1),
    );
  }

  /** The first `count` reports of the ring buffer. GPU → CPU. */
  async #read(count: number): Promise<Float32Array> {
    const { ring } = this.#tensors;
    const all = this.backend.floats?.(ring);
    if (all) return all.subarray(0, count * ring.shape[1]!);
    const reports = slice(ring, [0, 0], [count, -1]);
    const values = await reports.data<"float32">();
    reports.dispose();
    return values;
  }

  /** Computes the next step, or all `left` steps once a step is captured; returns how many. */
  #advance(left: number): number {
    if (this.#captured) {
      this.#captured.replay(left);
      return left;
    }
    if (this.#fault === null) {
      const captured = this.backend.capture(() => this.#step());
      if (typeof captured === "string") this.#fault = captured;
      else this.#captured = captured;
    } else this.#step();
    return 1;
  }

  #step(): void {
    const { plan } = this.parts;
    const { pixels, labels: allLabels, values, order, clock, table, rates, ring } = this.#tensors;
    const [height, width, channels] = plan.dataset.info.shape;
    const batch = plan.recipe.batchSize;
    tidy(() => {
      run(BEGIN_STEP, { clock, table, rates }, { batch });
      const [images, labels] = run(
        GATHER_BATCH,
        { pixels, labels: allLabels, order, values, clock },
        { batch, height, width, channels },
      );
      const { loss, statistics } = trainStep(this.parts, images!, labels as Tensor1D, rates);
      const parts = [loss, ...statistics];
      run(
        STORE_REPORT,
        { ring, clock, ...Object.fromEntries(parts.map((part, index) => [`part${index}`, part])) },
        { count: parts.length },
      );
    });
  }
}

const run = (kernel: string, inputs: NamedTensorMap, attributes: NamedAttrMap): Tensor[] =>
  engine().runKernel<Tensor[]>(kernel, inputs, attributes);

/** Tensors that stay on the device for the whole run. */
function tensorsOf({ plan, network, optimizer }: StepsParts) {
  const { recipe, shape, dataset, indices } = plan;
  const { images, labels } = dataset.train;
  const packed = new Int32Array(Math.ceil(images.length / 4));
  new Uint8Array(packed.buffer).set(images);
  const rates = Array.from({ length: shape.steps }, (_, index) =>
    optimizer.rates(learningRateAt(recipe, index + 1, shape.steps), index + 1),
  );
  const report = network.batchNorms.reduce((size, { channels }) => size + 2 * channels, 1);
  return {
    pixels: tensor1d(packed, "int32"),
    labels: tensor1d(Int32Array.from(labels), "int32"),
    values: tensor(Float32Array.from(normalizedValues(dataset.normalization).flatMap((values) => [...values])), [
      dataset.info.shape[2],
      256,
    ]),
    order: zeros([indices.train.length, 2], "int32"),
    clock: tensor1d([0, 0, 0], "int32"),
    table: tensor(Float32Array.from(rates.flatMap(({ rate, correction }) => [rate, correction])), [shape.steps, 2]),
    rates: tensor1d([0, 0]),
    ring: zeros([SLOTS, report]),
  };
}

/** `[n, 2]`: the examples of an epoch in order, each with its packed shift. */
function orderOf({ plan }: StepsParts, epoch: number): Int32Array<ArrayBuffer> {
  const { recipe, shape, indices, seed } = plan;
  const order = new Int32Array(2 * indices.train.length).fill(packShift(unshifted));
  examplesOfEpoch(plan, epoch).forEach((example, place) => {
    order[2 * place] = example;
  });
  if (!recipe.augment) return order;
  for (let step = 0; step < shape.stepsPerEpoch; step++) {
    shiftsOf(recipe.batchSize, seed, epoch * shape.stepsPerEpoch + step + 1).forEach((shift, place) => {
      order[2 * (step * recipe.batchSize + place) + 1] = packShift(shift);
    });
  }
  return order;
}
