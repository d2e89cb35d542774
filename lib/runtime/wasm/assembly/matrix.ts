/**
 * One matrix product for every layout: both operands are read by strides, the
 * right one is packed into panels of eight columns, and tiles of 4 × 8 stay in
 * registers (Goto & van de Geijn 2008). The order of a sum doesn't depend on the
 * number of threads.
 */

/** Steps of the sum per panel: few enough that it stays in the L1 cache. */
const STEPS = 512;
const PANEL: usize = STEPS * 8 * 4;
/** Bytes of working memory that a product needs: one panel and one tile. */
export const PRODUCT_SCRATCH: usize = PANEL + 32;

/**
 * `c[i, j] (+)= Σ_k a[i, k] · b[k, j]`; strides in elements, `c` contiguous by row.
 * @param scratch `PRODUCT_SCRATCH` bytes
 */
export function multiply(
  a: usize, aRow: i32, aStep: i32,
  b: usize, bStep: i32, bColumn: i32,
  c: usize, cRow: i32,
  rows: i32, columns: i32, steps: i32,
  accumulate: bool, scratch: usize,
): void {
  const tile = scratch + PANEL;
  const rowBytes: usize = <usize>aRow << 2;
  const stepBytes: usize = <usize>aStep << 2;
  for (let k = 0; k < steps; k += STEPS) {
    const depth = min(STEPS, steps - k);
    const add = accumulate || k > 0;
    for (let j = 0; j < columns; j += 8) {
      const width = min(8, columns - j);
      pack(b + ((<usize>k * bStep + <usize>j * bColumn) << 2), bStep, bColumn, depth, width, scratch);
      let i = 0;
      for (; i + 4 <= rows; i += 4) {
        const at = a + <usize>i * rowBytes + <usize>k * stepBytes;
        const to = c + ((<usize>i * cRow + j) << 2);
        tile4(at, rowBytes, stepBytes, scratch, depth, to, <usize>cRow << 2, width, add, tile);
      }
      for (; i < rows; i++) {
        tile1(
          a + <usize>i * rowBytes + <usize>k * stepBytes, stepBytes, scratch, depth,
          c + ((<usize>i * cRow + j) << 2), width, add, tile
        );
      }
    }
  }
}

/** Packs a panel: `depth` rows of eight columns, padded with zeros. */
function pack(b: usize, bStep: i32, bColumn: i32, depth: i32, width: i32, panel: usize): void {
  const stepBytes: usize = <usize>bStep << 2;
  const columnBytes: usize = <usize>bColumn << 2;
  if (width == 8 && bColumn == 1) {
    for (let k = 0; k < depth; k++) {
      v128.store(panel, v128.load(b));
      v128.store(panel, v128.load(b, 16), 16);
      b += stepBytes;
      panel += 32;
    }
    return;
  }
  if (width == 8 && bStep == 1) {
    // Four steps at a time, transposed in registers.
    let k = 0;
    for (; k + 4 <= depth; k += 4) {
      turn4(b, columnBytes, panel);
      turn4(b + (columnBytes << 2), columnBytes, panel + 16);
      b += 16;
      panel += 128;
    }
    for (; k < depth; k++) {
      for (let j: usize = 0; j < 8; j++) f32.store(panel + (j << 2), f32.load(b + j * columnBytes));
      b += 4;
      panel += 32;
    }
    return;
  }
  for (let k = 0; k < depth; k++) {
    let from = b;
    for (let j = 0; j < 8; j++) {
      f32.store(panel + (<usize>j << 2), j < width ? f32.load(from) : 0);
      from += columnBytes;
    }
    b += stepBytes;
    panel += 32;
  }
}

/** Four columns of four, `columnBytes` apart → four rows 32 bytes apart. */
// @ts-ignore: decorator
@inline
function turn4(from: usize, columnBytes: usize, to: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + columnBytes);
  const c = v128.load(from + 2 * columnBytes);
  const d = v128.load(from + 3 * columnBytes);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7), 32);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7), 96);
}

function tile4(
  a: usize, rowBytes: usize, stepBytes: usize, panel: usize, depth: i32, c: usize, cRowBytes: usize, width: i32,
  add: bool, tile: usize
): void {
  let a1 = a + rowBytes;
  let a2 = a1 + rowBytes;
  let a3 = a2 + rowBytes;
  let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  const end = panel + (<usize>depth << 5);
  for (let p = panel; p < end; p += 32) {
    const b0 = v128.load(p);
    const b1 = v128.load(p, 16);
    const x0 = v128.load_splat<f32>(a);
    s00 = f32x4.add(s00, f32x4.mul(x0, b0));
    s01 = f32x4.add(s01, f32x4.mul(x0, b1));
    const x1 = v128.load_splat<f32>(a1);
    s10 = f32x4.add(s10, f32x4.mul(x1, b0));
    s11 = f32x4.add(s11, f32x4.mul(x1, b1));
    const x2 = v128.load_splat<f32>(a2);
    s20 = f32x4.add(s20, f32x4.mul(x2, b0));
    s21 = f32x4.add(s21, f32x4.mul(x2, b1));
    const x3 = v128.load_splat<f32>(a3);
    s30 = f32x4.add(s30, f32x4.mul(x3, b0));
    s31 = f32x4.add(s31, f32x4.mul(x3, b1));
    a += stepBytes;
    a1 += stepBytes;
    a2 += stepBytes;
    a3 += stepBytes;
  }
  keep(c, s00, s01, width, add, tile);
  c += cRowBytes;
  keep(c, s10, s11, width, add, tile);
  c += cRowBytes;
  keep(c, s20, s21, width, add, tile);
  keep(c + cRowBytes, s30, s31, width, add, tile);
}

function tile1(
  a: usize, stepBytes: usize, panel: usize, depth: i32, c: usize, width: i32, add: bool, tile: usize
): void {
  let s0 = f32x4.splat(0), s1 = s0;
  const end = panel + (<usize>depth << 5);
  for (let p = panel; p < end; p += 32) {
    const x = v128.load_splat<f32>(a);
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(p)));
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(p, 16)));
    a += stepBytes;
  }
  keep(c, s0, s1, width, add, tile);
}

// @ts-ignore: decorator
@inline
function keep(c: usize, s0: v128, s1: v128, width: i32, add: bool, tile: usize): void {
  if (width == 8) {
    if (add) {
      s0 = f32x4.add(s0, v128.load(c));
      s1 = f32x4.add(s1, v128.load(c, 16));
    }
    v128.store(c, s0);
    v128.store(c, s1, 16);
    return;
  }
  v128.store(tile, s0);
  v128.store(tile, s1, 16);
  for (let j: usize = 0; j < <usize>width; j++) {
    const at = c + (j << 2);
    f32.store(at, f32.load(tile + (j << 2)) + (add ? f32.load(at) : 0));
  }
}
