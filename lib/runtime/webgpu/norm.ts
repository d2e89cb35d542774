/**
 * Norms on WebGPU, in one or two dispatches each way. Workgroups of 16 channels ×
 * 16 row lanes sum channels over slices of the rows, and the slices are merged in a
 * fixed order (Chan, Golub & LeVeque 1983), so that sums are the same in every run
 * and accurate for large means. Whoever reads the sums merges them, each workgroup
 * for its own channels. Row-major `[rows, channels]`.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import {
  BATCH_NORM,
  BATCH_STATISTICS,
  GROUP_NORM,
  GROUP_NORM_GRADIENT,
  NORMALIZE,
  NORMALIZE_GRADIENT,
  NORMALIZE_GRADIENT_OF_SUM,
} from "@/lib/dmbn/kernels";
import type { CapturingBackend, WebGPUKernels } from "./backend";
import { gridFor, INDEX, sizeOf, THREADS } from "./program";

const CHANNELS = 16;
const LANES = 16;
/** Rows per workgroup; more rows than this are sliced. */
const ROWS_A_SLICE = 2048;
const MOST_SLICES = 64;
/** With so few rows, a workgroup sums its channels and goes over them again, instead of two dispatches. */
const FEW_ROWS = 256;
/** Rows whose rectifier bits share words: 32 of every lane. */
const ROWS_A_WORD = 32 * LANES;
/** Workgroups enough to keep a GPU busy. */
const BUSY = 1024;

interface NormAttributes {
  epsilon: number;
  relu: boolean;
  residual: boolean;
  groups: number;
}

const slicesFor = (rows: number) => Math.min(MOST_SLICES, Math.ceil(rows / ROWS_A_SLICE));

/** WGSL: adds up `sums` over the row lanes of a workgroup; lane 0 has the totals. */
const addLanes = (...sums: string[]) => `
  workgroupBarrier();
  for (var half = ${LANES / 2}; half > 0; half = half / 2) {
    if (lane < half) { ${sums.map((sum) => `${sum}[at] = ${sum}[at] + ${sum}[at + half * ${CHANNELS}];`).join(" ")} }
    workgroupBarrier();
  }`;

/** WGSL: this thread's channel, lane, and rows from `first` to before `last`; one slice per workgroup in y. */
const SLICE = `
  let lane = i32(localId.y);
  let at = lane * ${CHANNELS} + i32(localId.x);
  let channel = i32(workgroupId.x) * ${CHANNELS} + i32(localId.x);
  let slice = i32(workgroupId.y);
  let first = slice * uniforms.rowsASlice;
  let last = min(uniforms.rows, first + uniforms.rowsASlice);`;

const sliceGrid = (channels: number, slices: number): [number, number, number] => [
  Math.ceil(channels / CHANNELS),
  slices,
  1,
];
const sliceWorkgroup: [number, number, number] = [CHANNELS, LANES, 1];
const sliceSize = (rows: number, slices: number) => Math.ceil(rows / slices);

/** WGSL: the count, mean and squared deviations of each thread. */
const MOMENTS = ["counts", "means", "squares"]
  .map((name) => `var<workgroup> ${name} : array<f32, ${CHANNELS * LANES}>;`)
  .join("\n");

/** WGSL: this thread's moments of its rows (Welford). */
const MEASURED = `
  var count = 0.0; var mean = 0.0; var square = 0.0;
  if (channel < uniforms.channels) {
    for (var row = first + lane; row < last; row = row + ${LANES}) {
      let value = x[row * uniforms.channels + channel];
      count = count + 1.0;
      let deviation = value - mean;
      mean = mean + deviation / count;
      square = square + deviation * (value - mean);
    }
  }`;

/** WGSL: this thread's moments of every 16th slice of `partial`, `[slices, 3, channels]`, merged in order. */
const GATHERED = `
  var count = 0.0; var mean = 0.0; var square = 0.0;
  if (channel < uniforms.channels) {
    for (var part = lane; part < uniforms.slices; part = part + ${LANES}) {
      let start = part * 3 * uniforms.channels + channel;
      let added = partial[start];
      if (added > 0.0) {
        let total = count + added;
        let difference = partial[start + uniforms.channels] - mean;
        mean = mean + difference * added / total;
        square = square + partial[start + 2 * uniforms.channels] + difference * difference * count * added / total;
        count = total;
      }
    }
  }`;

