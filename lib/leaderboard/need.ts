/** Which board of runs by users needs a run most, and why. */
import { firstRuns } from "./reference";

export interface BoardNeed {
  slug: string;
  /** Different seeds that it counts. */
  seeds: number;
  /** Seeds that would tell its first method from its last, as it looks now; null where that isn't known, or none would. */
  seedsNeeded: number | null;
}

/**
 * Boards in the order in which one more run does most: those on the way to their first ranks, the nearest first; those
 * without a run, in the order given; those with ranks, the nearest to telling two methods apart first.
 */
export function byNeed<Board extends BoardNeed>(boards: readonly Board[]): Board[] {
  const missing = ({ seeds, seedsNeeded }: BoardNeed): number =>
    seeds === 0 ? firstRuns : seeds < firstRuns ? firstRuns - seeds : firstRuns + toGo(seeds, seedsNeeded);
  return boards
    .map((board, index) => ({ board, index, missing: missing(board) }))
    .sort((a, b) => a.missing - b.missing || a.index - b.index)
    .map(({ board }) => board);
}

/** At least one: a board never has enough. */
const toGo = (seeds: number, needed: number | null): number =>
  needed === null ? 10_000 + seeds : Math.max(1, needed - seeds);

/** Why a board needs a run, in a sentence. */
export function needInWords({ seeds, seedsNeeded }: BoardNeed): string {
  if (seeds === 0) return "No run by users ranks yet.";
  const have = `It has ${seeds} ${seeds === 1 ? "seed" : "seeds"}`;
  if (seeds < firstRuns) return `${have}; ${firstRuns - seeds} more, and its methods are ranked.`;
  return seedsNeeded !== null && seedsNeeded > seeds
    ? `${have}; about ${seedsNeeded - seeds} more would tell its first method from its last.`
    : `${have}; more narrow its intervals.`;
}
