/**
 * Convolutions of 3 × 3 at stride 1 by Winograd's F(2 × 2, 3 × 3): 16 multiplications for four values of the output
 * instead of 36 (Lavin & Gray, CVPR 2016, §4.1). With d a tile of 4 × 4 of the input, g the kernel:
 * `y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A`, summed over channels, so each of the 16 places is a product of tiles × channels
 * by channels × filters. NHWC; kernels HWIO; channels and filters are multiples of four.
 */
import { keep } from "./matrix";

/** Bytes for the transformed tiles that are worked on at a time: they stay in the L2 cache. */
const WORKING: usize = 384 * 1024;
/** So that the 16 places of a tile don't fall into one set of the cache. */
const APART: usize = 64;
const MOST_TILES = 64;
/** Channels of a kernel's gradient that a thread computes at a time. */
export const CHUNK = 32;

/** As many channels or filters as a convolution may have. */
const MOST_CHANNELS = 1024;
/** After one padded tile: zeros for outputs beyond the edge. */
const ZEROS: usize = 16 * MOST_CHANNELS * 4;
const TILES: usize = ZEROS + MOST_CHANNELS * 4;
/** Bytes of working memory. */
export const WINOGRAD_SCRATCH: usize = TILES + WORKING + 32 * APART;

/** The image that tiles are read from, how it is padded, and how many tiles it has. Set before each job. */
let image: usize = 0;
let height = 0, width = 0, channels = 0;
let padTop = 0, padLeft = 0, down = 0, across = 0;

function lookAt(
  x: usize, inHeight: i32, inWidth: i32, inChannels: i32, top: i32, left: i32, outHeight: i32, outWidth: i32
): void {
  image = x;
  height = inHeight;
  width = inWidth;
  channels = inChannels;
  padTop = top;
  padLeft = left;
  down = (outHeight + 1) >> 1;
  across = (outWidth + 1) >> 1;
}

/** How many tiles the outputs of `images` images have. */
export function tilesOf(images: i32, outHeight: i32, outWidth: i32): i32 {
  return images * ((outHeight + 1) >> 1) * ((outWidth + 1) >> 1);
}

/** Row of tiles and column of tiles, with the image before it; set by `find`. */
let nth = 0, tileY = 0, tileX = 0;

// @ts-expect-error: decorator
@inline
function find(tile: i32): void {
  nth = tile / (down * across);
  const inImage = tile - nth * down * across;
  tileY = inImage / across;
  tileX = inImage - tileY * across;
}

/** Where a tile's 4 × 4 places begin, and the bytes from one row of them to the next; set by `locate`. */
let tileAt: usize = 0, tileRow: usize = 0;

/** Finds a tile in the image. One that reaches over the edge is copied to `padded`, with zeros around. */
function locate(tile: i32, padded: usize): void {
  find(tile);
  const top = 2 * tileY - padTop, left = 2 * tileX - padLeft;
  const bytes = <usize>channels << 2;
  const start = image + (<usize>((nth * height + top) * width + left) * bytes);
  tileRow = <usize>width * bytes;
  tileAt = start;
  const firstY = max(0, -top), endY = min(4, height - top);
  const firstX = max(0, -left), endX = min(4, width - left);
  if (firstY == 0 && endY == 4 && firstX == 0 && endX == 4) return;
  memory.fill(padded, 0, bytes << 4);
  for (let y = firstY; y < endY; y++) {
    const column = <usize>firstX * bytes;
    memory.copy(
      padded + <usize>(4 * y) * bytes + column, start + <usize>y * tileRow + column, <usize>(endX - firstX) * bytes
    );
  }
  tileAt = padded;
  tileRow = bytes << 2;
}

