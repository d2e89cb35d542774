/** What a paired comparison says, in plain words. */
import { count, percent } from "@/app/_components/text/format";
import { fewestSeeds } from "@/lib/evaluation";
import type { Pair } from "@/lib/server/boards/pairs";

/** How the page names what it compares. */
export interface Wording {
  /** Name of a method → its name on this page. */
  nameOf: (method: string) => string;
  /** What the differences are paired by: the server's runs, or seeds of users' runs. */
  unit: readonly [one: string, many: string];
  tieMargin: number;
}

/** "Yes: A is better by 1.24 points …", "Not with these 12 runs …" */
export function describePair(
  { a, b, points, difference, verdict, seedsNeeded }: Pair,
  { nameOf, unit: [one, many], tieMargin }: Wording,
): string {
  if (!difference) return `Nothing says: ${nameOf(a)} and ${nameOf(b)} share no seed, so no difference can be paired.`;
  const { n, mean, low, high } = difference;
  const over = `${count(n)} ${n === 1 ? one : many}`;
  const [ahead, behind] = mean >= 0 ? [a, b] : [b, a];
  const size = percent(Math.abs(mean), 2);
  const lead =
    mean === 0
      ? `${nameOf(a)} and ${nameOf(b)} are level`
      : `${nameOf(ahead)} is ahead of ${nameOf(behind)} by ${size} points`;
  if (low === null || high === null)
    return points.length < fewestSeeds
      ? `Not yet: on ${over} ${lead}, and ${fewestSeeds} are needed to say whether that is chance.`
      : `Not yet: on ${over} ${lead}, and one of the two lacks a run that the board ranks on.`;
  const [least, most] = mean >= 0 ? [low, high] : [-high, -low];
  const interval = `95 % interval ${percent(least, 2)} to ${percent(most, 2)}`;
  switch (verdict) {
    case "tie":
      return mean === 0 && low === high
        ? `A tie: ${nameOf(a)} and ${nameOf(b)} answer alike on ${over}.`
        : `A tie: ${lead}, ${interval}, over ${over}; differences within ±${percent(tieMargin)} points count as none.`;
    case "better":
    case "worse":
      return `Yes: ${nameOf(ahead)} is better than ${nameOf(behind)} by ${size} points of accuracy, ${interval}, over ${over}.`;
    case "unresolved":
      return (
        `Not with these ${over}: ${lead}, ${interval}. ` +
        (seedsNeeded === null
          ? "More runs wouldn’t tell: other test images would change a difference this small."
          : `About ${count(seedsNeeded)} ${many} would tell a difference as large as this.`)
      );
  }
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