/** WGSL: merges the threads' moments over the row lanes of a workgroup; lane 0 has those of all. */
const MERGED = `
  counts[at] = count; means[at] = mean; squares[at] = square;
  workgroupBarrier();
  for (var half = ${LANES / 2}; half > 0; half = half / 2) {
    if (lane < half) {
      let other = at + half * ${CHANNELS};
      let total = counts[at] + counts[other];
      if (counts[other] > 0.0) {
        let difference = means[other] - means[at];
        means[at] = means[at] + difference * counts[other] / total;
        squares[at] = squares[at] + squares[other] + difference * difference * counts[at] * counts[other] / total;
        counts[at] = total;
      }
    }
    workgroupBarrier();
  }`;

/** The moments of each slice of the rows: `[slices, 3, channels]`, count, mean and squared deviations. */
function slicedMoments(backend: CapturingBackend, x: TensorInfo): { partial: TensorInfo; slices: number } {
  const [rows, channels] = x.shape as [number, number];
  const slices = slicesFor(rows);
  const [partial] = backend.run({
    key: "moments",
    inputs: { x },
    outputs: { partial: { shape: [slices, 3, channels] } },
    integers: { rows, channels, rowsASlice: sliceSize(rows, slices) },
    workgroup: sliceWorkgroup,
    grid: sliceGrid(channels, slices),
    code: `${MOMENTS}
fn main() {${SLICE}${MEASURED}${MERGED}
  if (lane == 0 && channel < uniforms.channels) {
    let to = slice * 3 * uniforms.channels + channel;
    partial[to] = counts[at];
    partial[to + uniforms.channels] = means[at];
    partial[to + 2 * uniforms.channels] = squares[at];
  }
}`,
  });
  return { partial: partial!, slices };
}

/** Rows per workgroup where every value is computed; a multiple of `ROWS_A_WORD`. */
function rowsABlock(rows: number, channels: number): number {
  const blocks = Math.ceil(BUSY / Math.ceil(channels / CHANNELS));
  return ROWS_A_WORD * Math.ceil(rows / blocks / ROWS_A_WORD);
}

/**
 * `[y, statistics [2, channels], passed?]`. `passed` has a bit for each value that the rectifier passed, so that the
 * gradient needn't read all of `y`; only with a residual, since otherwise it is cheaply computed from `x`.
 */
function batchNorm(
  { x, scale, offset, residual }: Inputs,
  { epsilon, relu }: NormAttributes,
  backend: CapturingBackend,
): TensorInfo[] {
  const [rows, channels] = x!.shape as [number, number];
  const few = rows <= FEW_ROWS && !residual;
  const moments = few ? null : slicedMoments(backend, x!);
  const block = few ? rows : rowsABlock(rows, channels);
  const marked = relu && residual !== undefined;
  const value = `(x[value] - mean) * factor + offset[channel]${residual ? " + residual[value]" : ""}`;
  const outputs = backend.run({
    key: `batch_norm_${few}_${relu}_${Boolean(residual)}`,
    inputs: {
      x: x!,
      ...(moments && { partial: moments.partial }),
      scale: scale!,
      offset: offset!,
      ...(residual && { residual }),
    },
    outputs: {
      y: { shape: x!.shape },
      statistics: { shape: [2, channels] },
      ...(marked && { passed: { shape: [Math.ceil(rows / ROWS_A_WORD) * LANES, channels], dtype: "int32" as const } }),
    },
    ...(residual && { over: { y: "residual" } }),
    integers: { rows, channels, rowsASlice: block, slices: moments?.slices ?? 1 },
    floats: { epsilon },
    workgroup: sliceWorkgroup,
    grid: sliceGrid(channels, Math.ceil(rows / block)),
    code: `${MOMENTS}
fn main() {${SLICE}
  {${few ? MEASURED : GATHERED}${MERGED}
  }
  if (channel >= uniforms.channels) { return; }
  let total = i32(localId.x);
  let mean = means[total];
  let variance = squares[total] / counts[total];
  if (slice == 0 && lane == 0) {
    statistics[channel] = mean;
    statistics[uniforms.channels + channel] = variance;
  }
  let factor = scale[channel] / sqrt(variance + uniforms.epsilon);
  ${marked ? "var bits = 0u;" : ""}
  for (var row = first + lane; row < last; row = row + ${LANES}) {
    let value = row * uniforms.channels + channel;
    let result = ${rectified(value, relu)};
    y[value] = result;
    ${
      marked
        ? `let place = row % ${ROWS_A_WORD} / ${LANES};
    if (result > 0.0) { bits = bits | (1u << u32(place)); }
    if (place == 31 || row + ${LANES} >= last) { passed[${WORD}] = bitcast<i32>(bits); bits = 0u; }`
        : ""
    }
  }
}`,
  });
  if (moments) backend.disposeData(moments.partial.dataId);
  return outputs;
}

