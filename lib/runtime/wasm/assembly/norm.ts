/**
 * Norms over row-major `[rows, channels]`, with sums in float64. Each call covers
 * channels [from, to), so that no sum is split over threads.
 */

/** The upper two of four float32 lanes, as float64. */
// @ts-ignore: decorator
@inline
function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
}

// @ts-ignore: decorator
@inline
function accumulate(at: usize, low: v128, upper: v128): void {
  v128.store(at, f64x2.add(v128.load(at), low));
  v128.store(at, f64x2.add(v128.load(at, 16), upper), 16);
}

/**
 * `sums[c] += x[c]`, or `+= (x[c] − centre[c])²` given a centre; `sums` and `centres` are float64, from channel 0.
 */
function sumColumns(x: usize, rows: i32, channels: i32, from: i32, to: i32, sums: usize, centres: usize): void {
  const rowBytes: usize = <usize>channels << 2;
  const simd = from + ((to - from) & ~3);
  for (let row = 0; row < rows; row++) {
    let c = from;
    for (; c < simd; c += 4) {
      const value = v128.load(x + (<usize>c << 2));
      let low = f64x2.promote_low_f32x4(value);
      let upper = high(value);
      const at = sums + (<usize>c << 3);
      if (centres) {
        low = f64x2.sub(low, v128.load(centres + (<usize>c << 3)));
        upper = f64x2.sub(upper, v128.load(centres + (<usize>c << 3), 16));
        low = f64x2.mul(low, low);
        upper = f64x2.mul(upper, upper);
      }
      accumulate(at, low, upper);
    }
    for (; c < to; c++) {
      let value = <f64>f32.load(x + (<usize>c << 2));
      if (centres) {
        value -= f64.load(centres + (<usize>c << 3));
        value *= value;
      }
      const at = sums + (<usize>c << 3);
      f64.store(at, f64.load(at) + value);
    }
    x += rowBytes;
  }
}

/** Mean and biased variance of each channel, both float64. */
export function columnMoments(
  x: usize, rows: i32, channels: i32, from: i32, to: i32, means: usize, variances: usize
): void {
  memory.fill(means + (<usize>from << 3), 0, <usize>(to - from) << 3);
  memory.fill(variances + (<usize>from << 3), 0, <usize>(to - from) << 3);
  sumColumns(x, rows, channels, from, to, means, 0);
  for (let c = from; c < to; c++) {
    const at = means + (<usize>c << 3);
    f64.store(at, f64.load(at) / rows);
  }
  sumColumns(x, rows, channels, from, to, variances, means);
  for (let c = from; c < to; c++) {
    const at = variances + (<usize>c << 3);
    f64.store(at, f64.load(at) / rows);
  }
}

/**
 * Mean, then biased variance, of each channel: float32 `[2, channels]`.
 * @param scratch 16 bytes per channel
 */
export function batchStatistics(
  x: usize, rows: i32, channels: i32, from: i32, to: i32, out: usize, scratch: usize
): void {
  const variances = scratch + (<usize>channels << 3);
  columnMoments(x, rows, channels, from, to, scratch, variances);
  for (let c = from; c < to; c++) {
    f32.store(out + (<usize>c << 2), <f32>f64.load(scratch + (<usize>c << 3)));
    f32.store(out + (<usize>(channels + c) << 2), <f32>f64.load(variances + (<usize>c << 3)));
  }
}

/**
 * `y = (x − centre) · factor + offset (+ residual)`, rectified on request. Centre, factor and offset are float32, from
 * channel 0.
 */
export function scaleColumns(
  x: usize, rows: i32, channels: i32, from: i32, to: i32, centre: usize, factor: usize, offset: usize,
  residual: usize, relu: bool, y: usize
): void {
  const rowBytes: usize = <usize>channels << 2;
  const simd = from + ((to - from) & ~3);
  const zero = f32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    let c = from;
    for (; c < simd; c += 4) {
      const at = <usize>c << 2;
      let value = f32x4.add(
        f32x4.mul(f32x4.sub(v128.load(x + at), v128.load(centre + at)), v128.load(factor + at)),
        v128.load(offset + at)
      );
      if (residual) value = f32x4.add(value, v128.load(residual + at));
      // pmax propagates NaN, as a comparison would
      if (relu) value = f32x4.pmax(value, zero);
      v128.store(y + at, value);
    }
    for (; c < to; c++) {
      const at = <usize>c << 2;
      let value = (f32.load(x + at) - f32.load(centre + at)) * f32.load(factor + at) + f32.load(offset + at);
      if (residual) value += f32.load(residual + at);
      f32.store(y + at, relu && value < 0 ? 0 : value);
    }
    x += rowBytes;
    y += rowBytes;
    if (residual) residual += rowBytes;
  }
}

