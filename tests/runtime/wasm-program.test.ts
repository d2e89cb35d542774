/**
 * Our WASM program: built from its sources, correct for every shape and layout, and
 * bit-identical with one thread and with two.
 */

import { readFile } from "node:fs/promises";
import { createRequire, syncBuiltinESMExports } from "node:module";
import type { Worker } from "node:worker_threads";
import { addConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Add";
import { avgPoolGradConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/AvgPoolGrad";
import { maxPoolConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/MaxPool";
import { maxPoolGradConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/MaxPoolGrad";
import { meanConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Mean";
import { sumConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Sum";
import type { NamedAttrMap, Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import {
  Add,
  AvgPoolGrad,
  add,
  backend,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  concat,
  conv2d,
  engine,
  MaxPool,
  MaxPoolGrad,
  Mean,
  matMul,
  maxPool,
  mean,
  reshape,
  slice,
  tensor,
  tensor1d,
  tidy,
} from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { CHANNEL_SUM } from "@/lib/dmbn/kernels";
import { buildGraph, Network, seededWeights } from "@/lib/models";
import { ThreadDied } from "@/lib/runtime";
import { startNodeBackend } from "@/lib/runtime/node";
import { binaryFile, binaryText } from "@/lib/runtime/wasm/assembly/build";
import type { WasmBackend } from "@/lib/runtime/wasm/backend";
import { registerWasmKernels } from "@/lib/runtime/wasm/kernels";
import type { WasmProgram } from "@/lib/runtime/wasm/program";
import { startWasmProgram } from "@/lib/runtime/wasm/program";
import { createOptimizer } from "@/lib/training/optimizer";
import { trainStep } from "@/lib/training/steps/step";

const threading = createRequire(import.meta.url)("node:worker_threads") as { Worker: typeof Worker };

let alone: WasmProgram;
let together: WasmProgram;

beforeAll(async () => {
  await startNodeBackend("wasm", { threads: 2 });
  alone = await startWasmProgram(backend() as unknown as WasmBackend, 1);
  together = await startWasmProgram(backend() as unknown as WasmBackend, 2);
});

/** Reproducible values in [−1, 1]. */
const values = (shape: readonly number[], phase: number) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => Math.sin(12.9898 * index + phase));

/** The result of `work` with one thread, after checking that two threads give the same bits. */
function computed(work: () => Tensor): Float32Array {
  const [single, threaded] = [alone, together].map((program) => {
    registerWasmKernels(program);
    return tidy(() => work().dataSync<"float32">().slice());
  });
  expect(Buffer.from(threaded!.buffer).equals(Buffer.from(single!.buffer))).toBe(true);
  return single!;
}

/** Expects values to agree within the rounding of float32 sums of this size. */
const near = (actual: ArrayLike<number>, expected: ArrayLike<number>) => {
  let worst = 0;
  for (let index = 0; index < expected.length; index++)
    worst = Math.max(worst, Math.abs(actual[index]! - expected[index]!) / (1 + Math.abs(expected[index]!)));
  expect(worst).toBeLessThan(5e-5);
};

test("the binary matches its sources: npm run build:wasm", async () => {
  expect(await readFile(binaryFile, "utf8")).toBe(await binaryText());
});

test("products of any shape, either side transposed, agree with sums in float64", () => {
  const extent = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(64, 130, 600));
  fc.assert(
    fc.property(extent, extent, extent, fc.boolean(), fc.boolean(), (rows, steps, columns, transposeA, transposeB) => {
      const a = values([rows, steps], 1);
      const b = values([steps, columns], 2);
      const turned = (x: Float32Array, height: number, width: number) =>
        Float32Array.from(x, (_, index) => x[(index % height) * width + Math.floor(index / height)]!);
      const actual = computed(() =>
        matMul(
          transposeA ? tensor(turned(a, rows, steps), [steps, rows]) : tensor(a, [rows, steps]),
          transposeB ? tensor(turned(b, steps, columns), [columns, steps]) : tensor(b, [steps, columns]),
          transposeA,
          transposeB,
        ),
      );
      const expected = new Float64Array(rows * columns);
      for (let i = 0; i < rows; i++)
        for (let k = 0; k < steps; k++)
          for (let j = 0; j < columns; j++) expected[i * columns + j]! += a[i * steps + k]! * b[k * columns + j]!;
      near(actual, expected);
    }),
    { numRuns: 25, seed: 1 },
  );
});

test("an entry of a product doesn't depend on the rows and columns beside it", () => {
  const extent = fc.integer({ min: 1, max: 20 });
  const steps = fc.constantFrom(1, 3, 4, 7, 8, 9, 512, 514, 516, 520, 1028);
  fc.assert(
    fc.property(extent, extent, steps, (rows, columns, depth) => {
      const product = (height: number, width: number) =>
        computed(() =>
          matMul(
            slice(tensor(values([20, depth], 1), [20, depth]), [0, 0], [height, depth]),
            slice(tensor(values([depth, 20], 2), [depth, 20]), [0, 0], [depth, width]),
          ),
        );
      const [whole, part] = [product(20, 20), product(rows, columns)];
      expect(part).toEqual(part.map((_, at) => whole[Math.floor(at / columns) * 20 + (at % columns)]!));
    }),
    { numRuns: 100, seed: 1 },
  );
});

/** A convolution and both its gradients on `work`'s inputs, with sums in float64, and the sums of absolute products. */
function convolved({ batch, side, channels, filters, size, stride, pad }: ConvolutionShape) {
  const out = pad === "same" ? Math.ceil(side / stride) : Math.floor((side - size) / stride) + 1;
  const before = Math.floor(Math.max(0, (out - 1) * stride + size - side) / 2);
  const [x, w, dy] = [
    values([batch, side, side, channels], 3),
    values([size, size, channels, filters], 4),
    values([batch, out, out, filters], 5),
  ];
  const sums = () =>
    [dy, x, w].map(({ length }) => new Float64Array(length)) as [Float64Array, Float64Array, Float64Array];
  const [[y, dx, dw], [ofY, ofX, ofW]] = [sums(), sums()];
  for (let n = 0; n < batch; n++)
    for (let oy = 0; oy < out; oy++)
      for (let ox = 0; ox < out; ox++)
        for (let fy = 0; fy < size; fy++)
          for (let fx = 0; fx < size; fx++) {
            const [iy, ix] = [oy * stride + fy - before, ox * stride + fx - before];
            if (iy < 0 || ix < 0 || iy >= side || ix >= side) continue;
            for (let c = 0; c < channels; c++)
              for (let f = 0; f < filters; f++) {
                const [to, from, by] = [
                  ((n * out + oy) * out + ox) * filters + f,
                  ((n * side + iy) * side + ix) * channels + c,
                  ((fy * size + fx) * channels + c) * filters + f,
                ];
                const products = [x[from]! * w[by]!, dy[to]! * w[by]!, dy[to]! * x[from]!] as const;
                y[to]! += products[0];
                dx[from]! += products[1];
                dw[by]! += products[2];
                ofY[to]! += Math.abs(products[0]);
                ofX[from]! += Math.abs(products[1]);
                ofW[by]! += Math.abs(products[2]);
              }
          }
  const [input, kernel, gradient] = [
    () => tensor(x, [batch, side, side, channels]) as Tensor4D,
    () => tensor(w, [size, size, channels, filters]) as Tensor4D,
    () => tensor(dy, [batch, out, out, filters]) as Tensor4D,
  ];
  const settings = {
    strides: stride,
    pad,
    dataFormat: "NHWC",
    dilations: 1,
    inputShape: [batch, side, side, channels],
    filterShape: [size, size, channels, filters],
  } as unknown as NamedAttrMap;
  const actual = [
    computed(() => conv2d(input(), kernel(), stride, pad)),
    computed(() => engine().runKernel<Tensor>(Conv2DBackpropInput, { dy: gradient(), filter: kernel() }, settings)),
    computed(() => engine().runKernel<Tensor>(Conv2DBackpropFilter, { x: input(), dy: gradient() }, settings)),
  ];
  return { actual, expected: [y, dx, dw], sizes: [ofY, ofX, ofW] };
}

interface ConvolutionShape {
  batch: number;
  side: number;
  channels: number;
  filters: number;
  size: number;
  stride: number;
  pad: "same" | "valid";
}

test("convolutions and both their gradients agree with sums in float64", () => {
  const shape = fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    side: fc.integer({ min: 5, max: 11 }),
    channels: fc.integer({ min: 1, max: 9 }),
    filters: fc.integer({ min: 1, max: 10 }),
    size: fc.constantFrom(1, 3, 5),
    stride: fc.constantFrom(1, 2),
    pad: fc.constantFrom("same" as const, "valid" as const),
  });
  fc.assert(
    fc.property(shape, (shape) => {
      const { actual, expected } = convolved(shape);
      for (const [index, one] of actual.entries()) near(one, expected[index]!);
    }),
    { numRuns: 25, seed: 1 },
  );
});

test("so do those of 3 × 3 by Winograd's tiles, within 2⁻²⁰ of the sum of absolute products", () => {
  const channels = fc.constantFrom(16, 20, 32, 36, 64);
  const shape = fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    side: fc.integer({ min: 3, max: 12 }),
    channels,
    filters: channels,
    size: fc.constant(3),
    stride: fc.constant(1),
    pad: fc.constantFrom("same" as const, "valid" as const),
  });
  const operations = together.record(() => convolved({ ...fc.sample(shape, { numRuns: 1, seed: 1 })[0]! }));
  expect(operations.map(({ operation }) => operation)).toContain("winograd");
  fc.assert(
    fc.property(shape, (shape) => {
      const { actual, expected, sizes } = convolved(shape);
      let worst = 0;
      for (const [index, one] of actual.entries())
        one.forEach((value, at) => {
          const size = sizes[index]![at]!;
          if (size > 0) worst = Math.max(worst, Math.abs(value - expected[index]![at]!) / size);
        });
      expect(worst).toBeLessThan(2 ** -20);
    }),
    { numRuns: 25, seed: 1 },
  );
});

test.each([
  ["mlp", 1],
  ["mlp-deep", 1],
  ["cnn", 1],
  ["resnet-50", 0.125],
] as const)("training %s at width %d has the same bits with one thread and with two", (model, width) => {
  for (const variant of ["bn", "bn-bfn"] as const) {
    const shape: [number, number, number, number] = [8, 32, 32, 3];
    const graph = buildGraph({ model, width, epsilon: 1e-5 }, variant, shape.slice(1), 10);
    computed(() => {
      const network = new Network(graph, seededWeights(graph, 1));
      const optimizer = createOptimizer({ optimizer: "sgd", sgdMomentum: 0.9, weightDecay: 0 }, network.parameters);
      for (let step = 1; step <= 2; step++)
        tidy(() => {
          const labels = tensor1d([0, 1, 2, 3, 4, 5, 6, 7], "int32");
          trainStep({ network, optimizer }, tensor(values(shape, step), shape), labels, optimizer.rates(0.1, step));
        });
      const weights = concat(network.parameters.map((parameter) => reshape(parameter, [-1])));
      network.dispose();
      optimizer.dispose();
      return weights;
    });
  }
});

/** What TensorFlow.js's own kernel gives. */
function theirs(config: object, inputs: object, attrs: object, shape: number[]): Float32Array {
  const { setupFunc, kernelFunc } = config as {
    setupFunc?(backend: unknown): void;
    kernelFunc(call: { inputs: object; attrs: object; backend: unknown }): Tensor;
  };
  setupFunc?.(backend());
  return tidy(() => {
    const { dataId, dtype } = kernelFunc({ inputs, attrs, backend: backend() });
    return engine().makeTensorFromDataId(dataId, shape, dtype).dataSync<"float32">().slice();
  });
}

const imageShapes = fc.tuple(
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 2, max: 9 }),
  fc.integer({ min: 2, max: 9 }),
  fc.constantFrom(1, 3, 4, 7, 8, 32),
);
const squares = { filterSize: 2, strides: 2, pad: "valid" } as unknown as NamedAttrMap;