/** WGSL: index of the word with a value's bit in `passed`; and whether the bit is set. */
const WORD = `(row / ${ROWS_A_WORD} * ${LANES} + row % ${LANES}) * uniforms.channels + channel`;
const MARKED = `((passed[${WORD}] >> u32(row % ${ROWS_A_WORD} / ${LANES})) & 1) == 1`;

/** Mean and variance of each channel, `[2, channels]`. */
function batchStatistics(backend: CapturingBackend, x: TensorInfo): TensorInfo {
  const channels = x.shape[1]!;
  const { partial, slices } = slicedMoments(backend, x);
  const [statistics] = backend.run({
    key: "merge_moments",
    inputs: { partial },
    outputs: { statistics: { shape: [2, channels] } },
    integers: { channels, slices, rows: 0, rowsASlice: 0 },
    workgroup: sliceWorkgroup,
    grid: sliceGrid(channels, 1),
    code: `${MOMENTS}
fn main() {${SLICE}${GATHERED}${MERGED}
  if (lane == 0 && channel < uniforms.channels) {
    statistics[channel] = means[at];
    statistics[uniforms.channels + channel] = squares[at] / counts[at];
  }
}`,
  });
  backend.disposeData(partial.dataId);
  return statistics!;
}

interface ChannelSums {
  key: string;
  inputs: Record<string, TensorInfo>;
  rows: number;
  channels: number;
  integers?: Record<string, number>;
  floats?: Record<string, number>;
  /** Terms by name of their sum: WGSL over `row`, `channel` and `value` (the value's index in memory). */
  terms: Record<string, string>;
}

/** The sum of each term over the rows, `[channels]`, all in one pass. */
function channelSums(
  backend: CapturingBackend,
  { key, inputs, rows, channels, integers = {}, floats = {}, terms }: ChannelSums,
): TensorInfo[] {
  const slices = slicesFor(rows);
  const names = Object.keys(terms);
  const each = (line: (name: string) => string, between = " ") => names.map(line).join(between);
  const made = backend.run({
    key: `sums_${key}`,
    inputs,
    outputs: Object.fromEntries(names.map((name) => [name, { shape: slices === 1 ? [channels] : [slices, channels] }])),
    integers: { rows, channels, rowsASlice: sliceSize(rows, slices), ...integers },
    floats,
    workgroup: sliceWorkgroup,
    grid: sliceGrid(channels, slices),
    code: `
${each((name) => `var<workgroup> ${name}Lanes : array<f32, ${CHANNELS * LANES}>;`, "\n")}
fn main() {${SLICE}
  ${each((name) => `var ${name}Sum = 0.0;`)}
  if (channel < uniforms.channels) {
    for (var row = first + lane; row < last; row = row + ${LANES}) {
      let value = row * uniforms.channels + channel;
      ${each((name) => `${name}Sum = ${name}Sum + ${terms[name]};`)}
    }
  }
  ${each((name) => `${name}Lanes[at] = ${name}Sum;`)}${addLanes(...names.map((name) => `${name}Lanes`))}
  if (lane == 0 && channel < uniforms.channels) {
    ${each((name) => `${name}[slice * uniforms.channels + channel] = ${name}Lanes[at];`)}
  }
}`,
  });
  if (slices === 1) return made;
  const partialOf = (name: string) => `${name}Partial`;
  const totals = backend.run({
    key: `merge_${names.join("_")}`,
    inputs: Object.fromEntries(names.map((name, index) => [partialOf(name), made[index]!])),
    outputs: Object.fromEntries(names.map((name) => [name, { shape: [channels] }])),
    integers: { slices, channels },
    grid: gridFor(channels),
    code: `
fn main() {${INDEX("uniforms.channels")}
  ${each((name) => `var ${name}Sum = 0.0;`)}
  for (var slice = 0; slice < uniforms.slices; slice = slice + 1) {
    ${each((name) => `${name}Sum = ${name}Sum + ${partialOf(name)}[slice * uniforms.channels + index];`)}
  }
  ${each((name) => `${name}[index] = ${name}Sum;`)}
}`,
  });
  for (const { dataId } of made) backend.disposeData(dataId);
  return totals;
}