/**
 * Writes the gradient behind the rectifier to `dx`; adds its sum to `offsets`, and
 * its sum times `(x − centre)` to `scales`, both float64.
 */
export function gradientSums(
  dy: usize, x: usize, y: usize, rows: i32, channels: i32, from: i32, to: i32, centre: usize, relu: bool, dx: usize,
  offsets: usize, scales: usize
): void {
  const rowBytes: usize = <usize>channels << 2;
  const simd = from + ((to - from) & ~3);
  const zero = f32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    let c = from;
    for (; c < simd; c += 4) {
      const at = <usize>c << 2;
      let passed = v128.load(dy + at);
      if (relu) passed = v128.and(passed, f32x4.gt(v128.load(y + at), zero));
      v128.store(dx + at, passed);
      const deviation = f32x4.sub(v128.load(x + at), v128.load(centre + at));
      const low = f64x2.promote_low_f32x4(passed);
      const upper = high(passed);
      const wide = <usize>c << 3;
      accumulate(offsets + wide, low, upper);
      accumulate(scales + wide, f64x2.mul(low, f64x2.promote_low_f32x4(deviation)), f64x2.mul(upper, high(deviation)));
    }
    for (; c < to; c++) {
      const at = <usize>c << 2;
      const wide = <usize>c << 3;
      const passed: f32 = relu && !(f32.load(y + at) > 0) ? 0 : f32.load(dy + at);
      f32.store(dx + at, passed);
      f64.store(offsets + wide, f64.load(offsets + wide) + <f64>passed);
      f64.store(scales + wide, f64.load(scales + wide) + <f64>passed * <f64>(f32.load(x + at) - f32.load(centre + at)));
    }
    dy += rowBytes;
    x += rowBytes;
    dx += rowBytes;
    if (relu) y += rowBytes;
  }
}

/** `dx = factor · dx − shift − (x − centre) · slope`; all but dx and x are float32, from channel 0. */
export function gradientColumns(
  dx: usize, x: usize, rows: i32, channels: i32, from: i32, to: i32, centre: usize, factor: usize, shift: usize,
  slope: usize
): void {
  const rowBytes: usize = <usize>channels << 2;
  const simd = from + ((to - from) & ~3);
  for (let row = 0; row < rows; row++) {
    let c = from;
    for (; c < simd; c += 4) {
      const at = <usize>c << 2;
      const deviation = f32x4.sub(v128.load(x + at), v128.load(centre + at));
      const scaled = f32x4.mul(v128.load(factor + at), v128.load(dx + at));
      v128.store(
        dx + at, f32x4.sub(f32x4.sub(scaled, v128.load(shift + at)), f32x4.mul(deviation, v128.load(slope + at)))
      );
    }
    for (; c < to; c++) {
      const at = <usize>c << 2;
      const deviation = f32.load(x + at) - f32.load(centre + at);
      f32.store(
        dx + at, f32.load(factor + at) * f32.load(dx + at) - f32.load(shift + at) - deviation * f32.load(slope + at)
      );
    }
    dx += rowBytes;
    x += rowBytes;
  }
}

/** Copies channels [from, to) of every row. */
export function copyColumns(x: usize, rows: i32, channels: i32, from: i32, to: i32, out: usize): void {
  const rowBytes: usize = <usize>channels << 2;
  const start = <usize>from << 2;
  const bytes = <usize>(to - from) << 2;
  for (let row = 0; row < rows; row++) {
    memory.copy(out + start, x + start, bytes);
    x += rowBytes;
    out += rowBytes;
  }
}