test("sums, means and pools have the bits of TensorFlow.js's own kernels", () => {
  const agree = (name: string, config: object, inputs: Record<string, Tensor>, attrs: object, shape: number[]) =>
    expect(computed(() => engine().runKernel<Tensor>(name, inputs, attrs as NamedAttrMap))).toEqual(
      theirs(config, inputs, attrs, shape),
    );
  fc.assert(
    fc.property(imageShapes, (shape) => {
      tidy(() => {
        const [images, height, width, channels] = shape;
        const x = tensor(values(shape, 1), shape);
        agree(Add, addConfig, { a: x, b: tensor(values(shape, 2), shape) }, {}, shape);
        agree(Add, addConfig, { a: x, b: tensor(values([channels], 3), [channels]) }, {}, shape);
        agree(MaxPool, maxPoolConfig, { x }, squares, [images, height >> 1, width >> 1, channels]);
        agree(Mean, meanConfig, { x }, { axis: [1, 2], keepDims: false }, [images, channels]);
        const dy = tensor(values([images, 1, 1, channels], 4), [images, 1, 1, channels]);
        const whole = { filterSize: [height, width], strides: [1, 1], pad: "valid" };
        agree(AvgPoolGrad, avgPoolGradConfig, { dy, input: x }, whole, shape);
        const rows = tensor(values(shape, 5), [images * height * width, channels]);
        expect(computed(() => engine().runKernel<Tensor[]>(CHANNEL_SUM, { x: rows }, {})[0]!)).toEqual(
          theirs(sumConfig, { x: rows }, { axis: 0, keepDims: false }, [channels]),
        );
      });
    }),
    { numRuns: 40, seed: 1 },
  );
});

