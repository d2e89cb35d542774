import type { NamedAttrMap, Tensor, Variable } from "@tensorflow/tfjs-core";
import {
  Conv2DBackpropFilter,
  dispose,
  engine,
  getBackend,
  getKernel,
  getKernelsForBackend,
  matMul,
  registerKernel,
  reshape,
  sum,
  tensor,
  tensor1d,
  unregisterKernel,
  variable,
} from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import * as dmbn from "@/lib/dmbn";
import { dense } from "@/lib/models/dense";
import { beforeProducts } from "@/lib/runtime";
import * as training from "@/lib/training/kernels";
import { softmaxCrossEntropy } from "@/lib/training/loss";
import { adam, sgd } from "@/lib/training/optimizer";
import { eachBackend } from "../support/backends";
import { expectClose } from "../support/golden";

const wave = (shape: number[], frequency: number, around = 0) =>
  tensor(
    Float32Array.from(
      { length: shape.reduce((size, extent) => size * extent, 1) },
      (_, index) => around + Math.sin(frequency * (index + 1)),
    ),
    shape,
  );

/** Runs `compute` with the backend's kernel removed, so that the op is composed. */
async function composed<Result>(name: string, compute: () => Promise<Result>): Promise<Result> {
  const backend = getBackend();
  const kernel = getKernel(name, backend);
  if (kernel) unregisterKernel(name, backend);
  try {
    return await compute();
  } finally {
    if (kernel) registerKernel(kernel);
  }
}

const read = async (tensors: Tensor[]) => {
  const values = await Promise.all(tensors.map((output) => output.data()));
  dispose(tensors);
  return values;
};

/** Few rows, more rows and channels than one workgroup handles, and the output of a dense layer. */
const shapes = [
  [3, 4, 4, 6],
  [20, 10, 12, 18],
  [12, 6],
];

/** By kernel: runs it on an input of the given shape, and returns new tensors. */
const jobs: Record<string, (image: number[]) => Tensor[]> = {
  [dmbn.BATCH_STATISTICS]: (image) => [dmbn.batchStatistics(wave(image, 1.7, 50))],
  [dmbn.CHANNEL_SUM]: (image) => {
    const x = reshape(wave(image, 1.3, 2), [-1, image.at(-1)!]);
    return dmbn.runKernel(dmbn.CHANNEL_SUM, { x }, {}, () => [sum(x, 0)]);
  },
  [dmbn.NORMALIZE]: (image) => {
    const [x, scale, offset, residual] = [
      wave(image, 0.9),
      wave([image.at(-1)!], 0.3, 1),
      wave([image.at(-1)!], 0.5),
      wave(image, 0.4),
    ];
    return [
      dmbn.normalize(
        x,
        dmbn.channelStatistics({
          mean: Array.from({ length: image.at(-1)! }, (_, c) => c / 10),
          variance: Array.from({ length: image.at(-1)! }, (_, c) => 1 + c),
        }),
        scale,
        offset,
        { relu: true, residual },
      ),
    ];
  },
  [dmbn.BATCH_NORM]: (image) => {
    const [x, dy, scale, offset, residual] = [
      wave(image, 0.9, 3),
      wave(image, 2.3),
      wave([image.at(-1)!], 0.3, 1),
      wave([image.at(-1)!], 0.5),
      wave(image, 0.4),
    ];
    // With their gradients, which may read what the forward pass kept.
    return [null, residual].flatMap((added) => {
      const output = dmbn.normalizeBatch(x, scale, offset, { relu: true, residual: added });
      const { dx, dscale, doffset, dresidual } = dmbn.batchNormGradient(
        dy,
        { x, ...output, scale, offset },
        { relu: true, residual: added !== null },
      );
      output.passed?.dispose();
      return [output.y, output.statistics, dx, dscale, doffset, ...(dresidual ? [dresidual] : [])];
    });
  },
  [dmbn.NORMALIZE_GRADIENT]: (image) => {
    const [x, dy, scale, offset] = [
      wave(image, 0.9),
      wave(image, 2.3),
      wave([image.at(-1)!], 0.3, 1),
      wave([image.at(-1)!], 0.5),
    ];
    const statistics = dmbn.batchStatistics(x);
    const y = dmbn.normalize(x, statistics, scale, offset, { relu: true });
    const { dx, dscale, doffset, dresidual } = dmbn.batchNormGradient(
      dy,
      { x, y, statistics, scale, offset },
      { relu: true, residual: true },
    );
    return [dx, dscale, doffset, dresidual!];
  },
  [dmbn.NORMALIZE_GRADIENT_OF_SUM]: (image) => {
    const [x, dy, more, scale, offset] = [
      wave(image, 0.9),
      wave(image, 2.3),
      wave(image, 1.3),
      wave([image.at(-1)!], 0.3, 1),
      wave([image.at(-1)!], 0.5),
    ];
    const statistics = dmbn.batchStatistics(x);
    const y = dmbn.normalize(x, statistics, scale, offset, { relu: true });
    const { dx, dscale, doffset } = dmbn.batchNormGradient(
      dy,
      { x, y, statistics, scale, offset },
      { relu: true, more },
    );
    return [dx, dscale, doffset];
  },
  [dmbn.GROUP_NORM]: (image) => {
    const { y, statistics } = dmbn.groupNorm(
      wave(image, 1.1),
      wave([image.at(-1)!], 0.3, 1),
      wave([image.at(-1)!], 0.5),
      {
        groups: 3,
        relu: true,
        residual: wave(image, 0.4),
      },
    );
    return [y, statistics];
  },
  [dmbn.GROUP_NORM_GRADIENT]: (image) => {
    const [x, dy, scale, offset] = [
      wave(image, 0.9),
      wave(image, 2.3),
      wave([image.at(-1)!], 0.3, 1),
      wave([image.at(-1)!], 0.5),
    ];
    const output = dmbn.groupNorm(x, scale, offset, { groups: 2, relu: true });
    const { dx, dscale, doffset, dresidual } = dmbn.groupNormGradient(
      dy,
      { x, output, scale },
      { groups: 2, relu: true, residual: true },
    );
    return [dx, dscale, doffset, dresidual!];
  },
  [dmbn.DENSE]: () => [...denseLayer().products],
  [dmbn.DENSE_GRADIENT]: () => [...denseLayer().gradients],
  [training.SOFTMAX_CROSS_ENTROPY]: () => {
    const { loss, dlogits } = softmaxCrossEntropy(wave([5, 4], 2.9, 30), tensor1d([0, 3, 1, 2, 2], "int32"));
    return [loss, dlogits];
  },
  [training.SGD_STEP]: () => optimized((weights) => sgd(weights, { momentum: 0.9, weightDecay: 0.01 })),
  [training.ADAM_STEP]: () => optimized((weights) => adam(weights, { weightDecay: 0.01 })),
};

