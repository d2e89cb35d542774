/**
 * Norms on WebGPU, in a few dispatches each. Workgroups of 16 channels × 16 row
 * lanes sum channels over slices of the rows, and the slices are merged in a fixed
 * order (Chan, Golub & LeVeque 1983), so that sums are the same in every run and
 * accurate for large means. Row-major `[rows, channels]`.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import {
  BATCH_STATISTICS,
  CHANNEL_SUM,
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

/** Mean and variance of each channel, `[2, channels]`: Welford per lane, merged over lanes, then over slices. */
function batchStatistics(backend: CapturingBackend, x: TensorInfo): TensorInfo {
  const [rows, channels] = x.shape as [number, number];
  const slices = slicesFor(rows);
  const alone = slices === 1;
  const [partial] = backend.run({
    key: `statistics_${alone}`,
    inputs: { x },
    outputs: { result: { shape: alone ? [2, channels] : [slices, 3, channels] } },
    integers: { rows, channels, rowsASlice: sliceSize(rows, slices) },
    workgroup: sliceWorkgroup,
    grid: sliceGrid(channels, slices),
    code: `
var<workgroup> counts : array<f32, ${CHANNELS * LANES}>;
var<workgroup> means : array<f32, ${CHANNELS * LANES}>;
var<workgroup> squares : array<f32, ${CHANNELS * LANES}>;
fn main() {${SLICE}
  var count = 0.0; var mean = 0.0; var square = 0.0;
  if (channel < uniforms.channels) {
    for (var row = first + lane; row < last; row = row + ${LANES}) {
      let value = x[row * uniforms.channels + channel];
      count = count + 1.0;
      let deviation = value - mean;
      mean = mean + deviation / count;
      square = square + deviation * (value - mean);
    }
  }
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
  }
  if (lane == 0 && channel < uniforms.channels) {
    ${
      alone
        ? `result[channel] = means[at];
    result[uniforms.channels + channel] = squares[at] / counts[at];`
        : `let to = slice * 3 * uniforms.channels + channel;
    result[to] = counts[at];
    result[to + uniforms.channels] = means[at];
    result[to + 2 * uniforms.channels] = squares[at];`
    }
  }
}`,
  });
  if (alone) return partial!;
  const [merged] = backend.run({
    key: "merge_statistics",
    inputs: { partial: partial! },
    outputs: { result: { shape: [2, channels] } },
    integers: { slices, channels },
    grid: gridFor(channels),
    code: `
fn main() {${INDEX("uniforms.channels")}
  var count = 0.0; var mean = 0.0; var square = 0.0;
  for (var slice = 0; slice < uniforms.slices; slice = slice + 1) {
    let start = slice * 3 * uniforms.channels + index;
    let added = partial[start];
    if (added > 0.0) {
      let total = count + added;
      let difference = partial[start + uniforms.channels] - mean;
      mean = mean + difference * added / total;
      square = square + partial[start + 2 * uniforms.channels] + difference * difference * count * added / total;
      count = total;
    }
  }
  result[index] = mean;
  result[uniforms.channels + index] = square / count;
}`,
  });
  backend.disposeData(partial!.dataId);
  return merged!;
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
  /** WGSL to run before a value's terms. With `stored` it also writes the tensor `stored`, `[rows, channels]`. */
  first?: { code: string; stored: boolean };
}

/** The sum of each term over the rows, `[channels]`, all in one pass; then the tensor `stored`, if requested. */
function channelSums(
  backend: CapturingBackend,
  { key, inputs, rows, channels, integers = {}, floats = {}, terms, first }: ChannelSums,
): TensorInfo[] {
  const slices = slicesFor(rows);
  const names = Object.keys(terms);
  const each = (line: (name: string) => string, between = " ") => names.map(line).join(between);
  const made = backend.run({
    key: `sums_${key}`,
    inputs,
    outputs: {
      ...Object.fromEntries(names.map((name) => [name, { shape: slices === 1 ? [channels] : [slices, channels] }])),
      ...(first?.stored && { stored: { shape: [rows, channels] } }),
    },
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
      ${first?.code ?? ""}
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
  const partials = made.slice(0, names.length);
  const partialOf = (name: string) => `${name}Partial`;
  const totals = backend.run({
    key: `merge_${names.join("_")}`,
    inputs: Object.fromEntries(names.map((name, index) => [partialOf(name), partials[index]!])),
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
  for (const { dataId } of partials) backend.disposeData(dataId);
  return [...totals, ...made.slice(names.length)];
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

/** WGSL: a normalized value without scale and offset; and with them, as `NORMALIZE` computes it. */
const XHAT = `((x[value] - statistics[channel]) / ${CHANNEL_STD})`;
const SCALED = `((x[value] - statistics[channel]) * (scale[channel] / ${CHANNEL_STD}) + offset[channel])`;

/**
 * Reads as little memory as possible. Whether the rectifier passed a value is recomputed if that needs no further
 * tensor. The gradient of the rectifier's input is stored only if it is a sum or the residual needs it.
 */
function normalizeGradient(
  { dy, more, x, y, statistics, scale, offset }: Inputs,
  { epsilon, relu, residual }: NormAttributes,
  backend: CapturingBackend,
): TensorInfo[] {
  const [rows, channels] = x!.shape as [number, number];
  const recomputed = relu && !residual && offset !== undefined;
  const stored = residual || more !== undefined;
  const whole = more ? "(dy[value] + more[value])" : "dy[value]";
  const passed = relu ? `select(0.0, ${whole}, ${recomputed ? SCALED : "y[value]"} > 0.0)` : whole;
  const read = { dy: dy!, ...(more && { more }), ...(recomputed ? { scale: scale!, offset } : relu && { y: y! }) };
  const measured = { x: x!, statistics: statistics! };
  const kind = `${relu}_${recomputed}_${residual}_${Boolean(more)}`;
  const [doffset, dscale, gradient] = channelSums(backend, {
    key: `gradient_${kind}`,
    inputs: { ...read, ...measured },
    rows,
    channels,
    floats: { epsilon },
    first: { code: `let g = ${passed};${stored ? " stored[value] = g;" : ""}`, stored },
    terms: { doffset: "g", dscale: `g * ${XHAT}` },
  });
  const [dx] = eachValue(
    backend,
    `normalize_gradient_${stored ? "stored" : kind}`,
    x!,
    { ...(stored ? { gradient: gradient! } : read), ...measured, scale: scale!, doffset: doffset!, dscale: dscale! },
    {},
    { epsilon, share: 1 / rows },
    {
      dx:
        `scale[channel] / ${CHANNEL_STD} * ` +
        `(${stored ? "gradient[value]" : passed} - (doffset[channel] + ${XHAT} * dscale[channel]) * uniforms.share)`,
    },
  );
  if (residual) return [dx!, dscale!, doffset!, gradient!];
  if (gradient) backend.disposeData(gradient.dataId);
  return [dx!, dscale!, doffset!];
}

type Inputs = Record<string, TensorInfo | undefined>;

export const normKernels: WebGPUKernels<NormAttributes> = {
  [BATCH_STATISTICS]: ({ x }, _attributes, backend) => [batchStatistics(backend, x!)],

  [CHANNEL_SUM]({ x }, _attributes, backend) {
    const [rows, channels] = x!.shape as [number, number];
    return channelSums(backend, { key: "values", inputs: { x: x! }, rows, channels, terms: { sum: "x[value]" } });
  },

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
