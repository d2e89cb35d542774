/**
 * Convolutions as products of image patches (im2col), a few positions at a time
 * so that the patches stay in the cache. NHWC; kernels HWIO.
 */
import { multiply, PRODUCT_SCRATCH } from "./matrix";

/** Bytes of patches that are laid out at a time. */
export const PATCH_SCRATCH: usize = 1 << 20;

/**
 * Patches of positions [from, to) as rows: for each tap in [firstTap, endTap) the
 * channels of the value under it, zeros outside. A tap f of position p reads
 * `p · stride + f − pad` of the input dilated by `dilation`.
 */
function lay(
  x: usize, height: i32, width: i32, channels: i32,
  outHeight: i32, outWidth: i32, size: i32, stride: i32, padTop: i32, padLeft: i32, dilation: i32,
  from: i32, to: i32, firstTap: i32, endTap: i32, out: usize,
): void {
  const bytes: usize = <usize>channels << 2;
  const positions = outHeight * outWidth;
  for (let position = from; position < to; position++) {
    const image = position / positions;
    const inside = position - image * positions;
    const oy = inside / outWidth;
    const ox = inside - oy * outWidth;
    const start = x + <usize>image * height * width * bytes;
    for (let tap = firstTap; tap < endTap; tap++) {
      const fy = tap / size;
      const iy = oy * stride + fy - padTop;
      const ix = ox * stride + (tap - fy * size) - padLeft;
      let y = iy, z = ix;
      let hit = iy >= 0 && ix >= 0;
      if (dilation > 1) {
        y = iy / dilation;
        z = ix / dilation;
        hit = hit && y * dilation == iy && z * dilation == ix;
      }
      if (hit && y < height && z < width) {
        const source = start + (<usize>y * width + z) * bytes;
        copy(out, source, bytes);
      } else memory.fill(out, 0, bytes);
      out += bytes;
    }
  }
}

// @ts-ignore: decorator
@inline
function copy(to: usize, from: usize, bytes: usize): void {
  if (bytes & 15) {
    for (let at: usize = 0; at < bytes; at += 4) f32.store(to + at, f32.load(from + at));
  } else {
    for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, v128.load(from + at));
  }
}

/** Positions whose patches fit into the scratch: a multiple of four, at least four. */
function block(patch: i32): i32 {
  return max(4, (<i32>(PATCH_SCRATCH >> 2) / patch) & ~3);
}

/**
 * `y = x ∗ kernel` for positions [from, to) of all images together.
 * @param kernel `[size · size · channels, filters]`
 * @param scratch `PRODUCT_SCRATCH + PATCH_SCRATCH` bytes, more where four patches are larger
 */
export function convolve(
  x: usize, height: i32, width: i32, channels: i32,
  kernel: usize, size: i32, stride: i32, padTop: i32, padLeft: i32, dilation: i32,
  y: usize, outHeight: i32, outWidth: i32, filters: i32,
  from: i32, to: i32, scratch: usize,
): void {
  const patch = size * size * channels;
  const laid = scratch + PRODUCT_SCRATCH;
  const rows = block(patch);
  for (let position = from; position < to; position += rows) {
    const end = min(to, position + rows);
    lay(
      x, height, width, channels, outHeight, outWidth, size, stride, padTop, padLeft, dilation, position, end, 0,
      size * size, laid
    );
    multiply(
      laid, patch, 1, kernel, filters, 1, y + ((<usize>position * filters) << 2), filters, end - position, filters,
      patch, false, scratch
    );
  }
}

/** The kernel's gradient for taps [firstTap, endTap): `Σ_positions patchᵀ · dy`. */
export function convolveKernelGradient(
  x: usize, height: i32, width: i32, channels: i32,
  dy: usize, outHeight: i32, outWidth: i32, filters: i32, images: i32,
  size: i32, stride: i32, padTop: i32, padLeft: i32,
  dkernel: usize, firstTap: i32, endTap: i32, scratch: usize,
): void {
  const taps = endTap - firstTap;
  if (taps <= 0) return;
  const patch = taps * channels;
  const laid = scratch + PRODUCT_SCRATCH;
  const rows = min(512, block(size * size * channels)); // of the whole kernel: sums must not depend on the share
  const positions = images * outHeight * outWidth;
  const into = dkernel + ((<usize>firstTap * channels * filters) << 2);
  for (let position = 0; position < positions; position += rows) {
    const end = min(positions, position + rows);
    lay(
      x, height, width, channels, outHeight, outWidth, size, stride, padTop, padLeft, 1, position, end, firstTap,
      endTap, laid
    );
    multiply(
      laid, 1, patch, dy + ((<usize>position * filters) << 2), filters, 1, into, filters, patch, filters,
      end - position, position > 0, scratch
    );
  }
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
