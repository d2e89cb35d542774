/** The ranks that a method may hold: one more than the methods that are significantly better, up to the last it may be. */

export interface Band {
  first: number;
  last: number;
}

/** "3" or "3–7"; null for a method that is not ranked. */
export function formatBand(band: Band | null): string | null {
  if (!band) return null;
  return band.first === band.last ? String(band.first) : `${band.first}–${band.last}`;
}
