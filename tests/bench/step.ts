/** The MLP and the CNN as peers in JavaScript train them. */
import type { LayersModel } from "@tensorflow/tfjs";
import { cast, dispose, layers, oneHot, sequential, tensor, tensor1d, tidy, train } from "@tensorflow/tfjs";

/** The benchmarks' MLP; the steps of a round take about a tenth of a second. */
export const mlp = { input: [784], batch: 64, steps: 60 };
export const mlpWidths = [256, 128, 64];
const cnnFilters = [32, 32, 64, 64];
const classes = 10;
export const ROUNDS = 6;

export const size = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);
export const wave = (count: number) => Float32Array.from({ length: count }, (_, index) => Math.sin(index * 0.618) * 2);
export const labelsOf = (batch: number) => Int32Array.from({ length: batch }, (_, index) => (index * 7) % classes);

/** The same network in tf.layers, and a training step with its own optimizer, on the active backend. */
export function tfLayersStep(
  { model: kind, input, batch }: { model: "mlp" | "cnn"; input: readonly number[]; batch: number },
  widths: readonly number[] = mlpWidths,
) {
  const inputOf = (index: number) => (index === 0 ? { inputShape: [...input] } : {});
  const hidden =
    kind === "mlp"
      ? widths.flatMap((units, index) => [
          layers.dense({ units, useBias: false, ...inputOf(index) }),
          layers.batchNormalization(),
          layers.reLU(),
        ])
      : [
          ...cnnFilters.flatMap((filters, index) => [
            layers.conv2d({ filters, kernelSize: 3, padding: "same", useBias: false, ...inputOf(index) }),
            layers.batchNormalization(),
            layers.reLU(),
            ...(index % 2 === 1 ? [layers.maxPooling2d({ poolSize: 2 })] : []),
          ]),
          layers.flatten(),
        ];
  const model: LayersModel = sequential({
    layers: [...hidden, layers.dense({ units: classes, activation: "softmax" })],
  });
  model.compile({ optimizer: train.momentum(0.01, 0.9), loss: "categoricalCrossentropy" });
  const x = tensor(wave(batch * size(input)), [batch, ...input]);
  const y = tidy(() => cast(oneHot(tensor1d(labelsOf(batch), "int32"), classes), "float32"));
  return {
    once: async () => void (await model.trainOnBatch(x, y)),
    dispose() {
      dispose([x, y]);
      model.dispose();
    },
  };
}
