/** Sums of whole tensors, and sums and means over their rows, in float32 and in the order of the rows. */

/** `y = a + b` for rows [from, to) of `columns` values; `b` has as many rows, or one that is added to each. */
export function addRows(a: usize, b: usize, columns: i32, oneRow: bool, y: usize, from: i32, to: i32): void {
  const bytes = (<usize>columns) << 2;
  for (let row = from; row < to; row++) {
    const at = <usize>row * bytes;
    const end = at + bytes;
    let left = a + at,
      right = oneRow ? b : b + at,
      out = y + at;
    for (; out + 16 <= y + end; left += 16, right += 16, out += 16)
      v128.store(out, f32x4.add(v128.load(left), v128.load(right)));
    for (; out < y + end; left += 4, right += 4, out += 4) f32.store(out, f32.load(left) + f32.load(right));
  }
}

/** `sums[c] = Σ_row x[row, c] / divisor` for columns [from, to). */
export function averageRows(x: usize, rows: i32, columns: i32, divisor: f32, sums: usize, from: i32, to: i32): void {
  const rowBytes = (<usize>columns) << 2;
  let c = from;
  for (; c + 4 <= to; c += 4) {
    let sum = f32x4.splat(0);
    let at = x + ((<usize>c) << 2);
    for (let row = 0; row < rows; row++, at += rowBytes) sum = f32x4.add(sum, v128.load(at));
    v128.store(sums + ((<usize>c) << 2), f32x4.div(sum, f32x4.splat(divisor)));
  }
  for (; c < to; c++) {
    let sum: f32 = 0;
    let at = x + ((<usize>c) << 2);
    for (let row = 0; row < rows; row++, at += rowBytes) sum += f32.load(at);
    f32.store(sums + ((<usize>c) << 2), sum / divisor);
  }
}

/** `rows` rows, each `x · factor`. */
export function repeatRow(x: usize, columns: i32, factor: f32, rows: i32, out: usize): void {
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++, out += 4) f32.store(out, f32.load(x + ((<usize>c) << 2)) * factor);
  }
}