/** More examples, inputs and units than one workgroup handles. */
function denseLayer(): { products: Tensor[]; gradients: Tensor[] } {
  const layer = dense(20, { bias: true });
  const [x, dy, kernel, bias] = [wave([37, 33], 0.9), wave([37, 20], 2.3), wave([33, 20], 0.3), wave([20], 0.5)];
  const activation = layer.forward([x], [kernel, bias]);
  return { products: [activation.y], gradients: layer.backward(dy, [x], activation, [kernel, bias], false).parameters };
}

/** Weights after three steps, and a product with them after each, which must not use outdated weights. */
function optimized(make: (weights: Variable[]) => ReturnType<typeof sgd>): Tensor[] {
  const weights = [variable(wave([7, 5], 0.8)), variable(wave([5], 0.6))];
  const optimizer = make(weights);
  const products = [1, 2, 3].map((step) => {
    optimizer.step([wave([7, 5], step), wave([5], step + 0.5)], optimizer.rates(0.1, step));
    return matMul(wave([3, 7], 0.2), weights[0]!);
  });
  optimizer.dispose();
  return [...products, ...weights];
}

/** The kernels of `lib/dmbn`, which accept any number of rows and channels. */
const ofNorms = Object.values<unknown>(dmbn).filter((name) => name !== dmbn.DENSE && name !== dmbn.DENSE_GRADIENT);

eachBackend("a backend's kernel and the composed op give the same numbers", () => {
  for (const [name, job] of Object.entries(jobs)) {
    it.each(ofNorms.includes(name) ? shapes : shapes.slice(0, 1))(`${name}, [%i, %i, %i, %i]`, async (...shape) => {
      const outputs = await read(job(shape));
      const reference = await composed(name, () => read(job(shape)));
      expect(outputs.length).toBe(reference.length);
      for (const [index, values] of outputs.entries())
        await expectClose(values, reference[index]!, { relative: 5e-5, what: `output ${index}` });
    });
  }

  it("is tested for all our kernels", () => {
    const ours = getKernelsForBackend(getBackend()).filter(({ kernelName }) => kernelName.startsWith("DMBench."));
    // These have no composed op: `training/steps/device.test.ts` compares them with steps that the host prepares.
    const ofDeviceSteps = [training.BEGIN_STEP, training.GATHER_BATCH, training.STORE_REPORT];
    for (const { kernelName } of ours) expect([...Object.keys(jobs), ...ofDeviceSteps]).toContain(kernelName);
  });
});

/** By title, `[input, filter, stride]`; the last has more output positions than one workgroup sums. */
const convolutions = {
  "3 × 3": [[2, 7, 7, 3], [3, 3, 3, 5], 1],
  "3 × 3, stride 2": [[3, 8, 8, 4], [3, 3, 4, 40], 2],
  "1 × 1": [[2, 5, 5, 40], [1, 1, 40, 6], 1],
  "many positions": [[5, 16, 16, 4], [3, 3, 4, 6], 1],
} satisfies Record<string, [x: Shape4, filter: Shape4, stride: number]>;
type Shape4 = [number, number, number, number];

const filterGradients = new Map<string, Float32Array>();

eachBackend("the filter gradient of a convolution equals that of the plain CPU", () => {
  it.each(Object.entries(convolutions))("%s", async (title, [input, filterShape, stride]) => {
    const out = Math.ceil(input[1] / stride);
    const [x, dy] = [wave(input, 0.9), wave([input[0], out, out, filterShape[3]], 2.3)];
    const settings = { strides: stride, pad: "same", dataFormat: "NHWC", dimRoundingMode: "round", filterShape };
    const gradient = engine().runKernel<Tensor>(Conv2DBackpropFilter, { x, dy }, settings as unknown as NamedAttrMap);
    const values = await gradient.data<"float32">();
    dispose([x, dy, gradient]);
    if (!filterGradients.has(title)) filterGradients.set(title, values); // the CPU's, which is first
    await expectClose(values, filterGradients.get(title)!, { relative: 5e-5 });
  });
});

eachBackend(
  "a hook before products",
  (backend) => {
    it("is called before each, which computes as without it", async () => {
      const product = async () => {
        const result = matMul(wave([3, 4], 1), wave([4, 2], 2));
        return [...(await result.data())];
      };
      const expected = await product();
      let calls = 0;
      beforeProducts(backend, () => calls++);
      expect(await product()).toEqual(expected);
      expect(calls).toBe(1);
    });
  },
  ["cpu", "wasm"],
);
