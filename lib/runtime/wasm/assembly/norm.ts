/**
 * Norms over row-major `[rows, channels]`. Sums are float64, over blocks of rows whose
 * size depends on the shape alone, and blocks are added in order: so threads share
 * rows, which lie side by side in memory, and change no bit. Eight channels at a time
 * stay in registers.
 */

/** The upper two of four float32 lanes, as float64. */
// @ts-ignore: decorator
@inline
function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
}

/**
 * Of each channel `Σ (x − shift)`, then `Σ (x − shift)²`: float64 `[2, channels]`.
 * @param shift float32, a value near the mean, so that the squares cost no digits
 */
export function shiftedSums(x: usize, rows: i32, channels: i32, shift: usize, sums: usize): void {
  const rowBytes = <usize>channels << 2;
  const squares = sums + (<usize>channels << 3);
  let c = 0;
  for (; c + 8 <= channels; c += 8) {
    const narrow = <usize>c << 2, wide = <usize>c << 3;
    const k = v128.load(shift + narrow), l = v128.load(shift + narrow, 16);
    const k0 = f64x2.promote_low_f32x4(k), k1 = high(k), k2 = f64x2.promote_low_f32x4(l), k3 = high(l);
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0, q0 = s0, q1 = s0, q2 = s0, q3 = s0;
    let at = x + narrow;
    for (let row = 0; row < rows; row++, at += rowBytes) {
      const a = v128.load(at);
      const d0 = f64x2.sub(f64x2.promote_low_f32x4(a), k0);
      s0 = f64x2.add(s0, d0);
      q0 = f64x2.add(q0, f64x2.mul(d0, d0));
      const d1 = f64x2.sub(high(a), k1);
      s1 = f64x2.add(s1, d1);
      q1 = f64x2.add(q1, f64x2.mul(d1, d1));
      const b = v128.load(at, 16);
      const d2 = f64x2.sub(f64x2.promote_low_f32x4(b), k2);
      s2 = f64x2.add(s2, d2);
      q2 = f64x2.add(q2, f64x2.mul(d2, d2));
      const d3 = f64x2.sub(high(b), k3);
      s3 = f64x2.add(s3, d3);
      q3 = f64x2.add(q3, f64x2.mul(d3, d3));
    }
    store4(sums + wide, s0, s1, s2, s3);
    store4(squares + wide, q0, q1, q2, q3);
  }
  for (; c < channels; c++) {
    const k = <f64>f32.load(shift + (<usize>c << 2));
    let sum: f64 = 0, square: f64 = 0;
    let at = x + (<usize>c << 2);
    for (let row = 0; row < rows; row++, at += rowBytes) {
      const deviation = <f64>f32.load(at) - k;
      sum += deviation;
      square += deviation * deviation;
    }
    f64.store(sums + (<usize>c << 3), sum);
    f64.store(squares + (<usize>c << 3), square);
  }
}

// @ts-ignore: decorator
@inline
function store4(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
}

/**
 * The same of few rows, which stay in the L1 cache, in two passes: mean, then biased variance, float64 `[2, channels]`.
 * The results that are published rest on these bits.
 */
export function momentsOfFew(x: usize, rows: i32, channels: i32, moments: usize): void {
  const rowBytes = <usize>channels << 2;
  const end = x + <usize>rows * rowBytes;
  const variances = moments + (<usize>channels << 3);
  const count = f64x2.splat(rows);
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    const narrow = <usize>c << 2, wide = <usize>c << 3;
    let s0 = f64x2.splat(0), s1 = s0, q0 = s0, q1 = s0;
    for (let at = x + narrow; at < end; at += rowBytes) {
      const value = v128.load(at);
      s0 = f64x2.add(s0, f64x2.promote_low_f32x4(value));
      s1 = f64x2.add(s1, high(value));
    }
    s0 = f64x2.div(s0, count);
    s1 = f64x2.div(s1, count);
    for (let at = x + narrow; at < end; at += rowBytes) {
      const value = v128.load(at);
      const d0 = f64x2.sub(f64x2.promote_low_f32x4(value), s0), d1 = f64x2.sub(high(value), s1);
      q0 = f64x2.add(q0, f64x2.mul(d0, d0));
      q1 = f64x2.add(q1, f64x2.mul(d1, d1));
    }
    v128.store(moments + wide, s0);
    v128.store(moments + wide, s1, 16);
    v128.store(variances + wide, f64x2.div(q0, count));
    v128.store(variances + wide, f64x2.div(q1, count), 16);
  }
  for (; c < channels; c++) {
    let sum: f64 = 0, square: f64 = 0;
    for (let at = x + (<usize>c << 2); at < end; at += rowBytes) sum += <f64>f32.load(at);
    const mean = sum / rows;
    for (let at = x + (<usize>c << 2); at < end; at += rowBytes) {
      const deviation = <f64>f32.load(at) - mean;
      square += deviation * deviation;
    }
    f64.store(moments + (<usize>c << 3), mean);
    f64.store(variances + (<usize>c << 3), square / rows);
  }
}