test("the gradient of a maximum behind a rectifier has the bits of TensorFlow.js's own kernel", () => {
  fc.assert(
    fc.property(imageShapes, fc.constantFrom(1, 2, 100), (shape, levels) => {
      const [images, height, width, channels] = shape;
      // Few levels: equal values are frequent.
      const rectified = values(shape, 3).map((value) => Math.max(0, Math.round(levels * value) / levels));
      const outShape: [number, number, number, number] = [images, height >> 1, width >> 1, channels];
      const gradient = values(outShape, 4);
      const passes = (dx: Float32Array) => dx.map((value, index) => (rectified[index]! > 0 ? value : 0));
      const inputs = () => ({
        dy: tensor(gradient, outShape),
        input: tensor(rectified, shape),
        output: tensor(gradient, outShape), // neither reads it
      });
      const dx = computed(() => engine().runKernel<Tensor>(MaxPoolGrad, inputs(), squares));
      expect(passes(dx)).toEqual(passes(tidy(() => theirs(maxPoolGradConfig, inputs(), squares, shape))));
      // Each maximum passes on all that came to it, and nothing else does.
      expect(dx.reduce((sum, value) => sum + value, 0)).toBeCloseTo(
        gradient.reduce((sum, value) => sum + value, 0),
        3,
      );
    }),
    { numRuns: 60, seed: 1 },
  );
  const large: [number, number, number, number] = [8, 32, 32, 64];
  computed(() =>
    engine().runKernel<Tensor>(
      MaxPoolGrad,
      { dy: tensor(values([8, 16, 16, 64], 1), [8, 16, 16, 64]), input: tensor(values(large, 2), large) },
      squares,
    ),
  );
});

