/** Methods over several boards: a row of the board over all boards, and its order. */
import type { OverBoards } from "@/lib/evaluation";
import type { Variant } from "@/lib/records";
import type { OverBoardsSort, OverBoardsView } from "./over-boards-view";
import { firstOverBoardsDirection } from "./over-boards-view";

/** A method with its regret on each board, in the boards' order; fractions of accuracy. */
export interface OverBoardsEntry extends OverBoards {
  /** `variant/policy slug`. */
  method: string;
  variant: Variant;
  policy: { slug: string; name: string; builtIn: boolean };
}

/**
 * The entries in the order of a view. Those that are missing from a board come after those on all of them: their mean
 * and worst regret are over fewer boards, perhaps the easy ones.
 */
export function orderOverBoards<Entry extends OverBoardsEntry>(
  entries: readonly Entry[],
  { sort, direction = firstOverBoardsDirection(sort) }: Pick<OverBoardsView, "sort" | "direction">,
): Entry[] {
  const sign = direction === "ascending" ? 1 : -1;
  const byKey = (a: Entry, b: Entry): number => {
    if (sort === "method") return sign * nameOf(a).localeCompare(nameOf(b), "en");
    const [left, right] = [figures[sort](a), figures[sort](b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return missing(a) - missing(b) || sign * (left - right);
  };
  return [...entries].sort((a, b) => byKey(a, b) || compare(a.method, b.method));
}

const figures: Record<Exclude<OverBoardsSort, "method">, (entry: OverBoardsEntry) => number | null> = {
  mean: ({ mean }) => mean,
  worst: ({ worst }) => worst,
  iqm: ({ iqm }) => iqm?.mean ?? null,
};

const nameOf = ({ policy, variant }: OverBoardsEntry): string => `${policy.name} ${variant}`;
const missing = ({ regrets }: OverBoardsEntry): number => Number(regrets.includes(null));
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
