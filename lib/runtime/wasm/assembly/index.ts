/**
 * The operations of training for the WASM backend, compiled by AssemblyScript to a
 * module that works on TensorFlow.js's own heap. A job is an operation's number,
 * its integer arguments (addresses in bytes, extents in elements), whether threads
 * share it, and its float arguments; `run` computes one thread's shares of a list
 * of jobs. No sum is split over shares, so results don't depend on the number of
 * threads.
 */
import { BARRIER, meet } from "./barrier";
import { addRows, averageRows, repeatRow } from "./elementwise";
import { softmaxCrossEntropy } from "./loss";
import { multiply, PRODUCT_SCRATCH } from "./matrix";
import { addBlocks, gradientRows, gradientSums, momentsOf, momentsOfFew, narrow, scaleRows, shiftedSums } from "./norm";
import { adam, sgd } from "./optimizers";
import { convolve, convolveKernelGradient, flip, PATCH_SCRATCH } from "./patches";
import { multiplyAndAdd } from "./peak";
import { maxPool, maxPoolGradient } from "./pools";
import { beginStep, gatherBatch } from "./step";
import {
  CHUNK, convolveTiles, kernelGradientOf, tilesKernelGradient, tilesOf, transformKernel, WINOGRAD_SCRATCH
} from "./winograd";

/** Bytes of working memory per thread. */
export function scratchBytes(): i32 {
  return <i32>max(PRODUCT_SCRATCH + PATCH_SCRATCH, WINOGRAD_SCRATCH);
}

/** Bytes of a barrier between jobs. */
export function barrierBytes(): i32 {
  return <i32>BARRIER;
}

/** Offsets in a job, after the operation and 30 integers, and its size. */
const SHARED: usize = 124;
const REALS: usize = 128;
const JOB: usize = 192;

let job: usize = 0;

