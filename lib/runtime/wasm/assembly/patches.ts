/**
 * Convolutions as products of image patches (im2col) that are never laid out: the
 * product's packing reads them from the image. NHWC; kernels HWIO.
 */
import { multiplyRows, PACKED, PRODUCT_SCRATCH, ROWS, STEPS, turnVectors } from "./matrix";

/** Zeros that are read where a tap is outside of the image: as many as any padded convolution of ours has channels. */
const ZERO_BYTES: usize = 4096 * 4;
const ZEROS: usize = PRODUCT_SCRATCH;
const ADDRESSES: usize = ZEROS + ZERO_BYTES;
/** Bytes of working memory besides a product's: the zeros, and an address for each step. */
export const PATCH_SCRATCH: usize = ZERO_BYTES + STEPS * 4;

/**
 * Where a tap of the kernel finds its channels, by position of the output: `p · stride + tap − pad` of the input dilated
 * by `dilation`. Set before each job.
 */
let image: usize = 0;
let height = 0, width = 0, channels = 0;
let outHeight = 0, outWidth = 0, size = 0, stride = 0, padTop = 0, padLeft = 0, dilation = 1;

function lookAt(
  x: usize, inHeight: i32, inWidth: i32, inChannels: i32, kernelSize: i32, itsStride: i32, top: i32, left: i32,
  itsDilation: i32, itsOutHeight: i32, itsOutWidth: i32, scratch: usize
): void {
  image = x;
  height = inHeight;
  width = inWidth;
  channels = inChannels;
  size = kernelSize;
  stride = itsStride;
  padTop = top;
  padLeft = left;
  dilation = itsDilation;
  outHeight = itsOutHeight;
  outWidth = itsOutWidth;
  memory.fill(scratch + ZEROS, 0, ZERO_BYTES);
}

/** The address of the channels under a tap, or `zeros` outside of the image. */
// @ts-ignore: decorator
@inline
function under(start: usize, oy: i32, ox: i32, fy: i32, fx: i32, zeros: usize): usize {
  let y = oy * stride + fy - padTop;
  let x = ox * stride + fx - padLeft;
  if (y < 0 || x < 0) return zeros;
  if (dilation > 1) {
    const wholeY = y / dilation, wholeX = x / dilation;
    if (wholeY * dilation != y || wholeX * dilation != x) return zeros;
    y = wholeY;
    x = wholeX;
  }
  if (y >= height || x >= width) return zeros;
  return start + (<usize>((y * width + x) * channels) << 2);
}

/** Whether all taps of a row are inside of the image, at a column of the output. */
// @ts-ignore: decorator
@inline
function isInside(ox: i32): bool {
  const x = ox * stride - padLeft;
  return x >= 0 && x + size <= width;
}

// @ts-ignore: decorator
@inline
function isRow(oy: i32, fy: i32): bool {
  const y = oy * stride + fy - padTop;
  return y >= 0 && y < height;
}

/**
 * Packs positions as rows of a product: of each four, the steps [from, from + depth) of their patches, as `multiplyRows`
 * reads them. A step is a channel under a tap.
 */
