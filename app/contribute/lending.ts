/** What this browser remembers of lending itself: whether it does, to which board, and what it has given. */
import { z } from "zod";

const givenSchema = z.object({ url: z.string(), title: z.string() });

const lendingSchema = z.object({
  /** Whether it trains run after run; a reload goes on. */
  on: z.boolean(),
  /** A benchmark; null: whichever needs a run most. */
  board: z.string().nullable(),
  onBattery: z.boolean(),
  /** Runs that it has published. */
  runs: z.int().min(0),
  /** The last of these, the newest first. */
  given: z.array(givenSchema),
});

export type Lending = z.infer<typeof lendingSchema>;
export type Given = z.infer<typeof givenSchema>;

export const notLending: Lending = { on: false, board: null, onBattery: false, runs: 0, given: [] };

const KEY = "lending";
const SHOWN = 12;

/** As it was when it was last remembered; `notLending` where storage is blocked or broken. */
export function recall(): Lending {
  try {
    return lendingSchema.parse(JSON.parse(localStorage.getItem(KEY) ?? ""));
  } catch {
    return notLending;
  }
}

/** Does nothing where storage is blocked: lending then ends with the page. */
export function remember(lending: Lending): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(lending));
  } catch {
    // blocked, or full
  }
}

export const withGiven = (lending: Lending, given: Given): Lending => ({
  ...lending,
  runs: lending.runs + 1,
  given: [given, ...lending.given].slice(0, SHOWN),
});

/** A board as lending needs it: the one that needs a run most is the first. */
export interface LendBoard {
  slug: string;
  title: string;
  /** Takes days without a GPU. */
  gpu: boolean;
}

/**
 * The board to train for: the wanted one, or the first that isn't set aside and needs no GPU; null if there is none.
 * @param aside slugs of boards that this machine could not train, such as for want of their data
 */
export function boardFor(
  boards: readonly LendBoard[],
  wanted: string | null,
  aside: ReadonlySet<string>,
): LendBoard | null {
  const left = boards.filter(({ slug }) => !aside.has(slug));
  return (wanted === null ? left.find(({ gpu }) => !gpu) : left.find(({ slug }) => slug === wanted)) ?? null;
}
