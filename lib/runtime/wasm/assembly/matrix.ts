/**
 * Matrix products by tiles of 4 × 8 that stay in registers (Goto & van de Geijn
 * 2008). A tile reads the left operand as four values per step and the right one as
 * eight: from panels packed that way, or straight from memory that is laid out so.
 * Every entry is a sum of sums over `STEPS` steps each, in order, so that neither
 * threads nor the choice of a path change a bit.
 */

/** Steps of a partial sum: few enough that a panel of the right operand stays in the L1 cache. */
export const STEPS = 512;
/** Rows that are packed at a time: few enough that they stay in the L2 cache. */
export const ROWS = 128;
const PANEL: usize = STEPS * 8 * 4;
const TILE: usize = 4 * 8 * 4;
/** Offset, in the working memory of a product, of `ROWS` packed rows. */
export const PACKED: usize = PANEL + TILE;
/** Bytes of working memory that a product needs. */
export const PRODUCT_SCRATCH: usize = PACKED + ROWS * STEPS * 4;

/** With so few rows it takes longer to pack the right operand than to multiply. */
const FEW_ROWS = 8;

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
  const packed = scratch + PACKED;
  const cRowBytes = <usize>cRow << 2;
  for (let k = 0; k < steps; k += STEPS) {
    const depth = min(STEPS, steps - k);
    const add = accumulate || k > 0;
    const left = a + ((<usize>k * aStep) << 2);
    const right = b + ((<usize>k * bStep) << 2);
    // Rows side by side are read where they are.
    const direct = aRow == 1 ? rows & ~3 : 0;
    if (direct > 0) multiplyRows(
      left, <usize>aStep << 2, 16, right, bStep, bColumn, c, cRowBytes, direct, columns, depth, add, scratch
    );
    for (let i = direct; i < rows; i += ROWS) {
      const count = min(ROWS, rows - i);
      packRows(left + ((<usize>i * aRow) << 2), <usize>aRow << 2, <usize>aStep << 2, count, depth, packed);
      multiplyRows(
        packed, 16, <usize>depth << 4, right, bStep, bColumn, c + <usize>i * cRowBytes, cRowBytes, count, columns,
        depth, add, scratch
      );
    }
  }
}

/**
 * A product of at most `STEPS` steps. Of the left operand, four rows' values of a step lie side by side, the next step
 * `stepBytes` and the next four rows `fourBytes` further.
 */
export function multiplyRows(
  a: usize, stepBytes: usize, fourBytes: usize,
  b: usize, bStep: i32, bColumn: i32,
  c: usize, cRowBytes: usize,
  rows: i32, columns: i32, depth: i32,
  add: bool, scratch: usize,
): void {
  const tile = scratch + PANEL;
  for (let j = 0; j < columns; j += 8) {
    const width = min(8, columns - j);
    let panel = b + ((<usize>j * bColumn) << 2);
    let panelStep = <usize>bStep << 2;
    if (width < 8 || bColumn != 1 || rows > FEW_ROWS) {
      pack(panel, bStep, bColumn, depth, width, scratch);
      panel = scratch;
      panelStep = 32;
    }
    let to = c + (<usize>j << 2);
    let left = a;
    let i = 0;
    if (width == 8) {
      const whole = rows & ~3;
      // Not onto what is there: that would add each step to it, instead of their sum.
      if (!add && (depth == 4 || depth == 8)) {
        fewSteps(left, stepBytes, fourBytes, panel, panelStep, to, cRowBytes, whole, false);
        if (depth == 8)
          fewSteps(
            left + (stepBytes << 2), stepBytes, fourBytes, panel + (panelStep << 2), panelStep, to, cRowBytes, whole,
            true
          );
        left += <usize>(whole >> 2) * fourBytes;
        to += <usize>whole * cRowBytes;
        i = whole;
      } else {
        for (; i < whole; i += 4) {
          tile4(left, stepBytes, panel, panelStep, depth, to, cRowBytes, add);
          left += fourBytes;
          to += cRowBytes << 2;
        }
      }
    }
    for (; i < rows; i += 4) {
      tile4(left, stepBytes, panel, panelStep, depth, tile, 32, false);
      copyPart(tile, to, cRowBytes, min(4, rows - i), width, add);
      left += fourBytes;
      to += cRowBytes << 2;
    }
  }
}