test("sums and pools that no network of ours has are left to TensorFlow.js", () => {
  const image = tensor(values([1, 6, 6, 1], 1), [1, 6, 6, 1]) as Tensor4D;
  expect(tidy(() => maxPool(image, 3, 3, "valid").shape)).toEqual([1, 2, 2, 1]);
  expect(tidy(() => mean(image).shape)).toEqual([]);
  expect(tidy(() => add(tensor(values([3, 1], 1), [3, 1]), tensor(values([1, 4], 1), [1, 4])).shape)).toEqual([3, 4]);
});

test("an unsupported convolution is refused", () => {
  const x = tensor(values([1, 4, 4, 1], 1), [1, 4, 4, 1]) as Tensor4D;
  expect(() => conv2d(x, tensor(values([1, 3, 1, 1], 2), [1, 3, 1, 1]) as Tensor4D, 1, "same")).toThrow(
    /square kernel/,
  );
});

test("a thread that was terminated ends the program with an error, noticed at once or while a job waits for it", async () => {
  const a = tensor(values([64, 784], 1), [64, 784]);
  const b = tensor(values([784, 256], 2), [784, 256]);
  for (const noticed of ["at once", "in a job"]) {
    const [thread, program] = await startedThread(() => startWasmProgram(backend() as unknown as WasmBackend, 2));
    registerWasmKernels(program);
    expect(tidy(() => matMul(a, b).dataSync<"float32">())).toHaveLength(64 * 256);
    const terminated = thread.terminate();
    if (noticed === "at once") await terminated;
    expect(() => matMul(a, b)).toThrow(ThreadDied);
    expect(() => matMul(a, b)).toThrow("a thread of the WASM program ended");
  }
  registerWasmKernels(alone);
});

/** The only worker thread that `act` starts, and its result. */
async function startedThread<Result>(act: () => Promise<Result>): Promise<[Worker, Result]> {
  const { Worker } = threading;
  const started: Worker[] = [];
  threading.Worker = class extends Worker {
    constructor(...settings: ConstructorParameters<typeof Worker>) {
      super(...settings);
      started.push(this);
    }
  };
  syncBuiltinESMExports();
  try {
    const result = await act();
    expect(started).toHaveLength(1);
    return [started[0]!, result];
  } finally {
    threading.Worker = Worker;
    syncBuiltinESMExports();
  }
}
