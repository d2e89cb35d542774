/** Steps on any backend: each batch is assembled on the CPU and uploaded. */
import type { Tensor } from "@tensorflow/tfjs-core";
import { dispose, stack, tensor, tensor1d, tidy } from "@tensorflow/tfjs-core";
import { augment, gather, gatherLabels } from "@/lib/datasets";
import { learningRateAt } from "../learning-rate";
import { examplesOfEpoch } from "../plan";
import { packReport } from "./readback";
import { trainStep } from "./step";
import type { Steps, StepsParts, StepTimes } from "./steps";

export class HostSteps implements Steps {
  readonly maxCount = 64;
  readonly dispatches = null;
  readonly times: StepTimes = { data: 0, step: 0, readback: 0 };
  #order: { epoch: number; examples: Uint32Array } | null = null;

  constructor(
    private readonly parts: StepsParts,
    readonly fault: string | null,
  ) {}

  async run(done: number, count: number): Promise<Float32Array> {
    const pending: Tensor[] = [];
    for (let step = done + 1; step <= done + count; step++) pending.push(this.#step(step));
    const from = this.parts.now();
    const reports = tidy(() => stack(pending));
    dispose(pending);
    const values = await reports.data<"float32">(); // GPU → CPU
    reports.dispose();
    this.times.readback += (this.parts.now() - from) / 1000;
    return values;
  }

  async profile(): Promise<null> {
    return null;
  }

  dispose(): void {}

  /** @param step from 1 */
  #step(step: number): Tensor {
    const { plan, optimizer, now } = this.parts;
    const { recipe, shape, dataset, seed } = plan;
    const { train, info, normalization } = dataset;
    const begun = now();
    const batch = this.#batch(step);
    const plain = gather(train, batch, normalization);
    const images = recipe.augment ? augment(plain, info.shape, seed, step) : plain;
    const labels = gatherLabels(train, batch);
    const made = now();
    const report = tidy(() => {
      const x = tensor(images, [batch.length, ...info.shape]);
      const { loss, statistics } = trainStep(
        this.parts,
        x,
        tensor1d(labels, "int32"),
        optimizer.rates(learningRateAt(recipe, step, shape.steps), step),
      );
      return packReport(loss, statistics);
    });
    this.times.data += (made - begun) / 1000;
    this.times.step += (now() - made) / 1000;
    return report;
  }

  /** Indices of the step's examples in the training split. */
  #batch(step: number): Uint32Array {
    const { shape, recipe } = this.parts.plan;
    const epoch = Math.floor((step - 1) / shape.stepsPerEpoch);
    if (this.#order?.epoch !== epoch) this.#order = { epoch, examples: examplesOfEpoch(this.parts.plan, epoch) };
    const from = ((step - 1) % shape.stepsPerEpoch) * recipe.batchSize;
    return this.#order.examples.subarray(from, from + recipe.batchSize);
  }
}