/** Four rows by eight columns. */
function tile4(
  a: usize, stepBytes: usize, p: usize, panelStep: usize, depth: i32, c: usize, cRowBytes: usize, add: bool
): void {
  let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  for (const end = p + <usize>depth * panelStep; p < end; p += panelStep) {
    const b0 = v128.load(p);
    const b1 = v128.load(p, 16);
    const x0 = v128.load_splat<f32>(a);
    s00 = f32x4.add(s00, f32x4.mul(x0, b0));
    s01 = f32x4.add(s01, f32x4.mul(x0, b1));
    const x1 = v128.load_splat<f32>(a, 4);
    s10 = f32x4.add(s10, f32x4.mul(x1, b0));
    s11 = f32x4.add(s11, f32x4.mul(x1, b1));
    const x2 = v128.load_splat<f32>(a, 8);
    s20 = f32x4.add(s20, f32x4.mul(x2, b0));
    s21 = f32x4.add(s21, f32x4.mul(x2, b1));
    const x3 = v128.load_splat<f32>(a, 12);
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

// @ts-ignore: decorator
@inline
export function keep(c: usize, s0: v128, s1: v128, add: bool): void {
  if (add) {
    s0 = f32x4.add(s0, v128.load(c));
    s1 = f32x4.add(s1, v128.load(c, 16));
  }
  v128.store(c, s0);
  v128.store(c, s1, 16);
}

/** Writes the upper left part of a tile. */
function copyPart(tile: usize, c: usize, cRowBytes: usize, rows: i32, width: i32, add: bool): void {
  for (let i = 0; i < rows; i++) {
    for (let j: usize = 0; j < <usize>width << 2; j += 4)
      f32.store(c + j, add ? f32.load(tile + j) + f32.load(c + j) : f32.load(tile + j));
    tile += 32;
    c += cRowBytes;
  }
}

/** Four steps of a panel of eight columns, which stay in registers while all rows pass. */
function fewSteps(
  a: usize, stepBytes: usize, fourBytes: usize, p: usize, panelStep: usize, c: usize, cRowBytes: usize, rows: i32,
  add: bool
): void {
  const b00 = v128.load(p), b01 = v128.load(p, 16);
  p += panelStep;
  const b10 = v128.load(p), b11 = v128.load(p, 16);
  p += panelStep;
  const b20 = v128.load(p), b21 = v128.load(p, 16);
  p += panelStep;
  const b30 = v128.load(p), b31 = v128.load(p, 16);
  const zero = f32x4.splat(0);
  const second = stepBytes, third = 2 * stepBytes, fourth = 3 * stepBytes;
  for (let four = 0; four < rows; four += 4) {
    for (let at = a, end = a + 16; at < end; at += 4) {
      let s0 = zero, s1 = zero;
      if (add) {
        s0 = v128.load(c);
        s1 = v128.load(c, 16);
      }
      const x0 = v128.load_splat<f32>(at);
      s0 = f32x4.add(s0, f32x4.mul(x0, b00));
      s1 = f32x4.add(s1, f32x4.mul(x0, b01));
      const x1 = v128.load_splat<f32>(at + second);
      s0 = f32x4.add(s0, f32x4.mul(x1, b10));
      s1 = f32x4.add(s1, f32x4.mul(x1, b11));
      const x2 = v128.load_splat<f32>(at + third);
      s0 = f32x4.add(s0, f32x4.mul(x2, b20));
      s1 = f32x4.add(s1, f32x4.mul(x2, b21));
      const x3 = v128.load_splat<f32>(at + fourth);
      v128.store(c, f32x4.add(s0, f32x4.mul(x3, b30)));
      v128.store(c, f32x4.add(s1, f32x4.mul(x3, b31)), 16);
      c += cRowBytes;
    }
    a += fourBytes;
  }
}

/** Packs rows: of each four, `depth` steps of four values, padded with zeros. */
function packRows(a: usize, rowBytes: usize, stepBytes: usize, rows: i32, depth: i32, out: usize): void {
  let i = 0;
  if (stepBytes == 4) {
    const whole = depth & ~3;
    for (; i + 4 <= rows; i += 4) {
      let k = 0;
      let from = a;
      for (; k < whole; k += 4) {
        turn4(from, rowBytes, out, 16);
        from += 16;
        out += 64;
      }
      for (; k < depth; k++) {
        for (let row: usize = 0; row < 4; row++) f32.store(out + (row << 2), f32.load(from + row * rowBytes));
        from += 4;
        out += 16;
      }
      a += rowBytes << 2;
    }
  }
  for (; i < rows; i += 4) {
    const count = <usize>min(4, rows - i);
    let from = a;
    for (let k = 0; k < depth; k++) {
      for (let row: usize = 0; row < 4; row++)
        f32.store(out + (row << 2), row < count ? f32.load(from + row * rowBytes) : 0);
      from += stepBytes;
      out += 16;
    }
    a += rowBytes << 2;
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
    let k = 0;
    for (; k + 4 <= depth; k += 4) {
      turn4(b, columnBytes, panel, 32);
      turn4(b + (columnBytes << 2), columnBytes, panel + 16, 32);
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

/** Transposes 4 × 4 values; the bytes are from one row to the next. */
// @ts-ignore: decorator
@inline
function turn4(from: usize, fromBytes: usize, to: usize, toBytes: usize): void {
  const second = from + fromBytes, third = second + fromBytes;
  turnVectors(v128.load(from), v128.load(second), v128.load(third), v128.load(third + fromBytes), to, toBytes);
}

// @ts-ignore: decorator
@inline
export function turnVectors(a: v128, b: v128, c: v128, d: v128, to: usize, toBytes: usize): void {
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  to += toBytes;
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
  to += toBytes;
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
  v128.store(to + toBytes, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
}