/** Row `i` of `Bᵀ d B` of the tile, all channels in [from, to); `outBytes` from one value of the row to the next. */
// @ts-expect-error: decorator
@inline
function transformRow(i: i32, from: usize, to: usize, out: usize, outBytes: usize): void {
  const column = <usize>channels << 2;
  // Row 0 is d0 − d2, row 1 d1 + d2, row 2 d2 − d1, row 3 d1 − d3.
  let a = tileAt + from + tileRow * <usize>(i == 0 ? 0 : i == 2 ? 2 : 1);
  let b = tileAt + from + tileRow * <usize>(i == 2 ? 1 : i == 3 ? 3 : 2);
  for (const end = tileAt + to + tileRow * <usize>(i == 0 ? 0 : i == 2 ? 2 : 1); a < end; a += 16) {
    const a1 = a + column, b1 = b + column;
    const a2 = a1 + column, b2 = b1 + column;
    const d0 = sumOf(i, v128.load(a), v128.load(b)), d1 = sumOf(i, v128.load(a1), v128.load(b1));
    const d2 = sumOf(i, v128.load(a2), v128.load(b2)), d3 = sumOf(i, v128.load(a2 + column), v128.load(b2 + column));
    v128.store(out, f32x4.sub(d0, d2));
    v128.store(out + outBytes, f32x4.add(d1, d2));
    v128.store(out + 2 * outBytes, f32x4.sub(d2, d1));
    v128.store(out + 3 * outBytes, f32x4.sub(d1, d3));
    b += 16;
    out += 16;
  }
}

// @ts-expect-error: decorator
@inline
function sumOf(i: i32, a: v128, b: v128): v128 {
  return i == 1 ? f32x4.add(a, b) : f32x4.sub(a, b);
}

/** Four rows by eight columns of a product; the right operand is a panel. */
function tile4(
  a: usize, rowBytes: usize, stepBytes: usize, p: usize, depth: i32, c: usize, cRowBytes: usize, add: bool
): void {
  let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  const second = rowBytes, third = 2 * rowBytes, fourth = 3 * rowBytes;
  for (const end = p + (<usize>depth << 5); p < end; p += 32) {
    const b0 = v128.load(p);
    const b1 = v128.load(p, 16);
    const x0 = v128.load_splat<f32>(a);
    s00 = f32x4.add(s00, f32x4.mul(x0, b0));
    s01 = f32x4.add(s01, f32x4.mul(x0, b1));
    const x1 = v128.load_splat<f32>(a + second);
    s10 = f32x4.add(s10, f32x4.mul(x1, b0));
    s11 = f32x4.add(s11, f32x4.mul(x1, b1));
    const x2 = v128.load_splat<f32>(a + third);
    s20 = f32x4.add(s20, f32x4.mul(x2, b0));
    s21 = f32x4.add(s21, f32x4.mul(x2, b1));
    const x3 = v128.load_splat<f32>(a + fourth);
    s30 = f32x4.add(s30, f32x4.mul(x3, b0));
    s31 = f32x4.add(s31, f32x4.mul(x3, b1));
    a += stepBytes;
  }
  keep(c, s00, s01, add);
  c += cRowBytes;
  keep(c, s10, s11, add);
  c += cRowBytes;
  keep(c, s20, s21, add);
  keep(c + cRowBytes, s30, s31, add);
}

/** `c (+)= a · b` for whole tiles of 4 × 8; `b` in panels of eight columns, one after the other. */
function multiplyPanels(
  a: usize, rowBytes: usize, stepBytes: usize, panel: usize, depth: i32, c: usize, fours: i32, columns: i32, add: bool
): void {
  const cRowBytes = <usize>columns << 2;
  for (let j = 0; j < columns; j += 8) {
    let left = a;
    let to = c + (<usize>j << 2);
    for (let four = 0; four < fours; four++) {
      tile4(left, rowBytes, stepBytes, panel, depth, to, cRowBytes, add);
      left += rowBytes << 2;
      to += cRowBytes << 2;
    }
    panel += <usize>depth << 5;
  }
}

// @ts-expect-error: decorator
@inline
function wholePanels(filters: i32): i32 {
  return (filters + 7) & ~7;
}

// @ts-expect-error: decorator
@inline
function half(x: v128): v128 {
  return f32x4.mul(x, f32x4.splat(0.5));
}

