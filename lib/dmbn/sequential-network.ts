/**
 * Sequential models of tf.layers: records the trace while `model.fit` trains, and runs inference that stops at each
 * batch norm. With momentum 0, a batch norm's moving statistics are those of the last batch. The types declare only the
 * methods called here, so that only tfjs-core is imported.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { slice, tidy, unstack, zerosLike } from "@tensorflow/tfjs-core";
import type { ChannelStatistics } from "./batch-norm";
import { channelStatistics, normalize } from "./batch-norm";
import type { Calibration } from "./fit";
import type { BatchStatistics, RunningStatistics } from "./running-statistics";
import type { BatchNormNetwork, InferenceCursor } from "./selection";
import type { BatchNormLayer } from "./trace";

/** The part of `tf.layers.Layer` that is used here. */
export interface SequentialLayer {
  readonly name: string;
  readonly outputShape: unknown;
  getClassName(): string;
  getConfig(): { [key: string]: unknown };
  getWeights(): Tensor[];
  setWeights(weights: Tensor[]): void;
  apply(x: Tensor): unknown;
}

/** A batch norm's weights, in the order of tf.layers. */
type Weights = [gamma: Tensor, beta: Tensor, movingMean: Tensor, movingVariance: Tensor];

/** A `tf.sequential` model whose batch norms were created with `batchNormalization({ momentum: 0 })`. */
export class SequentialNetwork implements BatchNormNetwork {
  readonly batchNorms: readonly BatchNormLayer[];
  readonly #layers: readonly SequentialLayer[];
  readonly #norms: readonly SequentialLayer[];

  /**
   * Sets the moving statistics to 0.
   * @throws RangeError naming the first batch norm whose momentum is not 0, that lacks gamma or beta, or whose
   * channels aren't last
   */
  constructor(model: { readonly layers: readonly SequentialLayer[] }) {
    this.#layers = model.layers.filter((layer) => layer.getClassName() !== "InputLayer");
    this.#norms = this.#layers.filter(isBatchNorm);
    this.batchNorms = this.#norms.map((layer) => {
      const { momentum, axis, scale, center } = layer.getConfig();
      const shape = layer.outputShape as number[];
      if (momentum !== 0 || !scale || !center || (axis !== -1 && axis !== shape.length - 1)) {
        throw new RangeError(
          `${layer.name} must be made with batchNormalization({ momentum: 0 }), with scale, center and the last axis`,
        );
      }
      return { name: layer.name, channels: shape.at(-1)! };
    });
    for (const layer of this.#norms) clear(layer);
  }

  /**
   * Statistics of the last training batch, one entry per layer, for `TraceRecorder.write`. Call it after every step:
   * it sets the moving statistics back to 0. GPU → CPU.
   * @param batchSize examples in that batch
   */
  async lastBatch(batchSize: number): Promise<BatchStatistics[]> {
    return Promise.all(
      this.#norms.map(async (layer) => {
        const [, , movingMean, movingVariance] = layer.getWeights() as Weights;
        const [mean, biased] = await Promise.all([movingMean.data(), movingVariance.data()]);
        clear(layer); // tf.layers adds the difference to the old value, which is exact only if that is 0
        const positions = (layer.outputShape as number[]).slice(1, -1).reduce((product, size) => product * size, 1);
        const count = batchSize * positions;
        const variance = Float64Array.from(biased, (value) => (count > 1 ? (value * count) / (count - 1) : 0));
        return { mean, variance, count };
      }),
    );
  }

  /** Writes the statistics of a fit into the model, for `predict`, `evaluate` and `save`. CPU → GPU. */
  setStatistics(statistics: readonly RunningStatistics[]): void {
    for (const [index, layer] of this.#norms.entries()) {
      tidy(() => {
        const [gamma, beta] = layer.getWeights() as Weights;
        layer.setWeights([gamma, beta, ...unstack(channelStatistics(statistics[index]!))]);
      });
    }
  }

  start(x: Tensor): InferenceCursor {
    return new Cursor(this.#layers, x.clone()).run();
  }

  *#batches(x: Tensor, size: number, count: number): Generator<InferenceCursor> {
    for (let batch = 0; batch < count; batch++) {
      const part = slice(x, batch * size, size);
      const cursor = this.start(part);
      part.dispose();
      yield cursor;
    }
  }

  /**
   * The calibration set for `fitPolicy`: `x`, or its first examples.
   * @param labels true class ids, for policies that choose by them
   */
  calibrationOn(x: Tensor, labels: ArrayLike<number> | null = null): Calibration {
    return {
      layers: this.batchNorms,
      labels,
      cursors: (samples) => {
        const sample = slice(x, 0, samples ?? x.shape[0]!);
        const cursor = this.start(sample);
        sample.dispose();
        return [cursor];
      },
      size: x.shape[0]!,
      batches: (size, count) => this.#batches(x, size, count),
    };
  }
}

class Cursor implements InferenceCursor {
  constructor(
    readonly layers: readonly SequentialLayer[],
    public value: Tensor,
    private next = 0,
    public layer = 0,
  ) {}

  fork(): InferenceCursor {
    return new Cursor(this.layers, this.value.clone(), this.next, this.layer);
  }

  get epsilon(): number {
    return (this.#norm().getConfig() as { epsilon: number }).epsilon;
  }

  advance(statistics: RunningStatistics | ChannelStatistics): void {
    this.#replace(this.#normalized(statistics));
    this.layer++;
    this.run();
  }

  /** With the activation that follows as a layer of its own. */
  output(statistics: RunningStatistics): Tensor {
    const following = this.layers[this.next + 1];
    const y = this.#normalized(statistics);
    if (!following || !["Activation", "ReLU"].includes(following.getClassName())) return y;
    const activated = tidy(() => following.apply(y) as Tensor);
    y.dispose();
    return activated;
  }

  /** Runs to the next batch norm, or to the end. */
  run(): this {
    for (let layer = this.layers[this.next]; layer && !isBatchNorm(layer); layer = this.layers[this.next])
      this.#replace(tidy(() => (layer.apply(this.value) as Tensor).clone())); // dropout returns its input
    return this;
  }

  dispose(): void {
    this.value.dispose();
  }

  #norm(): SequentialLayer {
    const norm = this.layers[this.next];
    if (!norm) throw new Error("inference has already reached the logits");
    return norm;
  }

  #normalized(statistics: RunningStatistics | ChannelStatistics): Tensor {
    const [gamma, beta] = this.#norm().getWeights() as Weights;
    const { epsilon } = this;
    return tidy(() => normalize(this.value, channelStatistics(statistics), gamma, beta, { epsilon }));
  }

  #replace(value: Tensor): void {
    this.value.dispose();
    this.value = value;
    this.next++;
  }
}

const isBatchNorm = (layer: SequentialLayer) => layer.getClassName() === "BatchNormalization";

function clear(layer: SequentialLayer): void {
  tidy(() => {
    const [gamma, beta, movingMean, movingVariance] = layer.getWeights() as Weights;
    layer.setWeights([gamma, beta, zerosLike(movingMean), zerosLike(movingVariance)]);
  });
}
