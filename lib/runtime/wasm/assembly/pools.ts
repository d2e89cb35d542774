/** Pooling of images, NHWC. */

/** The maxima of 2×2 squares, stride 2: rows [from, to) of the maxima of all images together. */
export function maxPool(
  x: usize, height: i32, width: i32, channels: i32, y: usize, from: i32, to: i32,
): void {
  const outHeight = height >> 1, outWidth = width >> 1;
  const step = <usize>channels << 2;
  const line = <usize>width * step;
  y += <usize>from * outWidth * step;
  for (let row = from; row < to; row++) {
    const image = row / outHeight;
    let at = x + (<usize>image * height + 2 * (row - image * outHeight)) * line;
    for (let ox = 0; ox < outWidth; ox++) {
      let c: usize = 0;
      for (; c + 16 <= step; c += 16) {
        const a = at + c, b = a + line;
        v128.store(y + c, f32x4.max(
          f32x4.max(v128.load(a), v128.load(a + step)), f32x4.max(v128.load(b), v128.load(b + step))
        ));
      }
      for (; c < step; c += 4) {
        const a = at + c, b = a + line;
        f32.store(y + c, max(max(f32.load(a), f32.load(a + step)), max(f32.load(b), f32.load(b + step))));
      }
      at += 2 * step;
      y += step;
    }
  }
}

/**
 * The gradient of the maxima of 2×2 squares, stride 2, for rows [from, to) of the maxima of all images together. What
 * came from equal maxima goes to the last of them; the values of an odd last row or column get 0.
 */
export function maxPoolGradient(
  x: usize, dy: usize, height: i32, width: i32, channels: i32, dx: usize, from: i32, to: i32,
): void {
  const outHeight = height >> 1, outWidth = width >> 1;
  const step = <usize>channels << 2;
  const line = <usize>width * step;
  dy += <usize>from * outWidth * step;
  for (let row = from; row < to; row++) {
    const image = row / outHeight;
    const oy = row - image * outHeight;
    let at = (<usize>image * height + 2 * oy) * line;
    if (width & 1) {
      memory.fill(dx + at + line - step, 0, step);
      memory.fill(dx + at + 2 * line - step, 0, step);
    }
    if (height & 1 && oy == outHeight - 1) memory.fill(dx + at + 2 * line, 0, line);
    for (let ox = 0; ox < outWidth; ox++) {
      square(x + at, dy, step, line, dx + at);
      at += 2 * step;
      dy += step;
    }
  }
}

/** One square of all channels, four at a time. */
// @ts-ignore: decorator
@inline
function square(x: usize, dy: usize, step: usize, line: usize, dx: usize): void {
  let c: usize = 0;
  for (; c + 16 <= step; c += 16) {
    const a = v128.load(x + c), b = v128.load(x + c + step);
    const d = v128.load(x + c + line), e = v128.load(x + c + line + step);
    const gradient = v128.load(dy + c);
    const isE = v128.and(v128.and(f32x4.ge(e, d), f32x4.ge(e, b)), f32x4.ge(e, a));
    const isD = v128.andnot(v128.and(f32x4.ge(d, b), f32x4.ge(d, a)), isE);
    const isDOrE = v128.or(isD, isE);
    const isB = v128.andnot(f32x4.ge(b, a), isDOrE);
    v128.store(dx + c, v128.andnot(gradient, v128.or(isB, isDOrE)));
    v128.store(dx + c + step, v128.and(gradient, isB));
    v128.store(dx + c + line, v128.and(gradient, isD));
    v128.store(dx + c + line + step, v128.and(gradient, isE));
  }
  for (; c < step; c += 4) {
    const b = c + step, d = c + line, e = d + step;
    let last = c;
    if (f32.load(x + b) >= f32.load(x + last)) last = b;
    if (f32.load(x + d) >= f32.load(x + last)) last = d;
    if (f32.load(x + e) >= f32.load(x + last)) last = e;
    f32.store(dx + c, 0);
    f32.store(dx + b, 0);
    f32.store(dx + d, 0);
    f32.store(dx + e, 0);
    f32.store(dx + last, f32.load(dy + c));
  }
}