function packPositions(position: i32, count: i32, from: i32, depth: i32, zeros: usize, out: usize): void {
  const positions = outHeight * outWidth;
  const imageBytes = <usize>(height * width * channels) << 2;
  const end = from + depth;
  const firstTap = from / channels;
  for (let row = 0; row < count; row += 4) {
    // A last group of less than four reads the last position again.
    const p0 = position + row, last = position + count - 1;
    const p1 = min(p0 + 1, last), p2 = min(p0 + 2, last), p3 = min(p0 + 3, last);
    const n0 = p0 / positions, n1 = p1 / positions, n2 = p2 / positions, n3 = p3 / positions;
    const i0 = p0 - n0 * positions, i1 = p1 - n1 * positions, i2 = p2 - n2 * positions, i3 = p3 - n3 * positions;
    const y0 = i0 / outWidth, y1 = i1 / outWidth, y2 = i2 / outWidth, y3 = i3 / outWidth;
    const x0 = i0 - y0 * outWidth, x1 = i1 - y1 * outWidth, x2 = i2 - y2 * outWidth, x3 = i3 - y3 * outWidth;
    const s0 = image + <usize>n0 * imageBytes, s1 = image + <usize>n1 * imageBytes;
    const s2 = image + <usize>n2 * imageBytes, s3 = image + <usize>n3 * imageBytes;
    // Where a whole row of taps is inside, its values lie side by side.
    const inside = dilation == 1 && isInside(x0) && isInside(x1) && isInside(x2) && isInside(x3);
    let fy = firstTap / size, fx = firstTap - fy * size;
    for (let step = from; step < end; ) {
      const tapStart = (fy * size + fx) * channels;
      const skipped = <usize>(step - tapStart) << 2;
      const a0 = under(s0, y0, x0, fy, fx, zeros) + skipped, a1 = under(s1, y1, x1, fy, fx, zeros) + skipped;
      const a2 = under(s2, y2, x2, fy, fx, zeros) + skipped, a3 = under(s3, y3, x3, fy, fx, zeros) + skipped;
      const rowInside = inside && isRow(y0, fy) && isRow(y1, fy) && isRow(y2, fy) && isRow(y3, fy);
      const taps = rowInside ? size - fx : 1;
      const values = min(end, tapStart + taps * channels) - step;
      const bytes = <usize>values << 2;
      let c: usize = 0;
      for (; c + 16 <= bytes; c += 16) {
        turnVectors(v128.load(a0 + c), v128.load(a1 + c), v128.load(a2 + c), v128.load(a3 + c), out, 16);
        out += 64;
      }
      for (; c < bytes; c += 4) {
        f32.store(out, f32.load(a0 + c));
        f32.store(out, f32.load(a1 + c), 4);
        f32.store(out, f32.load(a2 + c), 8);
        f32.store(out, f32.load(a3 + c), 12);
        out += 16;
      }
      step += values;
      fx += taps;
      if (fx == size) {
        fx = 0;
        fy++;
      }
    }
  }
}

/**
 * `y = x ∗ kernel` for positions [from, to) of all images together.
 * @param kernel `[size · size · channels, filters]`
 * @param scratch `PRODUCT_SCRATCH + PATCH_SCRATCH` bytes
 */
export function convolve(
  x: usize, inHeight: i32, inWidth: i32, inChannels: i32,
  kernel: usize, kernelSize: i32, itsStride: i32, top: i32, left: i32, itsDilation: i32,
  y: usize, itsOutHeight: i32, itsOutWidth: i32, filters: i32,
  from: i32, to: i32, scratch: usize,
): void {
  lookAt(
    x, inHeight, inWidth, inChannels, kernelSize, itsStride, top, left, itsDilation, itsOutHeight, itsOutWidth, scratch
  );
  const steps = size * size * channels;
  const zeros = scratch + ZEROS;
  for (let position = from; position < to; position += ROWS) {
    const rows = min(ROWS, to - position);
    for (let k = 0; k < steps; k += STEPS) {
      const depth = min(STEPS, steps - k);
      packPositions(position, rows, k, depth, zeros, scratch + PACKED);
      multiplyRows(
        scratch + PACKED, 16, <usize>depth << 4, kernel + (<usize>(k * filters) << 2), filters, 1,
        y + (<usize>(position * filters) << 2), <usize>filters << 2, rows, filters, depth, k > 0, scratch
      );
    }
  }
}

/**
 * Packs four rows of the transposed patches, which are steps [row, row + 4) of a patch, over positions
 * [position, position + count).
 */