/** `G g Gᵀ` of every channel and filter: `[16, panels, channels, 8]`; what is beyond the last filter is zero. */
export function transformKernel(kernel: usize, inputs: i32, filters: i32, out: usize): void {
  const columns = wholePanels(filters);
  const tapBytes = <usize>(inputs * filters) << 2, placeBytes = <usize>(inputs * columns) << 2;
  for (let k = 0; k < columns; k += 4) {
    for (let c = 0; c < inputs; c++) {
      let to = out + (<usize>((k >> 3) * inputs * 8 + c * 8 + (k & 7)) << 2);
      const from = kernel + (<usize>(c * filters + k) << 2);
      if (k >= filters) {
        for (let place = 0; place < 16; place++) {
          v128.store(to, f32x4.splat(0));
          to += placeBytes;
        }
        continue;
      }
      for (let i = 0; i < 4; i++) {
        const g0 = kernelRow(i, from, tapBytes), g1 = kernelRow(i, from + tapBytes, tapBytes);
        const g2 = kernelRow(i, from + 2 * tapBytes, tapBytes);
        const ends = f32x4.add(g0, g2);
        v128.store(to, g0);
        v128.store(to + placeBytes, half(f32x4.add(ends, g1)));
        v128.store(to + 2 * placeBytes, half(f32x4.sub(ends, g1)));
        v128.store(to + 3 * placeBytes, g2);
        to += placeBytes << 2;
      }
    }
  }
}

/** Row `i` of `G g` at the column of taps that begins at `from`. */
// @ts-expect-error: decorator
@inline
function kernelRow(i: i32, from: usize, tapBytes: usize): v128 {
  const g0 = v128.load(from), g2 = v128.load(from + 6 * tapBytes);
  if (i == 0) return g0;
  if (i == 3) return g2;
  const g1 = v128.load(from + 3 * tapBytes), ends = f32x4.add(g0, g2);
  return half(i == 1 ? f32x4.add(ends, g1) : f32x4.sub(ends, g1));
}

/**
 * `y = x ∗ kernel` for tiles [from, to) of all images together.
 * @param transformed the kernel as `transformKernel` leaves it
 * @param scratch `WINOGRAD_SCRATCH` bytes
 */
export function convolveTiles(
  x: usize, inHeight: i32, inWidth: i32, inChannels: i32, transformed: usize, top: i32, left: i32,
  y: usize, outHeight: i32, outWidth: i32, filters: i32, from: i32, to: i32, scratch: usize
): void {
  lookAt(x, inHeight, inWidth, inChannels, top, left, outHeight, outWidth);
  const columns = wholePanels(filters);
  const padded = scratch, inputs = scratch + TILES;
  const size = max(4, min(MOST_TILES, <i32>(WORKING / (<usize>(channels + columns) << 6)) & ~3));
  const line = <usize>channels << 2;
  const inputBytes = <usize>size * line + APART, sumBytes = (<usize>(size * columns) << 2) + APART;
  const kernelBytes = line * columns;
  const sums = inputs + 16 * inputBytes;
  for (let tile = from; tile < to; tile += size) {
    const count = min(size, to - tile);
    for (let t = 0; t < count; t++) {
      locate(tile + t, padded);
      const out = inputs + <usize>t * line;
      transformRow(0, 0, line, out, inputBytes);
      transformRow(1, 0, line, out + 4 * inputBytes, inputBytes);
      transformRow(2, 0, line, out + 8 * inputBytes, inputBytes);
      transformRow(3, 0, line, out + 12 * inputBytes, inputBytes);
    }
    // Rows beyond `count` hold values of earlier tiles, whose products nobody reads.
    for (let place: usize = 0; place < 16; place++)
      multiplyPanels(
        inputs + place * inputBytes, line, 4, transformed + place * kernelBytes, channels, sums + place * sumBytes,
        (count + 3) >> 2, columns, false
      );
    for (let t = 0; t < count; t++)
      writeOutputs(tile + t, sums + (<usize>(t * columns) << 2), sumBytes, y, outHeight, outWidth, filters);
  }
}

