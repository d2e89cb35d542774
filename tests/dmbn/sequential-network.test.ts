import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { fitPolicy, fromTrace, SequentialNetwork, TraceRecorder } from "@/lib/dmbn";
import { scheduleOn, schedule as schedulePolicy, select } from "@/lib/dmbn/policy";

const BATCH = 8;
const EPOCHS = 3;

/** Two batch norms, one over positions, and a dropout, which returns its input at inference. */
function modelOf(momentum: number): tf.Sequential {
  const seeded = (seed: number) => tf.initializers.glorotUniform({ seed });
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 3, kernelSize: 2, inputShape: [4, 4, 1], kernelInitializer: seeded(1) }),
      tf.layers.batchNormalization({ momentum }),
      tf.layers.activation({ activation: "relu" }),
      tf.layers.dropout({ rate: 0 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 4, kernelInitializer: seeded(2) }),
      tf.layers.batchNormalization({ momentum }),
      tf.layers.dense({ units: 1, kernelInitializer: seeded(3) }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.05), loss: "meanSquaredError" });
  return model;
}

const movingStatistics = (model: tf.Sequential) =>
  model.layers
    .filter((layer) => layer.getClassName() === "BatchNormalization")
    .map((layer) =>
      layer
        .getWeights()
        .slice(2)
        .flatMap((weight) => [...weight.dataSync()]),
    );

const expectClose = (values: ArrayLike<number>, expected: ArrayLike<number>) => {
  expect(values).toHaveLength(expected.length);
  for (let i = 0; i < expected.length; i++) expect(values[i]).toBeCloseTo(expected[i]!, 5);
};

describe("a sequential model of tf.layers", () => {
  let x: tf.Tensor;
  let y: tf.Tensor;
  const epochs = { epochs: EPOCHS, batchSize: BATCH, shuffle: false, verbose: 0 } as const;

  beforeAll(async () => {
    await tf.setBackend("cpu");
    x = tf.randomNormal([4 * BATCH, 4, 4, 1], 2, 3, "float32", 5);
    y = tf.mean(x, [1, 2]);
  });

  /** A model trained while its trace is recorded, and the source for fitting policies. */
  async function recorded() {
    const model = modelOf(0);
    const network = new SequentialNetwork(model);
    const recorder = new TraceRecorder(network.batchNorms, 4 * EPOCHS);
    const onBatchEnd = async () => recorder.write(await network.lastBatch(BATCH));
    await model.fit(x, y, { ...epochs, callbacks: { onBatchEnd } });
    const shape = { steps: 4 * EPOCHS, stepsPerEpoch: 4, epochs: EPOCHS, batchSize: BATCH, learningRate: 0.05 };
    const source = fromTrace(recorder.trace(), scheduleOn({ ...shape, layers: network.batchNorms }));
    return { model, network, source };
  }

  it.each([0.9, 0.5])("gets the moving statistics that tf.layers computes with momentum %d", async (momentum) => {
    const reference = modelOf(momentum);
    await reference.fit(x, y, epochs);
    const { model, network, source } = await recorded();
    const policy = schedulePolicy(momentum, { variance: "biased" });
    const { statistics } = await fitPolicy(policy, source, network.calibrationOn(x));
    network.setStatistics(statistics);
    const expected = movingStatistics(reference);
    for (const [layer, values] of movingStatistics(model).entries()) expectClose(values, expected[layer]!);
  });

  it("gives the model's predictions when inference runs batch norm by batch norm", async () => {
    const { model, network, source } = await recorded();
    const { statistics, momentumPerLayer } = await fitPolicy(select(), source, network.calibrationOn(x));
    expect(momentumPerLayer).toHaveLength(2);
    network.setStatistics(statistics);
    const cursor = network.start(x);
    const fork = cursor.fork();
    for (const each of statistics) cursor.advance(each);
    expectClose(cursor.value.dataSync(), (model.predict(x) as tf.Tensor).dataSync());
    expect([cursor.layer, fork.layer]).toEqual([2, 0]);
    expect(() => cursor.advance(statistics[0]!)).toThrow("reached");
  });

  it("leaks no tensors", async () => {
    const { network, source } = await recorded();
    const before = tf.memory().numTensors;
    network.setStatistics((await fitPolicy(select(), source, network.calibrationOn(x))).statistics);
    await network.lastBatch(BATCH);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("is refused if a batch norm averages more than the last batch", () => {
    expect(() => new SequentialNetwork(modelOf(0.99))).toThrow(
      /^batch_normalization\S+ must be made with .*momentum: 0/,
    );
  });
});
