/**
 * A rank band: the first and the last rank that a method may hold. The first is one more than the number of
 * significantly better methods.
 */

export interface Band {
  first: number;
  last: number;
}

/** "3" or "3–7"; null for a method that is not ranked. */
export function formatBand(band: Band | null): string | null {
  if (!band) return null;
  return band.first === band.last ? String(band.first) : `${band.first}–${band.last}`;
}
