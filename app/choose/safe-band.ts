/** The momenta between which the choice hardly matters. */
import type { MapScore } from "@/lib/records";

/** Accuracy that a safe momentum may cost: half a point. */
export const safeMargin = 0.005;

/** A static momentum's score. */
export type StaticScore = MapScore & { momentum: number };

/** The scores of static momenta, from short to long memory. */
export const staticsOf = (scores: readonly MapScore[]): StaticScore[] =>
  scores.filter((score): score is StaticScore => score.momentum !== null).sort((a, b) => a.momentum - b.momentum);

export interface SafeBand {
  /** The momentum of the highest mean accuracy. */
  best: StaticScore;
  /** Neighbours on the grid, the best among them, from short to long memory. */
  safe: readonly StaticScore[];
}

/**
 * The best static momentum, and around it its neighbours on the grid up to the first that costs more than the margin,
 * in the mean over seeds.
 * @param statics at least one, from short to long memory
 */
export function safeBand(statics: readonly StaticScore[], margin = safeMargin): SafeBand {
  const best = statics.reduce((best, next) => (next.accuracy > best.accuracy ? next : best));
  const isSafe = (index: number) => index >= 0 && index < statics.length && statics[index]!.regret.mean <= margin;
  let from = statics.indexOf(best);
  let to = from;
  while (isSafe(from - 1)) from--;
  while (isSafe(to + 1)) to++;
  return { best, safe: statics.slice(from, to + 1) };
}

/**
 * The momentum to use: a library's own default if that is safe, else the middle of the band, which the luck of a few
 * seeds moves least.
 */
export function advised({ safe }: SafeBand, ownDefault: number): StaticScore {
  const own = safe.find(({ momentum }) => momentum === ownDefault);
  return own ?? safe[Math.floor((safe.length - 1) / 2)]!;
}