/** WGSL at memory index `value`: `dy` if the rectifier passed the value, else 0. */
const passedAt = (relu: boolean) => (relu ? "select(0.0, dy[value], y[value] > 0.0)" : "dy[value]");

/**
 * Tensors of the shape of `like`, computed value by value.
 * @param expressions by output name: WGSL over `index`, `value` (the same) and `channel`
 */
function eachValue(
  backend: CapturingBackend,
  key: string,
  like: TensorInfo,
  inputs: Record<string, TensorInfo>,
  integers: Record<string, number>,
  floats: Record<string, number>,
  expressions: Record<string, string>,
): TensorInfo[] {
  const size = sizeOf(like);
  return backend.run({
    key,
    inputs,
    outputs: Object.fromEntries(Object.keys(expressions).map((name) => [name, { shape: like.shape }])),
    integers: { total: size, channels: like.shape.at(-1)!, ...integers },
    floats,
    grid: gridFor(size),
    code: `
fn main() {${INDEX("uniforms.total")}
  let value = index;
  let channel = index % uniforms.channels;
  ${Object.entries(expressions)
    .map(([name, expression]) => `${name}[index] = ${expression};`)
    .join("\n  ")}
}`,
  });
}

const rectified = (expression: string, relu: boolean) => (relu ? `max(0.0, ${expression})` : expression);

/** WGSL: index of the mean of a value's group in `[2, batch, groups]`. */
const GROUP =
  "(value / (uniforms.positions * uniforms.channels) * uniforms.groups " +
  "+ channel / (uniforms.channels / uniforms.groups))";

/** WGSL: index of its variance, in the second half. */
const GROUP_VARIANCE = `uniforms.batch * uniforms.groups + ${GROUP}`;

/** WGSL: the standard deviation of a value's channel, and of its group. */
const CHANNEL_STD = "sqrt(statistics[uniforms.channels + channel] + uniforms.epsilon)";
const GROUP_STD = `sqrt(statistics[${GROUP_VARIANCE}] + uniforms.epsilon)`;

/** `[2, batch, groups]`: two numbers per group of each example, computed by one workgroup over the group's values. */
function groupSums(
  backend: CapturingBackend,
  key: string,
  inputs: Record<string, TensorInfo>,
  shape: { batch: number; positions: number; channels: number; groups: number },
  floats: Record<string, number>,
  body: string,
): TensorInfo {
  const { batch, groups } = shape;
  const [sums] = backend.run({
    key,
    inputs,
    outputs: { result: { shape: [2, batch, groups] } },
    integers: shape,
    floats,
    grid: [groups, batch, 1],
    code: `
var<workgroup> sums : array<f32, ${THREADS}>;
fn total(value : f32) -> f32 {
  let at = i32(localId.x);
  workgroupBarrier();
  sums[at] = value;
  workgroupBarrier();
  for (var half = ${THREADS / 2}; half > 0; half = half / 2) {
    if (at < half) { sums[at] = sums[at] + sums[at + half]; }
    workgroupBarrier();
  }
  return sums[0];
}
fn main() {
  let group = i32(workgroupId.x);
  let example = i32(workgroupId.y);
  let width = uniforms.channels / uniforms.groups;
  let size = uniforms.positions * width;
  let base = example * uniforms.positions * uniforms.channels + group * width;
  ${body}
  if (i32(localId.x) == 0) {
    let to = example * uniforms.groups + group;
    result[to] = first;
    result[uniforms.batch * uniforms.groups + to] = second;
  }
}`,
  });
  return sums!;
}

