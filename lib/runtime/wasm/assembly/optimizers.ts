/** Optimizers that update weights in place, elements [from, to): PyTorch's formulas, in float32. */

export function sgd(
  w: usize,
  v: usize,
  g: usize,
  from: i32,
  to: i32,
  learningRate: f32,
  momentum: f32,
  weightDecay: f32,
): void {
  const rate = f32x4.splat(learningRate);
  const momenta = f32x4.splat(momentum);
  const decay = f32x4.splat(weightDecay);
  let at = (<usize>from) << 2;
  const end = (<usize>to) << 2;
  for (; at + 16 <= end; at += 16) {
    const weight = v128.load(w + at);
    const velocity = f32x4.add(
      f32x4.add(f32x4.mul(momenta, v128.load(v + at)), v128.load(g + at)),
      f32x4.mul(decay, weight),
    );
    v128.store(v + at, velocity);
    v128.store(w + at, f32x4.sub(weight, f32x4.mul(rate, velocity)));
  }
  for (; at < end; at += 4) {
    const weight = f32.load(w + at);
    const velocity = momentum * f32.load(v + at) + f32.load(g + at) + weightDecay * weight;
    f32.store(v + at, velocity);
    f32.store(w + at, weight - learningRate * velocity);
  }
}

/**
 * @param rate the learning rate divided by `1 − β₁^step`
 * @param correction `√(1 − β₂^step)`
 */
export function adam(
  w: usize,
  m: usize,
  v: usize,
  g: usize,
  from: i32,
  to: i32,
  rate: f32,
  correction: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  weightDecay: f32,
): void {
  const one: f32 = 1;
  let at = (<usize>from) << 2;
  const end = (<usize>to) << 2;
  for (; at + 16 <= end; at += 16) {
    const weight = v128.load(w + at);
    const gradient = f32x4.add(v128.load(g + at), f32x4.mul(f32x4.splat(weightDecay), weight));
    const mean = f32x4.add(
      f32x4.mul(f32x4.splat(beta1), v128.load(m + at)),
      f32x4.mul(f32x4.splat(one - beta1), gradient),
    );
    const square = f32x4.add(
      f32x4.mul(f32x4.splat(beta2), v128.load(v + at)),
      f32x4.mul(f32x4.splat(one - beta2), f32x4.mul(gradient, gradient)),
    );
    v128.store(m + at, mean);
    v128.store(v + at, square);
    const below = f32x4.add(f32x4.div(f32x4.sqrt(square), f32x4.splat(correction)), f32x4.splat(epsilon));
    v128.store(w + at, f32x4.sub(weight, f32x4.div(f32x4.mul(f32x4.splat(rate), mean), below)));
  }
  for (; at < end; at += 4) {
    const weight = f32.load(w + at);
    const gradient = f32.load(g + at) + weightDecay * weight;
    const mean = beta1 * f32.load(m + at) + (one - beta1) * gradient;
    const square = beta2 * f32.load(v + at) + (one - beta2) * gradient * gradient;
    f32.store(m + at, mean);
    f32.store(v + at, square);
    f32.store(w + at, weight - (rate * mean) / (sqrt<f32>(square) / correction + epsilon));
  }
}
