/**
 * A rank band: the first and the last rank that a method may hold. The first is one more than the number of
 * significantly better methods, the last is the number of methods less the significantly worse ones.
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

/**
 * Where a method stands: among the `best` if none is better and some are worse, `behind` if some are better, `untold`
 * if it can't be told apart from any.
 */
export const standings = ["best", "untold", "behind"] as const;
export type BoardStanding = (typeof standings)[number];

/** @param of methods that are ranked */
export function standingOf({ first, last }: Band, of: number): BoardStanding {
  if (first > 1) return "behind";
  return last < of ? "best" : "untold";
}

/** "among the best 7", "behind 12 or more", "not told apart"; null for a method that is not ranked. */
export function bandInWords(band: Band | null, standing: BoardStanding | null): string | null {
  if (!band || !standing) return null;
  const { first, last } = band;
  switch (standing) {
    case "best":
      return last === 1 ? "the best" : `among the best ${last}`;
    case "untold":
      return "not told apart";
    case "behind":
      return first === last ? `behind ${first - 1}` : `behind ${first - 1} or more`;
  }
}