/** Float64 values as float32. */
export function narrow(from: usize, values: i32, to: usize): void {
  for (let index: usize = 0; index < <usize>values; index++)
    f32.store(to + (index << 2), <f32>f64.load(from + (index << 3)));
}

/** Adds to the first of `blocks` float64 blocks of `values` each all others, in order. */
export function addBlocks(sums: usize, blocks: i32, values: i32): void {
  const bytes = <usize>values << 3;
  for (let block = 1; block < blocks; block++) {
    const from = sums + <usize>block * bytes;
    for (let at: usize = 0; at < bytes; at += 8) f64.store(sums + at, f64.load(sums + at) + f64.load(from + at));
  }
}

/** Mean, then biased variance, of each channel, float32 `[2, channels]`, from the shifted sums of `rows` values. */
export function momentsOf(sums: usize, rows: i32, channels: i32, shift: usize, out: usize): void {
  const squares = sums + (<usize>channels << 3);
  for (let c = 0; c < channels; c++) {
    const mean = f64.load(sums + (<usize>c << 3)) / rows;
    const square = f64.load(squares + (<usize>c << 3)) / rows;
    f32.store(out + (<usize>c << 2), <f32>(<f64>f32.load(shift + (<usize>c << 2)) + mean));
    // NaN stays NaN
    f32.store(out + (<usize>(channels + c) << 2), <f32>max(square - mean * mean, 0));
  }
}

/**
 * `y = (x − centre) · factor + offset (+ residual)`, rectified on request. Centre, factor and offset are float32, from
 * channel 0.
 */
export function scaleRows(
  x: usize, rows: i32, channels: i32, centre: usize, factor: usize, offset: usize, residual: usize, relu: bool, y: usize
): void {
  const rowBytes: usize = <usize>channels << 2;
  const simd = rowBytes & ~15;
  const zero = f32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    let at: usize = 0;
    for (; at < simd; at += 16) {
      let value = f32x4.add(
        f32x4.mul(f32x4.sub(v128.load(x + at), v128.load(centre + at)), v128.load(factor + at)),
        v128.load(offset + at)
      );
      if (residual) value = f32x4.add(value, v128.load(residual + at));
      // pmax propagates NaN, as a comparison would
      if (relu) value = f32x4.pmax(value, zero);
      v128.store(y + at, value);
    }
    for (; at < rowBytes; at += 4) {
      let value = (f32.load(x + at) - f32.load(centre + at)) * f32.load(factor + at) + f32.load(offset + at);
      if (residual) value += f32.load(residual + at);
      f32.store(y + at, relu && value < 0 ? 0 : value);
    }
    x += rowBytes;
    y += rowBytes;
    if (residual) residual += rowBytes;
  }
}

/** The gradient behind the rectifier: `dy (+ more)` where `y` is positive, or everywhere if `y` is 0. */
// @ts-ignore: decorator
@inline
function passed4(dy: usize, more: usize, y: usize): v128 {
  let value = v128.load(dy);
  if (more) value = f32x4.add(value, v128.load(more));
  return y ? v128.and(value, f32x4.gt(v128.load(y), f32x4.splat(0))) : value;
}

// @ts-ignore: decorator
@inline
function passed1(dy: usize, more: usize, y: usize): f32 {
  const value = more ? f32.load(dy) + f32.load(more) : f32.load(dy);
  return y && !(f32.load(y) > 0) ? 0 : value;
}

/**
 * Of each channel the sum of the gradient behind the rectifier, then of it times `x − centre`: float64 `[2, channels]`.
 * @param more a second gradient, added to `dy`; or 0
 * @param y the rectified output; 0 without a rectifier
 */