/** WGSL loop over a group's values: `value` is the index in memory, `channel` its channel. */
const overGroup = (statement: string) => `
  for (var k = i32(localId.x); k < size; k = k + ${THREADS}) {
    let value = base + (k / width) * uniforms.channels + k % width;
    let channel = group * width + k % width;
    ${statement}
  }`;

/** Rows of constants after the sums of all slices: see `normalizeGradient`. */
const CONSTANTS = 4;

/**
 * Reads as little memory as possible. Whether the rectifier passed a value is a bit of `passed`, or computed again from
 * `x`. The gradient of the rectifier's input is stored only if it is a sum or the residual needs it. The sums of the
 * slices, `[2 · slices, channels]`, are followed by what the second dispatch needs of each channel, so that no dispatch
 * binds more than eight tensors: mean, standard deviation, scale, and offset.
 */
function normalizeGradient(
  { dy, more, x, y, passed, statistics, scale, offset }: Inputs,
  { epsilon, relu, residual }: NormAttributes,
  backend: CapturingBackend,
): TensorInfo[] {
  const [rows, channels] = x!.shape as [number, number];
  const recomputed = relu && !residual && offset !== undefined;
  const stored = residual || more !== undefined;
  const few = rows <= FEW_ROWS && !stored;
  const whole = more ? "(dy[value] + more[value])" : "dy[value]";
  const kept = recomputed
    ? "(x[value] - mean) * (factor / deviation) + shift > 0.0"
    : passed
      ? MARKED
      : "y[value] > 0.0";
  const gradient = relu ? `select(0.0, ${whole}, ${kept})` : whole;
  const mask = relu && !recomputed ? (passed ? { passed } : { y: y! }) : {};
  const measured = { statistics: statistics!, scale: scale!, ...(recomputed && { offset }) };
  const kind = `${relu}_${recomputed ? "recomputed" : Object.keys(mask).join()}_${residual}_${Boolean(more)}`;
  const xhat = "(x[value] - mean) / deviation";
  const constants = `
  let mean = statistics[channel];
  let deviation = sqrt(statistics[uniforms.channels + channel] + uniforms.epsilon);
  let factor = scale[channel];
  ${recomputed ? "let shift = offset[channel];" : ""}`;
  const lanes = ["doffset", "dscale"]
    .map((name) => `var<workgroup> ${name}Lanes : array<f32, ${CHANNELS * LANES}>;`)
    .join("\n");
  const sum = `
    for (var row = first + lane; row < last; row = row + ${LANES}) {
      let value = row * uniforms.channels + channel;
      let g = ${gradient};
      ${stored ? "stored[value] = g;" : ""}
      doffsetSum = doffsetSum + g;
      dscaleSum = dscaleSum + g * (${xhat});
    }`;
  const merge = `
  doffsetLanes[at] = doffsetSum;
  dscaleLanes[at] = dscaleSum;${addLanes("doffsetLanes", "dscaleLanes")}`;
  const apply = (g: string) => `
  let doffsetTotal = doffsetLanes[i32(localId.x)];
  let dscaleTotal = dscaleLanes[i32(localId.x)];
  if (slice == 0 && lane == 0) {
    doffset[channel] = doffsetTotal;
    dscale[channel] = dscaleTotal;
  }
  for (var row = first + lane; row < last; row = row + ${LANES}) {
    let value = row * uniforms.channels + channel;
    let g = ${g};
    dx[value] = factor / deviation * (g - (doffsetTotal + ${xhat} * dscaleTotal) * uniforms.share);
  }`;
  const outputs = { dx: { shape: x!.shape }, dscale: { shape: [channels] }, doffset: { shape: [channels] } };
  const floats = { epsilon, share: 1 / rows };
  if (few)
    return backend.run({
      key: `norm_gradient_${kind}`,
      inputs: { dy: dy!, x: x!, ...mask, ...measured },
      outputs,
      over: { dx: "x" },
      integers: { rows, channels, rowsASlice: rows },
      floats,
      workgroup: sliceWorkgroup,
      grid: sliceGrid(channels, 1),
      code: `${lanes}
fn main() {${SLICE}
  var doffsetSum = 0.0; var dscaleSum = 0.0;
  if (channel < uniforms.channels) {${constants}${sum}
  }${merge}
  if (channel >= uniforms.channels) { return; }${constants}${apply(gradient)}
}`,
    });
  const slices = slicesFor(rows);
  const [sums, saved] = backend.run({
    key: `norm_gradient_sums_${kind}`,
    inputs: { dy: dy!, ...(more && { more }), x: x!, ...mask, ...measured },
    outputs: {
      sums: { shape: [2 * slices + CONSTANTS, channels] },
      ...(stored && { stored: { shape: [rows, channels] } }),
    },
    ...(stored && { over: { stored: "dy" } }),
    integers: { rows, channels, rowsASlice: sliceSize(rows, slices), slices },
    floats,
    workgroup: sliceWorkgroup,
    grid: sliceGrid(channels, slices),
    code: `${lanes}
fn main() {${SLICE}
  var doffsetSum = 0.0; var dscaleSum = 0.0;
  if (channel < uniforms.channels) {${constants}${sum}
    if (slice == 0 && lane == 0) {
      let to = 2 * uniforms.slices * uniforms.channels + channel;
      sums[to] = mean;
      sums[to + uniforms.channels] = deviation;
      sums[to + 2 * uniforms.channels] = factor;
      ${recomputed ? "sums[to + 3 * uniforms.channels] = shift;" : ""}
    }
  }${merge}
  if (lane == 0 && channel < uniforms.channels) {
    sums[slice * uniforms.channels + channel] = doffsetLanes[at];
    sums[(uniforms.slices + slice) * uniforms.channels + channel] = dscaleLanes[at];
  }
}`,
  });
  const block = rowsABlock(rows, channels);
  const read = stored ? { gradient: saved! } : { dy: dy!, ...mask };
  const results = backend.run({
    key: `norm_gradient_rest_${stored ? "stored" : kind}`,
    inputs: { ...read, x: x!, sums: sums! },
    outputs,
    over: { dx: "x" },
    integers: { rows, channels, rowsASlice: block, slices },
    floats,
    workgroup: sliceWorkgroup,
    grid: sliceGrid(channels, Math.ceil(rows / block)),
    code: `${lanes}
fn main() {${SLICE}
  var doffsetSum = 0.0; var dscaleSum = 0.0;
  if (channel < uniforms.channels) {
    for (var part = lane; part < uniforms.slices; part = part + ${LANES}) {
      doffsetSum = doffsetSum + sums[part * uniforms.channels + channel];
      dscaleSum = dscaleSum + sums[(uniforms.slices + part) * uniforms.channels + channel];
    }
  }${merge}
  if (channel >= uniforms.channels) { return; }
  let constants = 2 * uniforms.slices * uniforms.channels + channel;
  let mean = sums[constants];
  let deviation = sums[constants + uniforms.channels];
  let factor = sums[constants + 2 * uniforms.channels];
  ${recomputed ? "let shift = sums[constants + 3 * uniforms.channels];" : ""}${apply(stored ? "gradient[value]" : gradient)}
}`,
  });
  backend.disposeData(sums!.dataId);
  if (residual) return [...results, saved!];
  if (saved) backend.disposeData(saved.dataId);
  return results;
}

