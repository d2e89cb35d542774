/** What a paired comparison says, in plain words. */
import { count, percent, significant } from "@/app/_components/text/format";
import type { Pair } from "@/lib/server/boards/pairs";

/** How the page names what it compares. */
export interface Wording {
  /** Name of a method → its name on this page. */
  nameOf: (method: string) => string;
  /** What the differences are paired by: the server's held-out runs, or seeds of users' runs. */
  unit: readonly [one: string, many: string];
  tieMargin: number;
}

/** "Yes: A is better by 1.24 points …", "Not with these 5 held-out runs …" */
export function describePair(
  { a, b, points, difference, pValue, verdict, seedsNeeded }: Pair,
  { nameOf, unit: [one, many], tieMargin }: Wording,
): string {
  const over = `${count(points.length)} ${points.length === 1 ? one : many}`;
  if (!difference) return `Nothing says: ${nameOf(a)} and ${nameOf(b)} share no seed, so no difference can be paired.`;
  const [ahead, behind] = difference.mean >= 0 ? [a, b] : [b, a];
  const size = percent(Math.abs(difference.mean), 2);
  const lead =
    difference.mean === 0
      ? `${nameOf(a)} and ${nameOf(b)} are level`
      : `${nameOf(ahead)} is ahead of ${nameOf(behind)} by ${size} points`;
  if (!difference.interval || pValue === null)
    return `Not yet: on ${over} ${lead}, and one alone says nothing of the next.`;
  const [low, high] =
    difference.mean >= 0
      ? [difference.interval.low, difference.interval.high]
      : [-difference.interval.high, -difference.interval.low];
  const interval = `95 % interval ${percent(low, 2)} to ${percent(high, 2)}`;
  switch (verdict) {
    case "tie":
      return difference.deviation === 0 && difference.mean === 0
        ? `A tie: ${nameOf(a)} and ${nameOf(b)} are right equally often on each of ${over}.`
        : `A tie: ${lead}, ${interval}, over ${over}; differences within ±${percent(tieMargin)} points count as none.`;
    case "better":
    case "worse":
      return (
        `Yes: ${nameOf(ahead)} is better than ${nameOf(behind)} by ${size} points of accuracy, ${interval}, over ` +
        `${over} (p = ${significant(pValue, 2)}).`
      );
    case "unresolved":
      return `Not with these ${over}: ${lead}, ${interval}. ${more({ difference, seedsNeeded, many })}`;
  }
}

function more({
  difference,
  seedsNeeded,
  many,
}: {
  difference: NonNullable<Pair["difference"]>;
  seedsNeeded: number | null;
  many: string;
}): string {
  if (seedsNeeded === null)
    return difference.mean === 0 ? "" : `Not even 10,000 ${many} would settle a difference this small.`;
  if (seedsNeeded <= difference.n)
    return "On its own this pair would be settled; among all the pairs that are asked about at once it is not.";
  return `About ${count(seedsNeeded)} ${many} would settle a difference as large as this.`;
}

/** The answer for several pairs at once. */
export function describePairs(pairs: readonly Pair[]): string {
  const apart = pairs.filter(({ verdict }) => verdict === "better" || verdict === "worse").length;
  const ties = pairs.filter(({ verdict }) => verdict === "tie").length;
  const tied = ties === 0 ? "" : ties === 1 ? ", one is a tie" : `, ${ties} are ties`;
  return (
    `${apart === 0 ? "None" : apart === pairs.length ? "All" : apart} of the ${pairs.length} pairs ` +
    `${apart === 1 ? "is" : "are"} told apart${tied}.`
  );
}

/** One pair, for a cell. */
export const verdictLabels: Record<Pair["verdict"], string> = {
  better: "the first is better",
  worse: "the second is better",
  tie: "a tie",
  unresolved: "not settled",
};
