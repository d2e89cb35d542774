/**
 * McNemar's exact test of two classifiers on one test set: of the examples that
 * exactly one of them gets right, does each get half? McNemar 1947.
 */

/**
 * Two-sided p-value, 2 · P(Binomial(n, ½) ≤ min), at most 1.
 * @param onlyFirstRight examples that the first gets right and the second wrong
 * @param onlySecondRight the reverse
 */
export function mcnemarExact(onlyFirstRight: number, onlySecondRight: number): number {
  for (const [name, count] of Object.entries({ onlyFirstRight, onlySecondRight })) {
    if (!Number.isInteger(count) || count < 0) throw new RangeError(`${name}: expected a count from 0, found ${count}`);
  }
  const n = onlyFirstRight + onlySecondRight;
  const least = Math.min(onlyFirstRight, onlySecondRight);
  // The largest term by logarithms (½ⁿ underflows from n = 1075), the smaller ones by their ratio to it.
  let logTerm = -n * Math.LN2;
  for (let k = 1; k <= least; k++) logTerm += Math.log((n - k + 1) / k);
  let tail = 0;
  for (let k = least, term = 1; k >= 0 && term > 0; k--) {
    tail += term;
    term *= k / (n - k + 1);
  }
  return Math.min(1, 2 * Math.exp(logTerm) * tail);
}

/**
 * How many examples only the first, and only the second, classifier gets right.
 * @param labels true class ids; `first` and `second` are the predicted ones, in the same order
 */
export function discordant(
  labels: ArrayLike<number>,
  first: ArrayLike<number>,
  second: ArrayLike<number>,
): { onlyFirstRight: number; onlySecondRight: number } {
  for (const [name, list] of Object.entries({ first, second })) {
    if (list.length !== labels.length)
      throw new RangeError(`${name}: expected ${labels.length} class ids, one for each label, found ${list.length}`);
  }
  let onlyFirstRight = 0;
  let onlySecondRight = 0;
  for (let i = 0; i < labels.length; i++) {
    const firstRight = first[i] === labels[i];
    if (firstRight === (second[i] === labels[i])) continue;
    if (firstRight) onlyFirstRight++;
    else onlySecondRight++;
  }
  return { onlyFirstRight, onlySecondRight };
}