function packTaps(row: i32, rows: i32, position: i32, count: i32, scratch: usize, tap: i32, out: usize): i32 {
  const zeros = scratch + ZEROS, addresses = scratch + ADDRESSES;
  for (let lane = 0; lane < 4; ) {
    const step = min(row + lane, rows - 1);
    const itsTap = step / channels;
    if (itsTap != tap) {
      tap = itsTap;
      addressesUnder(tap / size, tap % size, position, count, zeros, addresses);
    }
    const offset = <usize>(step - tap * channels) << 2;
    const to = out + (<usize>lane << 2);
    if (lane == 0 && row + 4 <= rows && (step + 3) / channels == tap) {
      for (let k: usize = 0; k < <usize>count; k++)
        v128.store(to + (k << 4), v128.load(<usize>load<u32>(addresses + (k << 2)) + offset));
      return tap;
    }
    for (let k: usize = 0; k < <usize>count; k++)
      f32.store(to + (k << 4), f32.load(<usize>load<u32>(addresses + (k << 2)) + offset));
    lane++;
  }
  return tap;
}

/** The address of the channels under a tap at each position, or of zeros. */
function addressesUnder(fy: i32, fx: i32, position: i32, count: i32, zeros: usize, addresses: usize): void {
  const positions = outHeight * outWidth;
  const imageBytes = <usize>(height * width * channels) << 2;
  const n = position / positions;
  let start = image + <usize>n * imageBytes;
  let oy = (position - n * positions) / outWidth;
  let ox = position - n * positions - oy * outWidth;
  for (let k: usize = 0; k < <usize>count; k++) {
    store<u32>(addresses + (k << 2), <u32>under(start, oy, ox, fy, fx, zeros));
    if (++ox < outWidth) continue;
    ox = 0;
    if (++oy < outHeight) continue;
    oy = 0;
    start += imageBytes;
  }
}

/**
 * Rows [from, to) of the kernel's gradient `Σ_positions patchᵀ · dy`; a row is a channel under a tap.
 * @param scratch as for `convolve`
 */
export function convolveKernelGradient(
  x: usize, inHeight: i32, inWidth: i32, inChannels: i32,
  dy: usize, itsOutHeight: i32, itsOutWidth: i32, filters: i32, images: i32,
  kernelSize: i32, itsStride: i32, top: i32, left: i32,
  dkernel: usize, from: i32, to: i32, scratch: usize,
): void {
  lookAt(x, inHeight, inWidth, inChannels, kernelSize, itsStride, top, left, 1, itsOutHeight, itsOutWidth, scratch);
  const positions = images * outHeight * outWidth;
  const block = positionsPerSum(size * size * channels);
  const line = <usize>filters << 2;
  for (let position = 0; position < positions; position += block) {
    const count = min(block, positions - position);
    let tap = -1;
    for (let row = from; row < to; row += ROWS) {
      const rows = min(ROWS, to - row);
      let out = scratch + PACKED;
      for (let four = row; four < row + rows; four += 4) {
        tap = packTaps(four, row + rows, position, count, scratch, tap, out);
        out += <usize>count << 4;
      }
      multiplyRows(
        scratch + PACKED, 16, <usize>count << 4, dy + <usize>position * line, filters, 1, dkernel + <usize>row * line, line,
        rows, filters, count, position > 0, scratch
      );
    }
  }
}

/** Positions per partial sum: as many as `STEPS`, less for wide kernels. A rule of every version since the first. */
function positionsPerSum(patch: i32): i32 {
  return min(STEPS, max(4, (262_144 / patch) & ~3));
}

/**
 * Flips a kernel for the gradient by the input: `[taps, inputs, outputs]` → `[taps, outputs, inputs]`, taps in reverse
 * order.
 */
export function flip(kernel: usize, taps: i32, inputs: i32, outputs: i32, out: usize): void {
  for (let tap = 0; tap < taps; tap++) {
    const from = kernel + ((<usize>(taps - 1 - tap) * inputs * outputs) << 2);
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) {
        f32.store(out, f32.load(from + ((<usize>i * outputs + o) << 2)));
        out += 4;
      }
    }
  }
}