/** Writes `Aᵀ m A` of one tile: 2 × 2 values of the output, fewer at an edge. */
function writeOutputs(
  tile: i32, sums: usize, sumBytes: usize, y: usize, outHeight: i32, outWidth: i32, filters: i32
): void {
  find(tile);
  const line = <usize>filters << 2, row = <usize>outWidth * line;
  const right = 2 * tileX + 1 < outWidth, below = 2 * tileY + 1 < outHeight;
  let to = y + <usize>((nth * outHeight + 2 * tileY) * outWidth + 2 * tileX) * line;
  for (let end = sums + line; sums < end; sums += 16) {
    const a0 = upper(sums, sumBytes), b0 = lower(sums, sumBytes);
    const a1 = upper(sums + sumBytes, sumBytes), b1 = lower(sums + sumBytes, sumBytes);
    const a2 = upper(sums + 2 * sumBytes, sumBytes), b2 = lower(sums + 2 * sumBytes, sumBytes);
    const a3 = upper(sums + 3 * sumBytes, sumBytes), b3 = lower(sums + 3 * sumBytes, sumBytes);
    v128.store(to, f32x4.add(f32x4.add(a0, a1), a2));
    if (right) v128.store(to + line, f32x4.sub(f32x4.sub(a1, a2), a3));
    if (below) {
      v128.store(to + row, f32x4.add(f32x4.add(b0, b1), b2));
      if (right) v128.store(to + row + line, f32x4.sub(f32x4.sub(b1, b2), b3));
    }
    to += 16;
  }
}

/** The first row of `Aᵀ m` at the column that begins at `m`. */
// @ts-expect-error: decorator
@inline
function upper(m: usize, placeBytes: usize): v128 {
  return f32x4.add(f32x4.add(v128.load(m), v128.load(m + 4 * placeBytes)), v128.load(m + 8 * placeBytes));
}

/** The second row of `Aᵀ m`. */
// @ts-expect-error: decorator
@inline
function lower(m: usize, placeBytes: usize): v128 {
  return f32x4.sub(
    f32x4.sub(v128.load(m + 4 * placeBytes), v128.load(m + 8 * placeBytes)), v128.load(m + 12 * placeBytes)
  );
}

/**
 * Row `i` of the gradient of the transformed kernel, `Σ_tiles (Bᵀ d B) ⊙ (A dy Aᵀ)`, for channels [from, to).
 * @param gradient `[16, channels, filters rounded up to eight]`
 * @param scratch `WINOGRAD_SCRATCH` bytes
 */
export function tilesKernelGradient(
  x: usize, inHeight: i32, inWidth: i32, inChannels: i32, top: i32, left: i32,
  dy: usize, outHeight: i32, outWidth: i32, filters: i32, images: i32,
  gradient: usize, i: i32, from: i32, to: i32, scratch: usize
): void {
  lookAt(x, inHeight, inWidth, inChannels, top, left, outHeight, outWidth);
  memory.fill(scratch + ZEROS, 0, <usize>filters << 2);
  const columns = wholePanels(filters), chunk = to - from;
  const padded = scratch, inputs = scratch + TILES;
  const tiles = tilesOf(images, outHeight, outWidth);
  const size = min(MOST_TILES, <i32>(WORKING / (<usize>(CHUNK + columns) << 4)));
  const inputBytes = (<usize>(size * chunk) << 2) + APART, outputBytes = (<usize>(size * columns) << 2) + APART;
  const outputs = inputs + 4 * inputBytes;
  for (let tile = 0; tile < tiles; tile += size) {
    const count = min(size, tiles - tile);
    for (let t = 0; t < count; t++) {
      locate(tile + t, padded);
      transformPart(i, <usize>from << 2, <usize>to << 2, inputs + (<usize>(t * chunk) << 2), inputBytes);
      transformOutputs(
        i, scratch + ZEROS, dy, outHeight, outWidth, filters, columns, outputs + (<usize>t << 5), <usize>count << 5,
        outputBytes
      );
    }
    for (let j: usize = 0; j < 4; j++)
      multiplyPanels(
        inputs + j * inputBytes, 4, <usize>chunk << 2, outputs + j * outputBytes, count,
        gradient + ((<usize>(4 * i + <i32>j) * channels + from) * columns << 2), chunk >> 2, columns, tile > 0
      );
  }
}