export function gradientSums(
  dy: usize, more: usize, x: usize, y: usize, rows: i32, channels: i32, centre: usize, sums: usize
): void {
  const rowBytes = <usize>channels << 2;
  const scales = sums + (<usize>channels << 3);
  const moreBytes = more ? rowBytes : 0, yBytes = y ? rowBytes : 0;
  let c = 0;
  for (; c + 8 <= channels; c += 8) {
    const narrow = <usize>c << 2, wide = <usize>c << 3;
    const m0 = v128.load(centre + narrow), m1 = v128.load(centre + narrow, 16);
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0, q0 = s0, q1 = s0, q2 = s0, q3 = s0;
    let g = dy + narrow, v = x + narrow;
    let a = more ? more + narrow : 0, b = y ? y + narrow : 0;
    for (let row = 0; row < rows; row++) {
      const passed = passed4(g, a, b);
      const deviation = f32x4.sub(v128.load(v), m0);
      const low = f64x2.promote_low_f32x4(passed), upper = high(passed);
      s0 = f64x2.add(s0, low);
      s1 = f64x2.add(s1, upper);
      q0 = f64x2.add(q0, f64x2.mul(low, f64x2.promote_low_f32x4(deviation)));
      q1 = f64x2.add(q1, f64x2.mul(upper, high(deviation)));
      const passed2 = passed4(g + 16, a ? a + 16 : 0, b ? b + 16 : 0);
      const deviation2 = f32x4.sub(v128.load(v, 16), m1);
      const low2 = f64x2.promote_low_f32x4(passed2), upper2 = high(passed2);
      s2 = f64x2.add(s2, low2);
      s3 = f64x2.add(s3, upper2);
      q2 = f64x2.add(q2, f64x2.mul(low2, f64x2.promote_low_f32x4(deviation2)));
      q3 = f64x2.add(q3, f64x2.mul(upper2, high(deviation2)));
      g += rowBytes;
      v += rowBytes;
      a += moreBytes;
      b += yBytes;
    }
    store4(sums + wide, s0, s1, s2, s3);
    store4(scales + wide, q0, q1, q2, q3);
  }
  for (; c < channels; c++) {
    const narrow = <usize>c << 2;
    const m = f32.load(centre + narrow);
    let sum: f64 = 0, scale: f64 = 0;
    let g = dy + narrow, v = x + narrow;
    let a = more ? more + narrow : 0, b = y ? y + narrow : 0;
    for (let row = 0; row < rows; row++) {
      const passed = <f64>passed1(g, a, b);
      sum += passed;
      scale += passed * <f64>(f32.load(v) - m);
      g += rowBytes;
      v += rowBytes;
      a += moreBytes;
      b += yBytes;
    }
    f64.store(sums + (<usize>c << 3), sum);
    f64.store(scales + (<usize>c << 3), scale);
  }
}

/**
 * `dx = factor · passed − shift − (x − centre) · slope`, where `passed` is the gradient behind the rectifier, which
 * `dresidual` gets, unless it is 0. Centre, factor, shift and slope are float32, from channel 0.
 */
export function gradientRows(
  dy: usize, more: usize, x: usize, y: usize, rows: i32, channels: i32, centre: usize, factor: usize, shift: usize,
  slope: usize, dx: usize, dresidual: usize
): void {
  const rowBytes = <usize>channels << 2;
  const simd = rowBytes & ~15;
  for (let row = 0; row < rows; row++) {
    let at: usize = 0;
    for (; at < simd; at += 16) {
      const passed = passed4(dy + at, more ? more + at : 0, y ? y + at : 0);
      if (dresidual) v128.store(dresidual + at, passed);
      const deviation = f32x4.sub(v128.load(x + at), v128.load(centre + at));
      const scaled = f32x4.mul(v128.load(factor + at), passed);
      v128.store(
        dx + at, f32x4.sub(f32x4.sub(scaled, v128.load(shift + at)), f32x4.mul(deviation, v128.load(slope + at)))
      );
    }
    for (; at < rowBytes; at += 4) {
      const passed = passed1(dy + at, more ? more + at : 0, y ? y + at : 0);
      if (dresidual) f32.store(dresidual + at, passed);
      const deviation = f32.load(x + at) - f32.load(centre + at);
      f32.store(dx + at, f32.load(factor + at) * passed - f32.load(shift + at) - deviation * f32.load(slope + at));
    }
    dy += rowBytes;
    x += rowBytes;
    dx += rowBytes;
    if (more) more += rowBytes;
    if (y) y += rowBytes;
    if (dresidual) dresidual += rowBytes;
  }
}
