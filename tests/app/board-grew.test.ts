import { expect, it } from "vitest";
import { inWords } from "@/app/train/board-grew";
import { firstRuns } from "@/lib/leaderboard";

type Pair = Parameters<typeof inWords>[0];

const pair = (seeds: number, rest: Partial<Pair> = {}): Pair => ({
  a: "bn/dmbn",
  b: "bn/pytorch-default",
  points: Array.from({ length: seeds }, (_, seed) => ({ seed: String(seed), a: 0.9, b: 0.8, difference: 0.1 })),
  difference: { n: seeds, mean: 0.1, low: null, high: null },
  verdict: "unresolved",
  seedsNeeded: null,
  mcnemar: [],
  ...rest,
});
const interval = { n: firstRuns, mean: 0.01, low: -0.01, high: 0.03 };

it("says how far a board is from telling two methods apart", () => {
  expect(inWords(pair(firstRuns - 1))).toBe("1 more seed, and its methods are ranked.");
  expect(inWords(pair(firstRuns))).toBe("Its methods are ranked in a moment.");
  const ranked = { difference: interval, seedsNeeded: firstRuns + 3 };
  expect(inWords(pair(firstRuns, ranked))).toMatch(/are 3 runs from being told apart/);
  expect(inWords(pair(firstRuns + 3, ranked))).toMatch(/are not told apart/); // an estimate that came too early
  expect(inWords(pair(firstRuns, { ...ranked, seedsNeeded: null }))).toMatch(/are not told apart/);
  expect(inWords(pair(firstRuns, { ...ranked, verdict: "better" }))).toMatch(/it is better/);
  expect(inWords(pair(firstRuns, { ...ranked, verdict: "worse" }))).toMatch(/it is worse/);
});