// @ts-ignore: decorator
@inline
function n(index: i32): i32 {
  return i32.load(job + 4 + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
function p(index: i32): usize {
  return <usize>n(index);
}

// @ts-ignore: decorator
@inline
function real(index: i32): f64 {
  return f64.load(job + REALS + (<usize>index << 3));
}

/** Where the share of `part` begins, a multiple of `grain`. */
function share(size: i32, part: i32, parts: i32, grain: i32): i32 {
  if (part == parts) return size;
  const grains = (size + grain - 1) / grain;
  return min(size, ((grains * part) / parts) * grain);
}

/**
 * Computes this thread's shares of a list of jobs; the first thread also computes, alone, those that are not shared.
 * @returns whether all threads were there at every barrier
 */
export function run(list: usize, count: i32, part: i32, parts: i32, scratch: usize, barrier: usize): bool {
  let arrivals = 0;
  for (let index = 0; index < count; index++) {
    job = list + <usize>index * JOB;
    const shared = i32.load(job, SHARED) != 0;
    if (shared) compute(part, parts, scratch);
    else if (part == 0) compute(0, 1, scratch);
    if (ASC_FEATURE_THREADS) {
      if (parts == 1 || index + 1 == count || !(shared || i32.load(job + JOB, SHARED))) continue;
      arrivals += parts;
      if (!meet(barrier, arrivals)) return false;
    }
  }
  return true;
}

function compute(part: i32, parts: i32, scratch: usize): void {
  switch (i32.load(job)) {
    case 0: return product(part, parts, scratch);
    case 1: return convolution(part, parts, scratch);
    case 2: return kernelGradient(part, parts, scratch);
    case 3: return flip(p(0), n(1), n(2), n(3), p(4));
    case 4: return statisticSums(part, parts);
    case 5: return normalize(part, parts, scratch);
    case 6: return normalizeGradient(part, parts);
    case 7: return groupNorm(part, parts, scratch);
    case 8: return groupNormGradient(part, parts, scratch);
    case 9: return sgd(
      p(0), p(1), p(2), share(n(3), part, parts, 16), share(n(3), part + 1, parts, 16), rate(4, 0), <f32>real(1),
      <f32>real(2)
    );
    case 10: return adam(
      p(0), p(1), p(2), p(3), share(n(4), part, parts, 16), share(n(4), part + 1, parts, 16), rate(5, 0), rate(5, 1),
      <f32>real(2), <f32>real(3), <f32>real(4), <f32>real(5)
    );
    case 11: return pool(part, parts);
    case 12: return poolGradient(part, parts);
    case 13: return sum(part, parts);
    case 14: return averages(part, parts);
    case 15: return averageGradients(part, parts);
    case 16: return softmaxCrossEntropy(p(0), p(1), n(2), n(3), p(4), p(5), scratch);
    case 17: return beginStep(p(0), p(1), p(2), n(3));
    case 18: return gatherBatch(
      p(0), p(1), p(2), p(3), p(4), n(5), n(6), n(7), p(8), p(9), share(n(10), part, parts, 1),
      share(n(10), part + 1, parts, 1)
    );
    case 19: return store();
    case 20: return statistics();
    case 21: return normalizeGradientSums(part, parts);
    case 22: return normalizeGradientFactors();
    case 23: return groupNormParameters();
    case 24: return multiplyAndAdd(n(0), <f32>real(0), <f32>real(1), scratch);
    case 25: return transformKernel(p(0), n(1), n(2), p(3));
    case 26: return winograd(part, parts, scratch);
    case 27: return winogradKernelGradient(part, parts, scratch);
    case 28: return kernelGradientOf(
      p(0), n(1), n(2), p(3), share(n(1), part, parts, 1), share(n(1), part + 1, parts, 1)
    );
  }
}

/** A float argument that is a constant of the job, or in memory, if integer `at` is its address. */
function rate(at: i32, index: i32): f32 {
  return p(at) ? f32.load(p(at) + (<usize>index << 2)) : <f32>real(index);
}

/** a, aRow, aStep, b, bStep, bColumn, c, rows, columns, steps: threads share the longer side of the result. */
function product(part: i32, parts: i32, scratch: usize): void {
  const rows = n(7), columns = n(8);
  if (rows >= columns) {
    const from = share(rows, part, parts, 4);
    const count = share(rows, part + 1, parts, 4) - from;
    if (count > 0) multiply(
      p(0) + ((<usize>from * n(1)) << 2), n(1), n(2), p(3), n(4), n(5), p(6) + ((<usize>from * columns) << 2),
      columns, count, columns, n(9), false, scratch
    );
  } else {
    const from = share(columns, part, parts, 8);
    const count = share(columns, part + 1, parts, 8) - from;
    if (count > 0) multiply(
      p(0), n(1), n(2), p(3) + ((<usize>from * n(5)) << 2), n(4), n(5), p(6) + (<usize>from << 2), columns, rows,
      count, n(9), false, scratch
    );
  }
}

/**
 * x, height, width, channels, kernel, size, stride, padTop, padLeft, dilation, y, outHeight, outWidth, filters, images
 */
function convolution(part: i32, parts: i32, scratch: usize): void {
  const positions = n(14) * n(11) * n(12);
  convolve(
    p(0), n(1), n(2), n(3), p(4), n(5), n(6), n(7), n(8), n(9), p(10), n(11), n(12), n(13),
    share(positions, part, parts, 4), share(positions, part + 1, parts, 4), scratch
  );
}

/** x, height, width, channels, dy, outHeight, outWidth, filters, images, size, stride, padTop, padLeft, dkernel */
function kernelGradient(part: i32, parts: i32, scratch: usize): void {
  const rows = n(9) * n(9) * n(3);
  convolveKernelGradient(
    p(0), n(1), n(2), n(3), p(4), n(5), n(6), n(7), n(8), n(9), n(10), n(11), n(12), p(13),
    share(rows, part, parts, 4), share(rows, part + 1, parts, 4), scratch
  );
}

/** x, height, width, channels, transformed kernel, padTop, padLeft, y, outHeight, outWidth, filters, images */
function winograd(part: i32, parts: i32, scratch: usize): void {
  const tiles = tilesOf(n(11), n(8), n(9));
  convolveTiles(
    p(0), n(1), n(2), n(3), p(4), n(5), n(6), p(7), n(8), n(9), n(10), share(tiles, part, parts, 4),
    share(tiles, part + 1, parts, 4), scratch
  );
}

/**
 * x, height, width, channels, padTop, padLeft, dy, outHeight, outWidth, filters, images, gradient of the transformed
 * kernel: threads share its rows and chunks of channels, never a sum.
 */
function winogradKernelGradient(part: i32, parts: i32, scratch: usize): void {
  const channels = n(3), chunks = (channels + CHUNK - 1) / CHUNK;
  for (let unit = share(4 * chunks, part, parts, 1); unit < share(4 * chunks, part + 1, parts, 1); unit++) {
    const row = unit / chunks, from = (unit - row * chunks) * CHUNK;
    tilesKernelGradient(
      p(0), n(1), n(2), channels, n(4), n(5), p(6), n(7), n(8), n(9), n(10), p(11), row, from,
      min(channels, from + CHUNK), scratch
    );
  }
}

/** x, images, height, width, channels, y */
function pool(part: i32, parts: i32): void {
  const rows = n(1) * (n(2) >> 1);
  maxPool(p(0), n(2), n(3), n(4), p(5), share(rows, part, parts, 1), share(rows, part + 1, parts, 1));
}

/** x, images, height, width, channels, dy, dx */
function poolGradient(part: i32, parts: i32): void {
  const rows = n(1) * (n(2) >> 1);
  maxPoolGradient(p(0), p(5), n(2), n(3), n(4), p(6), share(rows, part, parts, 1), share(rows, part + 1, parts, 1));
}

/** a, b, rows, columns, whether b is one row, y */
function sum(part: i32, parts: i32): void {
  addRows(p(0), p(1), n(3), n(4) != 0, p(5), share(n(2), part, parts, 1), share(n(2), part + 1, parts, 1));
}

/** x, images, positions, channels, y; divisor */
function averages(part: i32, parts: i32): void {
  const bytes = <usize>n(3) << 2;
  for (let image = share(n(1), part, parts, 1); image < share(n(1), part + 1, parts, 1); image++)
    averageRows(p(0) + <usize>(image * n(2)) * bytes, n(2), n(3), <f32>real(0), p(4) + <usize>image * bytes, 0, n(3));
}

/** dy, images, positions, channels, dx; factor */
function averageGradients(part: i32, parts: i32): void {
  const bytes = <usize>n(3) << 2;
  for (let image = share(n(1), part, parts, 1); image < share(n(1), part + 1, parts, 1); image++)
    repeatRow(p(0) + <usize>image * bytes, n(3), <f32>real(0), n(2), p(4) + <usize>(image * n(2)) * bytes);
}

/** ring, clock, size of a slot, x, its place in the slot, values: copies x into the clock's slot. */
function store(): void {
  const slot = p(0) + (<usize>(i32.load(p(1), 8) * n(2) + n(4)) << 2);
  memory.copy(slot, p(3), <usize>n(5) << 2);
}

/** How many blocks of `size` rows there are. */
function blocksOf(rows: i32, size: i32): i32 {
  return (rows + size - 1) / size;
}

/** x, rows, channels, sums of each block of rows, rows per block */
function statisticSums(part: i32, parts: i32): void {
  const rows = n(1), channels = n(2), block = n(4);
  const blocks = blocksOf(rows, block);
  for (let index = share(blocks, part, parts, 1); index < share(blocks, part + 1, parts, 1); index++) {
    const from = index * block;
    shiftedSums(
      p(0) + (<usize>(from * channels) << 2), min(block, rows - from), channels, p(0),
      p(3) + (<usize>(index * 2 * channels) << 3)
    );
  }
}

/** x, rows, channels, sums of each block or working memory for a single one, rows per block, statistics */
function statistics(): void {
  const rows = n(1), channels = n(2), block = n(4);
  if (rows <= block) {
    momentsOfFew(p(0), rows, channels, p(3));
    narrow(p(3), 2 * channels, p(5));
    return;
  }
  addBlocks(p(3), blocksOf(rows, block), 2 * channels);
  momentsOf(p(3), rows, channels, p(0), p(5));
}

/** x, rows, channels, statistics, scale, offset, residual or 0, relu, y; epsilon */
function normalize(part: i32, parts: i32, scratch: usize): void {
  const channels = n(2);
  const variances = p(3) + (<usize>channels << 2);
  for (let c = 0; c < channels; c++) {
    const at = <usize>c << 2;
    f32.store(scratch + at, <f32>(<f64>f32.load(p(4) + at) / sqrt(<f64>f32.load(variances + at) + real(0))));
  }
  const from = share(n(1), part, parts, 1), to = share(n(1), part + 1, parts, 1);
  const along = <usize>(from * channels) << 2;
  scaleRows(
    p(0) + along, to - from, channels, p(3), scratch, p(5), p(6) ? p(6) + along : 0, n(7) != 0, p(8) + along
  );
}

/** dy, more or 0, x, y or 0, rows, channels, statistics, sums of each block of rows, rows per block */
function normalizeGradientSums(part: i32, parts: i32): void {
  const rows = n(4), channels = n(5), block = n(8);
  const blocks = blocksOf(rows, block);
  for (let index = share(blocks, part, parts, 1); index < share(blocks, part + 1, parts, 1); index++) {
    const from = index * block;
    const along = <usize>(from * channels) << 2;
    gradientSums(
      p(0) + along, p(1) ? p(1) + along : 0, p(2) + along, p(3) ? p(3) + along : 0, min(block, rows - from), channels,
      p(6), p(7) + (<usize>(index * 2 * channels) << 3)
    );
  }
}

/** sums, rows, channels, statistics, scale, dscale, doffset, factors float32 `[3, channels]`, rows per block; epsilon */
function normalizeGradientFactors(): void {
  const rows = n(1), channels = n(2);
  const narrow = <usize>channels << 2, wide = <usize>channels << 3;
  addBlocks(p(0), blocksOf(rows, n(8)), 2 * channels);
  for (let c = 0; c < channels; c++) {
    const at = <usize>c << 2;
    const inverse = 1 / sqrt(<f64>f32.load(p(3) + narrow + at) + real(0));
    const offset = f64.load(p(0) + (at << 1)), scale = f64.load(p(0) + wide + (at << 1)) * inverse;
    const factor = <f64>f32.load(p(4) + at) * inverse;
    f32.store(p(5) + at, <f32>scale);
    f32.store(p(6) + at, <f32>offset);
    f32.store(p(7) + at, <f32>factor);
    f32.store(p(7) + narrow + at, <f32>(factor * offset / rows));
    f32.store(p(7) + 2 * narrow + at, <f32>(factor * scale * inverse / rows));
  }
}

/** dy, more or 0, x, y or 0, rows, channels, statistics, factors, dx, dresidual or 0 */
function normalizeGradient(part: i32, parts: i32): void {
  const channels = n(5);
  const from = share(n(4), part, parts, 1), to = share(n(4), part + 1, parts, 1);
  const along = <usize>(from * channels) << 2, narrow = <usize>channels << 2;
  gradientRows(
    p(0) + along, p(1) ? p(1) + along : 0, p(2) + along, p(3) ? p(3) + along : 0, to - from, channels, p(6), p(7),
    p(7) + narrow, p(7) + 2 * narrow, p(8) + along, p(9) ? p(9) + along : 0
  );
}

/** x, batch, positions, channels, groups, scale, offset, residual or 0, relu, y, statistics; epsilon */
function groupNorm(part: i32, parts: i32, scratch: usize): void {
  const batch = n(1), positions = n(2), channels = n(3), groups = n(4);
  const size = channels / groups;
  const wide = <usize>channels << 3, narrow = <usize>channels << 2;
  const sums = scratch, centre = sums + 2 * wide, factor = centre + narrow;
  const image = (<usize>positions * channels) << 2;
  const count = <f64>positions * size;
  for (let example = share(batch, part, parts, 1); example < share(batch, part + 1, parts, 1); example++) {
    const along = <usize>example * image;
    const x = p(0) + along;
    shiftedSums(x, positions, channels, x, sums);
    for (let group = 0; group < groups; group++) {
      const first = group * size, end = first + size;
      let mean: f64 = 0;
      for (let c = first; c < end; c++)
        mean += <f64>f32.load(x + (<usize>c << 2)) + f64.load(sums + (<usize>c << 3)) / positions;
      mean /= size;
      let square: f64 = 0;
      for (let c = first; c < end; c++) {
        const shift = <f64>f32.load(x + (<usize>c << 2)) - mean;
        square += f64.load(sums + wide + (<usize>c << 3)) + 2 * shift * f64.load(sums + (<usize>c << 3)) +
          shift * shift * positions;
      }
      const variance = max(square / count, 0);
      const at = <usize>(example * groups + group) << 2;
      f32.store(p(10) + at, <f32>mean);
      f32.store(p(10) + ((<usize>batch * groups) << 2) + at, <f32>variance);
      const inverse = 1 / sqrt(variance + real(0));
      for (let c = first; c < end; c++) {
        f32.store(centre + (<usize>c << 2), <f32>mean);
        f32.store(factor + (<usize>c << 2), <f32>(<f64>f32.load(p(5) + (<usize>c << 2)) * inverse));
      }
    }
    scaleRows(
      x, positions, channels, centre, factor, p(6), p(7) ? p(7) + along : 0, n(8) != 0, p(9) + along
    );
  }
}

/**
 * dy, x, y or 0, batch, positions, channels, groups, statistics, scale, dx, dresidual or 0, sums: of each example, to
 * become the gradients of offset and scale; epsilon
 */
function groupNormGradient(part: i32, parts: i32, scratch: usize): void {
  const batch = n(3), positions = n(4), channels = n(5), groups = n(6);
  const size = channels / groups;
  const wide = <usize>channels << 3, narrow = <usize>channels << 2;
  const centre = scratch, factor = centre + narrow, shift = factor + narrow, slope = shift + narrow;
  const image = (<usize>positions * channels) << 2;
  const count = <f64>positions * size;
  for (let example = share(batch, part, parts, 1); example < share(batch, part + 1, parts, 1); example++) {
    const along = <usize>example * image;
    const y = p(2) ? p(2) + along : 0;
    const offsets = p(11) + <usize>(2 * example) * wide, scales = offsets + wide;
    for (let group = 0; group < groups; group++) {
      const mean = f32.load(p(7) + (<usize>(example * groups + group) << 2));
      for (let c = group * size; c < (group + 1) * size; c++) f32.store(centre + (<usize>c << 2), mean);
    }
    gradientSums(p(0) + along, 0, p(1) + along, y, positions, channels, centre, offsets);
    for (let group = 0; group < groups; group++) {
      const variance = <f64>f32.load(p(7) + (<usize>((batch + example) * groups + group) << 2));
      const inverse = 1 / sqrt(variance + real(0));
      let sum: f64 = 0, sumX: f64 = 0;
      for (let c = group * size; c < (group + 1) * size; c++) {
        const at = <usize>c << 3;
        const scale = <f64>f32.load(p(8) + (<usize>c << 2));
        const scaled = f64.load(scales + at) * inverse;
        f64.store(scales + at, scaled);
        sum += f64.load(offsets + at) * scale;
        sumX += scaled * scale;
      }
      for (let c = group * size; c < (group + 1) * size; c++) {
        const at = <usize>c << 2;
        f32.store(factor + at, <f32>(inverse * <f64>f32.load(p(8) + at)));
        f32.store(shift + at, <f32>(inverse * sum / count));
        f32.store(slope + at, <f32>(inverse * inverse * sumX / count));
      }
    }
    gradientRows(
      p(0) + along, 0, p(1) + along, y, positions, channels, centre, factor, shift, slope, p(9) + along,
      p(10) ? p(10) + along : 0
    );
  }
}

/** sums, blocks, channels, dscale, doffset */
function groupNormParameters(): void {
  const channels = n(2);
  addBlocks(p(0), n(1), 2 * channels);
  for (let c = 0; c < channels; c++) {
    f32.store(p(4) + (<usize>c << 2), <f32>f64.load(p(0) + (<usize>c << 3)));
    f32.store(p(3) + (<usize>c << 2), <f32>f64.load(p(0) + (<usize>(channels + c) << 3)));
  }
}