function transformPart(i: i32, from: usize, to: usize, out: usize, outBytes: usize): void {
  if (i == 0) transformRow(0, from, to, out, outBytes);
  else if (i == 1) transformRow(1, from, to, out, outBytes);
  else if (i == 2) transformRow(2, from, to, out, outBytes);
  else transformRow(3, from, to, out, outBytes);
}

/** Row `i` of `A dy Aᵀ` of the tile that was found last, in panels of eight filters. */
function transformOutputs(
  i: i32, zeros: usize, dy: usize, outHeight: i32, outWidth: i32, filters: i32, columns: i32, out: usize,
  panelBytes: usize, outBytes: usize
): void {
  const line = <usize>filters << 2, row = <usize>outWidth * line;
  const right = 2 * tileX + 1 < outWidth, below = 2 * tileY + 1 < outHeight;
  const start = dy + <usize>((nth * outHeight + 2 * tileY) * outWidth + 2 * tileX) * line;
  const second = right ? start + line : zeros, third = below ? start + row : zeros;
  const fourth = right && below ? start + row + line : zeros;
  for (let k = 0; k < columns; k += 4) {
    const at = <usize>k << 2;
    const to = out + <usize>(k >> 3) * panelBytes + (<usize>(k & 7) << 2);
    let r0 = f32x4.splat(0), r1 = r0;
    if (k < filters) {
      if (i == 0) {
        r0 = v128.load(start + at);
        r1 = v128.load(second + at);
      } else if (i == 3) {
        r0 = f32x4.neg(v128.load(third + at));
        r1 = f32x4.neg(v128.load(fourth + at));
      } else if (i == 1) {
        r0 = f32x4.add(v128.load(start + at), v128.load(third + at));
        r1 = f32x4.add(v128.load(second + at), v128.load(fourth + at));
      } else {
        r0 = f32x4.sub(v128.load(start + at), v128.load(third + at));
        r1 = f32x4.sub(v128.load(second + at), v128.load(fourth + at));
      }
    }
    v128.store(to, r0);
    v128.store(to + outBytes, f32x4.add(r0, r1));
    v128.store(to + 2 * outBytes, f32x4.sub(r0, r1));
    v128.store(to + 3 * outBytes, f32x4.neg(r1));
  }
}

/** The kernel's gradient `Gᵀ m G` for channels [from, to); `m` as `tilesKernelGradient` leaves it. */
export function kernelGradientOf(m: usize, inputs: i32, filters: i32, dkernel: usize, from: i32, to: i32): void {
  const columns = wholePanels(filters);
  const tapBytes = <usize>(inputs * filters) << 2, placeBytes = <usize>(inputs * columns) << 2;
  for (let c = from; c < to; c++) {
    for (let k = 0; k < filters; k += 4) {
      const at = m + (<usize>(c * columns + k) << 2);
      let out = dkernel + (<usize>(c * filters + k) << 2);
      for (let fy = 0; fy < 3; fy++) {
        const m0 = gradientRow(fy, at, placeBytes), m1 = gradientRow(fy, at + placeBytes, placeBytes);
        const m2 = gradientRow(fy, at + 2 * placeBytes, placeBytes), m3 = gradientRow(fy, at + 3 * placeBytes, placeBytes);
        const middle = half(f32x4.add(m1, m2));
        v128.store(out, f32x4.add(m0, middle));
        v128.store(out + tapBytes, half(f32x4.sub(m1, m2)));
        v128.store(out + 2 * tapBytes, f32x4.add(m3, middle));
        out += 3 * tapBytes;
      }
    }
  }
}

/** Row `fy` of `Gᵀ m` at the column that begins at `m`. */
// @ts-expect-error: decorator
@inline
function gradientRow(fy: i32, m: usize, placeBytes: usize): v128 {
  const m1 = v128.load(m + 4 * placeBytes), m2 = v128.load(m + 8 * placeBytes);
  if (fy == 1) return half(f32x4.sub(m1, m2));
  return f32x4.add(v128.load(fy == 0 ? m : m + 12 * placeBytes), half(f32x4.add(m1, m2)));
}
