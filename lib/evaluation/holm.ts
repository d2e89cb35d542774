/** P-values adjusted for how many tests were made. Holm 1979. */

/**
 * Holm's step-down adjustment, in the order of `pValues`: compare each with the level for the whole family.
 * @param pValues each in [0, 1]
 */
export function holm(pValues: readonly number[]): number[] {
  pValues.forEach((p, i) => {
    if (!(p >= 0 && p <= 1)) throw new RangeError(`pValues[${i}]: expected a number in [0, 1], found ${p}`);
  });
  const adjusted = new Array<number>(pValues.length);
  let floor = 0;
  const ascending = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  ascending.forEach(({ p, index }, position) => {
    floor = Math.max(floor, Math.min(1, p * (pValues.length - position)));
    adjusted[index] = floor;
  });
  return adjusted;
}
