/**
 * Our kernels for the WASM backend, for all that a training step computes: products,
 * convolutions and pools in place of TensorFlow.js's own, and norms, the loss and
 * optimizers under the names that `dmbn` and `training` declare. A step of ours
 * alone can be captured.
 */
import type { KernelConfig, NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import {
  Add,
  AvgPoolGrad,
  BatchMatMul,
  getKernel,
  Identity,
  MaxPool,
  MaxPoolGrad,
  Mean,
  registerKernel,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import {
  BATCH_STATISTICS,
  CHANNEL_SUM,
  GROUP_NORM,
  GROUP_NORM_GRADIENT,
  NORMALIZE,
  NORMALIZE_GRADIENT,
  NORMALIZE_GRADIENT_OF_SUM,
} from "@/lib/dmbn/kernels";
import {
  ADAM,
  ADAM_STEP,
  BEGIN_STEP,
  GATHER_BATCH,
  SGD_STEP,
  SOFTMAX_CROSS_ENTROPY,
  STORE_REPORT,
} from "@/lib/training/kernels";
import { convolutions } from "./convolutions";
import type { Inputs, Kernel, Shape4 } from "./kernel";
import type { WasmProgram } from "./program";

/** TensorFlow.js's own kernels that ours replace. */
const replaced = new Map<string, KernelConfig>();

const size = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

/** Registers all kernels; safe to call again. */
export function registerWasmKernels(program: WasmProgram): void {
  for (const [kernelName, compute] of Object.entries<Kernel>(kernels)) {
    const existing = getKernel(kernelName, "wasm");
    if (existing) unregisterKernel(kernelName, "wasm");
    if (existing && !replaced.has(kernelName)) replaced.set(kernelName, existing);
    registerKernel({
      kernelName,
      backendName: "wasm",
      kernelFunc: (call) =>
        compute(call.inputs as Inputs, call.attrs as never, program) ?? replaced.get(kernelName)!.kernelFunc(call),
    });
  }
}

const products: Record<string, Kernel> = {
  /** `[…, rows, steps] · […, steps, columns]`, either transposed. */
  [BatchMatMul]({ a, b }, { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean }, program) {
    const [aRows, aColumns] = a!.shape.slice(-2) as [number, number];
    const [bRows, bColumns] = b!.shape.slice(-2) as [number, number];
    const [rows, steps] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
    const columns = transposeB ? bRows : bColumns;
    const [aBatch, bBatch] = [size(a!.shape.slice(0, -2)), size(b!.shape.slice(0, -2))];
    const outer = (aBatch >= bBatch ? a! : b!).shape.slice(0, -2);
    const c = program.allocate([...outer, rows, columns]);
    const [from, by, to] = [a!, b!, c].map(program.address) as [number, number, number];
    for (let index = 0; index < Math.max(aBatch, bBatch); index++) {
      const left = from + 4 * (index % aBatch) * aRows * aColumns;
      const right = by + 4 * (index % bBatch) * bRows * bColumns;
      const strides = [
        transposeA ? 1 : aColumns,
        transposeA ? aColumns : 1,
        transposeB ? 1 : bColumns,
        transposeB ? bColumns : 1,
      ] as const;
      program.perform(
        "product",
        [
          left,
          strides[0],
          strides[1],
          right,
          strides[2],
          strides[3],
          to + 4 * index * rows * columns,
          rows,
          columns,
          steps,
        ],
        { work: rows * columns * steps },
      );
    }
    return c;
  },
};

interface PoolAttributes {
  filterSize: [number, number] | number;
  strides: [number, number] | number;
  pad: "same" | "valid" | number;
}

const isAll = (extent: readonly number[] | number, value: number) =>
  [extent].flat().every((measured) => measured === value);

/** Whether a pool takes squares of 2 × 2, stride 2, and drops what is left of them. */
const isOfSquares = ({ filterSize, strides, pad }: PoolAttributes) =>
  isAll(filterSize, 2) && isAll(strides, 2) && (pad === "valid" || pad === 0);

/** The cost of one value where hardly anything is computed, in multiplications of a matrix product. */
const MOVED = 2;

const pools: Record<string, Kernel> = {
  [MaxPool]({ x }, attributes: PoolAttributes, program) {
    if (!isOfSquares(attributes)) return null;
    const [images, height, width, channels] = x!.shape as Shape4;
    const y = program.allocate([images, height >> 1, width >> 1, channels]);
    program.perform("maxPool", [program.address(x), images, height, width, channels, program.address(y)], {
      work: MOVED * size(x!.shape),
    });
    return y;
  },

  /** Of equal maxima, the last gets what came. TensorFlow.js's own gives it to the first where all are 0 or less. */
  [MaxPoolGrad]({ dy, input }, attributes: PoolAttributes, program) {
    if (!isOfSquares(attributes)) return null;
    const [images, height, width, channels] = input!.shape as Shape4;
    const dx = program.allocate(input!.shape);
    const [from, by, to] = [input, dy, dx].map(program.address) as [number, number, number];
    program.perform("maxPoolGradient", [from, images, height, width, channels, by, to], {
      work: MOVED * size(input!.shape),
    });
    return dx;
  },

  /** Over height and width. */
  [Mean]({ x }, { axis, keepDims }: { axis: number | number[]; keepDims: boolean }, program) {
    if (x!.shape.length !== 4 || x!.dtype !== "float32" || String(axis) !== "1,2" || keepDims) return null;
    const [images, height, width, channels] = x!.shape as Shape4;
    const y = program.allocate([images, channels]);
    program.perform("average", [program.address(x), images, height * width, channels, program.address(y)], {
      reals: [height * width],
      work: MOVED * size(x!.shape),
    });
    return y;
  },

  /** Of the mean over a whole image. */
  [AvgPoolGrad]({ dy, input }, { filterSize, pad }: PoolAttributes, program) {
    const [images, height, width, channels] = input!.shape as Shape4;
    if (String(filterSize) !== `${height},${width}` || pad !== "valid") return null;
    const dx = program.allocate(input!.shape);
    program.perform("averageGradient", [program.address(dy), images, height * width, channels, program.address(dx)], {
      reals: [1 / (height * width)],
      work: MOVED * size(input!.shape),
    });
    return dx;
  },
};

const views: Record<string, Kernel> = {
  /** The same memory under another tensor; TensorFlow.js's own copies it. */
  [Identity]({ x }, _attributes: NamedAttrMap, program) {
    return x!.dtype === "string" ? null : program.share(x!);
  },
};

const sums: Record<string, Kernel> = {
  /** Of equal shapes, or a vector added along the last axis. */
  [Add]({ a, b }, _attributes: NamedAttrMap, program) {
    const [values, added] = [size(a!.shape), size(b!.shape)];
    const oneRow = b!.shape.length === 1 && b!.shape[0] === a!.shape.at(-1);
    if (a!.dtype !== "float32" || b!.dtype !== "float32" || !(oneRow || String(a!.shape) === String(b!.shape)))
      return null;
    const y = program.allocate(a!.shape);
    const columns = oneRow ? added : Math.min(values, a!.shape.at(-1) ?? 1);
    const [from, by, to] = [a, b, y].map(program.address) as [number, number, number];
    program.perform("sum", [from, by, values / Math.max(1, columns), columns, Number(oneRow), to], {
      work: MOVED * values,
    });
    return y;
  },

  [CHANNEL_SUM]({ x }, _attributes: NamedAttrMap, program) {
    const [rows, channels] = x!.shape as [number, number];
    const total = program.allocate([channels]);
    program.perform("average", [program.address(x), 1, rows, channels, program.address(total)], { reals: [1] });
    return [total];
  },
};

interface NormAttributes {
  epsilon: number;
  relu: boolean;
  residual: boolean;
  groups: number;
}

/** The cost of one value in a norm, in multiplications of a matrix product. */
const VALUE = 8;

/** Rows of a norm whose sums are one block: at most 64 blocks, none of less than 64 rows, for any number of threads. */
const rowsPerBlock = (rows: number) => Math.max(64, Math.ceil(rows / 64));

/** Memory for two float64 sums of each channel in each block. */
const sumsOf = (program: WasmProgram, blocks: number, channels: number) =>
  program.allocate([4 * Math.ceil(blocks) * channels]);

function normalizeGradient(
  { dy, more, x, y, statistics, scale }: Inputs,
  { epsilon, relu, residual }: NormAttributes,
  program: WasmProgram,
): TensorInfo[] {
  const [rows, channels] = x!.shape as [number, number];
  const outputs = [[rows, channels], [channels], [channels], ...(residual ? [[rows, channels]] : [])].map((shape) =>
    program.allocate(shape),
  );
  const [dx, dscale, doffset, dresidual] = outputs;
  const block = rowsPerBlock(rows);
  const sums = sumsOf(program, rows / block, channels);
  const factors = program.allocate([3, channels]);
  const addresses = (...tensors: (TensorInfo | undefined)[]) => tensors.map(program.address);
  const gradient = addresses(dy, more, x, relu ? y : undefined);
  const work = VALUE * rows * channels;
  program.perform("normalizeGradientSums", [...gradient, rows, channels, ...addresses(statistics, sums), block], {
    work,
  });
  program.perform(
    "normalizeGradientFactors",
    [program.address(sums), rows, channels, ...addresses(statistics, scale, dscale, doffset, factors), block],
    { reals: [epsilon] },
  );
  program.perform(
    "normalizeGradient",
    [...gradient, rows, channels, ...addresses(statistics, factors, dx, dresidual)],
    { work },
  );
  program.free(sums);
  program.free(factors);
  return outputs;
}

const norms: Record<string, Kernel> = {
  [BATCH_STATISTICS]({ x }, _attributes: NormAttributes, program) {
    const [rows, channels] = x!.shape as [number, number];
    const statistics = program.allocate([2, channels]);
    const block = rowsPerBlock(rows);
    const sums = sumsOf(program, rows / block, channels);
    const integers = [program.address(x), rows, channels, program.address(sums), block];
    if (rows > block) program.perform("statisticSums", integers, { work: VALUE * rows * channels });
    program.perform("statistics", [...integers, program.address(statistics)]);
    program.free(sums);
    return [statistics];
  },

  [NORMALIZE]({ x, statistics, scale, offset, residual }, { epsilon, relu }: NormAttributes, program) {
    const [rows, channels] = x!.shape as [number, number];
    const y = program.allocate([rows, channels]);
    const [from, moments, scales, offsets, added, to] = [x, statistics, scale, offset, residual, y].map(
      program.address,
    ) as number[];
    program.perform("normalize", [from!, rows, channels, moments!, scales!, offsets!, added!, Number(relu), to!], {
      reals: [epsilon],
      work: VALUE * size(x!.shape),
    });
    return [y];
  },

  [NORMALIZE_GRADIENT]: normalizeGradient,

  [NORMALIZE_GRADIENT_OF_SUM]: normalizeGradient,

  [GROUP_NORM]({ x, scale, offset, residual }, { groups, epsilon, relu }: NormAttributes, program) {
    const [batch, positions, channels] = x!.shape as [number, number, number];
    const outputs = [
      [batch, positions, channels],
      [2, batch, groups],
    ].map((shape) => program.allocate(shape));
    const [from, scales, offsets, added, y, statistics] = [x, scale, offset, residual, ...outputs].map(
      program.address,
    ) as number[];
    program.perform(
      "groupNorm",
      [from!, batch, positions, channels, groups, scales!, offsets!, added!, Number(relu), y!, statistics!],
      { reals: [epsilon], work: VALUE * size(x!.shape) },
    );
    return outputs;
  },

  [GROUP_NORM_GRADIENT]({ dy, x, y, statistics, scale }, { groups, epsilon, relu, residual }: NormAttributes, program) {
    const [batch, positions, channels] = x!.shape as [number, number, number];
    const outputs = [
      [batch, positions, channels],
      [channels],
      [channels],
      ...(residual ? [[batch, positions, channels]] : []),
    ].map((shape) => program.allocate(shape));
    const [dx, dscale, doffset, dresidual] = outputs;
    const sums = sumsOf(program, batch, channels);
    const addresses = (...tensors: (TensorInfo | undefined)[]) => tensors.map(program.address);
    program.perform(
      "groupNormGradient",
      [
        ...addresses(dy, x, relu ? y : undefined),
        batch,
        positions,
        channels,
        groups,
        ...addresses(statistics, scale, dx, dresidual, sums),
      ],
      { reals: [epsilon], work: 2 * VALUE * size(x!.shape) },
    );
    program.perform("groupNormParameters", [program.address(sums), batch, channels, ...addresses(dscale, doffset)]);
    program.free(sums);
    return outputs;
  },
};

interface StepAttributes {
  count: number;
  /** Without rates on the device. */
  rate?: number;
  correction?: number;
  momentum: number;
  weightDecay: number;
}

const optimizers: Record<string, Kernel> = {
  [SGD_STEP](inputs, { count, rate, momentum, weightDecay }: StepAttributes, program) {
    for (let k = 0; k < count; k++) {
      const tensors = ["weight", "velocity", "gradient"].map((name) => inputs[`${name}${k}`]!);
      const values = size(tensors[0]!.shape);
      program.perform("sgd", [...tensors.map(program.address), values, program.address(inputs.rates)], {
        reals: [rate ?? 0, momentum, weightDecay],
        work: VALUE * values,
      });
    }
    return [];
  },

  [ADAM_STEP](inputs, { count, rate, correction, weightDecay }: StepAttributes, program) {
    const { beta1, beta2, epsilon } = ADAM;
    for (let k = 0; k < count; k++) {
      const tensors = ["weight", "first", "second", "gradient"].map((name) => inputs[`${name}${k}`]!);
      const values = size(tensors[0]!.shape);
      program.perform("adam", [...tensors.map(program.address), values, program.address(inputs.rates)], {
        reals: [rate ?? 0, correction ?? 0, beta1, beta2, epsilon, weightDecay],
        work: 2 * VALUE * values,
      });
    }
    return [];
  },
};

interface BatchAttributes {
  batch: number;
  height: number;
  width: number;
  channels: number;
}

const steps: Record<string, Kernel> = {
  [SOFTMAX_CROSS_ENTROPY]({ logits, labels }, _attributes: NamedAttrMap, program) {
    const [batch, classes] = logits!.shape as [number, number];
    const [loss, dlogits] = [program.allocate([]), program.allocate([batch, classes])];
    const [from, by, to, gradient] = [logits, labels, loss, dlogits].map(program.address) as number[];
    program.perform("crossEntropy", [from!, by!, batch, classes, to!, gradient!]);
    return [loss, dlogits];
  },

  [BEGIN_STEP]({ clock, table, rates }, { batch }: BatchAttributes, program) {
    program.perform("beginStep", [...[clock, table, rates].map(program.address), batch]);
    return [];
  },

  [GATHER_BATCH]({ pixels, labels, order, values, clock }, attributes: BatchAttributes, program) {
    const { batch, height, width, channels } = attributes;
    const outputs = [program.allocate([batch, height, width, channels]), program.allocate([batch], "int32")];
    program.perform(
      "gatherBatch",
      [
        ...[pixels, labels, order, values, clock].map(program.address),
        height,
        width,
        channels,
        ...outputs.map(program.address),
        batch,
      ],
      { work: VALUE * size(outputs[0]!.shape) },
    );
    return outputs;
  },

  [STORE_REPORT](inputs, { count }: StepAttributes, program) {
    const { ring, clock } = inputs;
    let place = 0;
    for (let k = 0; k < count; k++) {
      const part = inputs[`part${k}`]!;
      const values = size(part.shape);
      const [to, when, from] = [ring, clock, part].map(program.address) as [number, number, number];
      program.perform("store", [to, when, ring!.shape[1]!, from, place, values]);
      place += values;
    }
    return [];
  },
};

const kernels = { ...products, ...convolutions, ...views, ...pools, ...sums, ...norms, ...optimizers, ...steps };
