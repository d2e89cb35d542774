/**
 * Covariance of many long vectors, and normal vectors of that covariance by its Cholesky factor. In parts of a few
 * milliseconds.
 */

/** A symmetric matrix by its lower half: row i has the columns j ≤ i. */
export type Symmetric = readonly Float64Array[];

/**
 * Σ (xᵢ − x̄ᵢ)(xⱼ − x̄ⱼ) over the elements of each two vectors, but for what is common to all of them: the vectors' mean is
 * subtracted first. It cancels in differences, and leaves smaller numbers to round.
 * @param vectors at least one, all of the same length
 */
export function* scatter(vectors: readonly Float64Array[]): Generator<void, Symmetric> {
  const columns = yield* varying(vectors);
  const centre = new Float64Array(columns.length);
  for (const vector of vectors) {
    for (let k = 0; k < columns.length; k++) centre[k]! += vector[columns[k]!]! / vectors.length;
    yield;
  }
  const sums = new Float64Array(vectors.length);
  const pairs: Float64Array[] = []; // two vectors, interleaved, so that their products read forwards
  for (const [i, vector] of vectors.entries()) {
    if (i % 2 === 0) pairs.push(new Float64Array(2 * columns.length));
    const pair = pairs.at(-1)!;
    for (let k = 0; k < columns.length; k++) {
      const deviation = vector[columns[k]!]! - centre[k]!;
      pair[2 * k + (i % 2)] = deviation;
      sums[i]! += deviation;
    }
    yield;
  }
  const length = vectors[0]!.length;
  const result = vectors.map((_, i) => new Float64Array(i + 1));
  const set = (i: number, j: number, product: number) => {
    if (j <= i && i < vectors.length) result[i]![j] = product - (sums[i]! * sums[j]!) / length;
  };
  for (let i = 0; i < pairs.length; i++) {
    for (let j = 0; j <= i; j++) {
      const [p, q, r, s] = products(pairs[i]!, pairs[j]!);
      set(2 * i, 2 * j, p);
      set(2 * i, 2 * j + 1, q);
      set(2 * i + 1, 2 * j, r);
      set(2 * i + 1, 2 * j + 1, s);
      yield;
    }
  }
  return result;
}

/** The four sums of products of two interleaved pairs: each value is loaded once for two products. */
function products(a: Float64Array, b: Float64Array): [number, number, number, number] {
  let p = 0;
  let q = 0;
  let r = 0;
  let s = 0;
  for (let k = 0; k < a.length; k += 2) {
    p += a[k]! * b[k]!;
    q += a[k]! * b[k + 1]!;
    r += a[k + 1]! * b[k]!;
    s += a[k + 1]! * b[k + 1]!;
  }
  return [p, q, r, s];
}

/** The elements in which not all vectors are equal: the others add nothing. */
function* varying(vectors: readonly Float64Array[]): Generator<void, Uint32Array> {
  const first = vectors[0]!;
  const varies = new Uint8Array(first.length);
  for (const vector of vectors) {
    for (let k = 0; k < first.length; k++) if (vector[k] !== first[k]) varies[k] = 1;
    yield;
  }
  return Uint32Array.from(varies.keys()).filter((k) => varies[k] === 1);
}

/** L with L·Lᵀ = the covariance: row i in the first `ranks[i]` elements of `rows[i]`, which are followed by zeros. */
export interface Factor {
  rows: Float64Array[];
  ranks: Uint32Array;
  /** Number of columns. */
  rank: number;
}

/**
 * Pivoted Cholesky factor. It takes the row with the largest variance left at each step, and stops where no row has more
 * than rounding left: equal vectors, and more vectors than elements, cost no columns. Higham 1990, "Analysis of the
 * Cholesky decomposition of a semi-definite matrix".
 * @param covariance positive semidefinite
 */
export function* choleskyFactor(covariance: Symmetric): Generator<void, Factor> {
  const size = covariance.length;
  const left = Float64Array.from(covariance, (row, i) => row[i]!);
  const negligible = 1e-12 * left.reduce((most, variance) => Math.max(most, variance), 0);
  const rows = Array.from({ length: size }, () => new Float64Array(size));
  const ranks = new Uint32Array(size);
  const waiting = new Set(rows.keys());
  for (let rank = 0; ; rank++) {
    let pivot = -1;
    for (const i of waiting) if (left[i]! > negligible && (pivot < 0 || left[i]! > left[pivot]!)) pivot = i;
    if (pivot < 0) return { rows, ranks, rank };
    const ofPivot = rows[pivot]!;
    const scale = Math.sqrt(left[pivot]!);
    ofPivot[rank] = scale;
    ranks[pivot] = rank + 1;
    waiting.delete(pivot);
    for (const i of waiting) {
      const row = rows[i]!;
      let value = i > pivot ? covariance[i]![pivot]! : covariance[pivot]![i]!;
      for (let k = 0; k < rank; k++) value -= row[k]! * ofPivot[k]!;
      row[rank] = value / scale;
      ranks[i] = rank + 1;
      left[i]! -= (value / scale) ** 2;
    }
    yield;
  }
}
