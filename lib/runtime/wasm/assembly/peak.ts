/** What a thread can multiply and add at most: twelve sums that never leave the registers. */

/** `steps` multiplications and additions in each of 48 lanes, which is 96 operations a step. */
export function multiplyAndAdd(steps: i32, factor: f32, term: f32, out: usize): void {
  const m = f32x4.splat(factor),
    t = f32x4.splat(term);
  let a = t,
    b = t,
    c = t,
    d = t,
    e = t,
    f = t,
    g = t,
    h = t,
    i = t,
    j = t,
    k = t,
    l = t;
  for (let step = 0; step < steps; step++) {
    a = f32x4.add(f32x4.mul(a, m), t);
    b = f32x4.add(f32x4.mul(b, m), t);
    c = f32x4.add(f32x4.mul(c, m), t);
    d = f32x4.add(f32x4.mul(d, m), t);
    e = f32x4.add(f32x4.mul(e, m), t);
    f = f32x4.add(f32x4.mul(f, m), t);
    g = f32x4.add(f32x4.mul(g, m), t);
    h = f32x4.add(f32x4.mul(h, m), t);
    i = f32x4.add(f32x4.mul(i, m), t);
    j = f32x4.add(f32x4.mul(j, m), t);
    k = f32x4.add(f32x4.mul(k, m), t);
    l = f32x4.add(f32x4.mul(l, m), t);
  }
  a = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  v128.store(out, f32x4.add(f32x4.add(a, f32x4.add(i, j)), f32x4.add(k, l)));
}
