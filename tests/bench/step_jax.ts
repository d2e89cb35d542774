/**
 * The MLP's training step in jax-js, fully jitted: the fastest peer in a browser. BACKEND (wasm or webgpu) BATCH. A
 * separate program that prints images per second.
 */
import { blockUntilReady, defaultDevice, grad, init, jit, nn, numpy as np, tree } from "@jax-js/jax";
import { provideWebGPU } from "@/lib/runtime/dawn";
import { fastest } from "./measure";
import { labelsOf, mlp, mlpWidths, ROUNDS, size, wave } from "./step";

/** A dense layer, followed by the norm except in the last layer. */
type Layer = { kernel: np.Array; scale: np.Array; offset: np.Array };

// jax-js counts references: pass an array as `.ref` if it is used again later.
const layer = (x: np.Array, { kernel, scale, offset }: Layer, last: boolean): np.Array => {
  const product = np.matmul(x, kernel);
  if (last) {
    scale.dispose();
    return product.add(offset);
  }
  const mean = np.mean(product.ref, 0);
  const centred = product.sub(mean);
  const variance = np.mean(centred.ref.mul(centred.ref), 0);
  return nn.relu(
    centred
      .div(np.sqrt(variance.add(1e-5)))
      .mul(scale)
      .add(offset),
  );
};

const lossOf = (layers: Layer[], x: np.Array, y: np.Array): np.Array => {
  const logits = layers.reduce((value, each, index) => layer(value, each, index === layers.length - 1), x);
  return np.sum(nn.logSoftmax(logits, 1).mul(y)).mul(-1 / x.shape[0]!);
};

const [backend, batchSize] = process.argv.slice(2) as ["wasm" | "webgpu", string?];
const batch = Number(batchSize ?? mlp.batch);
if (backend === "webgpu") await provideWebGPU();
await init(backend);
defaultDevice(backend);
const { input, steps } = mlp;
const widths = [size(input), ...mlpWidths, 10];
const pairs = widths.slice(1).map((units, index) => [widths[index]!, units] as const);
let layers: Layer[] = pairs.map(([inputs, units]) => ({
  kernel: np.array(wave(inputs * units).map((value) => value / 20)).reshape([inputs, units]),
  scale: np.ones([units]),
  offset: np.zeros([units]),
}));
let velocities: Layer[] = pairs.map(([inputs, units]) => ({
  kernel: np.zeros([inputs, units]),
  scale: np.zeros([units]),
  offset: np.zeros([units]),
}));
const x = np.array(wave(batch * size(input))).reshape([batch, size(input)]);
const y = nn.oneHot(np.array(labelsOf(batch), { dtype: np.int32 }), 10);
const gradient = grad(lossOf);
const step = jit((layers: Layer[], velocities: Layer[], x: np.Array, y: np.Array): [Layer[], Layer[]] => {
  const gradients = gradient(tree.ref(layers), x, y) as unknown as Layer[];
  const nextVelocities = tree.map(
    (velocity: np.Array, g: np.Array) => velocity.mul(0.9).add(g),
    velocities,
    gradients,
  ) as unknown as Layer[];
  return [
    tree.map(
      (weight: np.Array, velocity: np.Array) => weight.sub(velocity.mul(0.01)),
      layers,
      tree.ref(nextVelocities),
    ) as unknown as Layer[],
    nextVelocities,
  ];
});
const train = async (times: number) => {
  for (let time = 0; time < times; time++) {
    [layers, velocities] = step(layers, velocities, x.ref, y.ref);
    await blockUntilReady(layers);
  }
};
await train(2);
console.log((steps * batch) / (await fastest(ROUNDS, () => train(steps))));