type Inputs = Record<string, TensorInfo | undefined>;

export const normKernels: WebGPUKernels<NormAttributes> = {
  [BATCH_NORM]: batchNorm,

  [BATCH_STATISTICS]: ({ x }, _attributes, backend) => [batchStatistics(backend, x!)],

  [NORMALIZE]({ x, statistics, scale, offset, residual }, { epsilon, relu }, backend) {
    const inputs = { x: x!, statistics: statistics!, scale: scale!, offset: offset!, ...(residual && { residual }) };
    const scaled = `(x[index] - statistics[channel]) * (scale[channel] / ${CHANNEL_STD}) + offset[channel]`;
    const value = `${scaled}${residual ? " + residual[index]" : ""}`;
    return eachValue(
      backend,
      `normalize_${relu}_${Boolean(residual)}`,
      x!,
      inputs,
      {},
      { epsilon },
      { y: rectified(value, relu) },
    );
  },

  [NORMALIZE_GRADIENT]: normalizeGradient,
  [NORMALIZE_GRADIENT_OF_SUM]: normalizeGradient,

  [GROUP_NORM]({ x, scale, offset, residual }, { groups, epsilon, relu }, backend) {
    const [batch, positions, channels] = x!.shape as [number, number, number];
    const shape = { batch, positions, channels, groups };
    const statistics = groupSums(
      backend,
      "group_statistics",
      { x: x! },
      shape,
      {},
      `
  var sum = 0.0;${overGroup("sum = sum + x[value];")}
  let first = total(sum) / f32(size);
  var square = 0.0;${overGroup("let deviation = x[value] - first; square = square + deviation * deviation;")}
  let second = total(square) / f32(size);`,
    );
    const inputs = { x: x!, statistics, scale: scale!, offset: offset!, ...(residual && { residual }) };
    const scaled = `(x[index] - statistics[${GROUP}]) / ${GROUP_STD} * scale[channel] + offset[channel]`;
    const value = `${scaled}${residual ? " + residual[index]" : ""}`;
    return [
      ...eachValue(
        backend,
        `group_norm_${relu}_${Boolean(residual)}`,
        x!,
        inputs,
        { batch, positions, groups },
        { epsilon },
        { y: rectified(value, relu) },
      ),
      statistics,
    ];
  },

  [GROUP_NORM_GRADIENT]({ dy, x, y, statistics, scale }, { groups, epsilon, relu, residual }, backend) {
    const [batch, positions, channels] = x!.shape as [number, number, number];
    const shape = { batch, positions, channels, groups };
    const passed = passedAt(relu);
    const xhat = `((x[value] - statistics[${GROUP}]) / ${GROUP_STD})`;
    const measured = { dy: dy!, ...(relu && { y: y! }), x: x!, statistics: statistics! };
    const integers = { batch, positions, groups };
    const means = groupSums(
      backend,
      `group_means_${relu}`,
      { ...measured, scale: scale! },
      shape,
      { epsilon },
      `
  var sum = 0.0;
  var weighted = 0.0;${overGroup(`
    let g = ${passed} * scale[channel];
    sum = sum + g;
    weighted = weighted + g * ${xhat};`)}
  let first = total(sum) / f32(size);
  let second = total(weighted) / f32(size);`,
    );
    const rows = batch * positions;
    const [doffset, dscale] = channelSums(backend, {
      key: `group_gradient_${relu}`,
      inputs: measured,
      rows,
      channels,
      integers,
      floats: { epsilon },
      terms: { doffset: passed, dscale: `${passed} * ${xhat}` },
    });
    const [dx, dresidual] = eachValue(
      backend,
      `group_norm_gradient_${relu}_${residual}`,
      x!,
      { ...measured, scale: scale!, means },
      integers,
      { epsilon },
      {
        dx: `(${passed} * scale[channel] - means[${GROUP}] - ${xhat} * means[${GROUP_VARIANCE}]) / ${GROUP_STD}`,
        ...(residual && { dresidual: passed }),
      },
    );
    backend.disposeData(means.dataId);
    return residual ? [dx!, dscale!, doffset!, dresidual!] : [dx!, dscale!, doffset!];
  },
};
