/** What came of registered hypotheses: from cells whose differences are known. */
import { expect, it } from "vitest";
import { outcomesOf, registeredFor } from "@/lib/cli/study/registered";
import { twoSidedTail } from "@/lib/evaluation/student-t";
import type { RegisteredComparison, StudyCell } from "@/lib/records";
import { studySchema } from "@/lib/records";

type Registered = Parameters<typeof outcomesOf>[0][number];

const hypothesis: Registered = {
  key: "H",
  method: "ours",
  against: "theirs",
  variant: "bn",
  metric: "accuracy",
  claim: "better",
  regimes: ["a", "b"],
};

/** A cell in which "ours" has `gain` more accuracy and less negative log-likelihood than "theirs". */
const cell = (regime: string, seed: number, gain: number) =>
  ({
    regime,
    manifest: { variant: "bn", seed },
    bestStatic: [{ variance: "biased", policy: "theirs", validationAccuracy: 0.5 }],
    scores: [
      { policy: { slug: "theirs" }, accuracy: 0.5, nll: 1 },
      { policy: { slug: "ours" }, accuracy: 0.5 + gain, nll: 1 - gain },
    ],
  }) as unknown as StudyCell;

const cellsOf = (regime: string, gains: readonly number[]) => gains.map((gain, seed) => cell(regime, seed, gain));

const outcome = (changes: Partial<Registered>, cells: readonly StudyCell[]): RegisteredComparison =>
  outcomesOf([{ ...hypothesis, ...changes }], cells)[0]!;

const clear = [0.02, 0.03, 0.025, 0.021, 0.028];
const noise = [0.02, -0.03, 0.025, -0.021, 0.001];
const tiny = [0.001, 0.0012, 0.0008, 0.0011, 0.0009];
const negative = clear.map((gain) => -gain);

it("holds if every board does, and fails with any", () => {
  expect(outcome({}, [...cellsOf("a", clear), ...cellsOf("b", clear)]).outcome).toBe("holds");
  const failed = outcome({}, [...cellsOf("a", clear), ...cellsOf("b", noise)]);
  expect(failed.regimes.map(({ outcome }) => outcome)).toEqual(["holds", "fails"]);
  expect(failed.outcome).toBe("fails");
  expect(outcome({ regimes: ["a"] }, cellsOf("a", negative)).outcome).toBe("fails");
});

it("takes less for better of a negative log-likelihood", () => {
  expect(outcome({ metric: "nll", regimes: ["a"] }, cellsOf("a", clear)).outcome).toBe("holds");
  expect(outcome({ metric: "nll", regimes: ["a"] }, cellsOf("a", negative)).outcome).toBe("fails");
});

it("asks for the whole interval within the margin, and is undecided across it", () => {
  const asGood = (gains: readonly number[]) =>
    outcome({ claim: "as good", regimes: ["a"] }, cellsOf("a", gains)).outcome;
  expect(asGood(tiny)).toBe("holds");
  expect(asGood(noise)).toBe("undecided");
  expect(asGood(clear)).toBe("fails");
  expect(asGood(negative)).toBe("fails");
});

it("widens intervals for the boards that are asked together", () => {
  const halfOf = ({ regimes }: RegisteredComparison) => (regimes[0]!.interval!.high - regimes[0]!.interval!.low) / 2;
  const alone = halfOf(outcome({ regimes: ["a"] }, cellsOf("a", clear)));
  const both = halfOf(outcome({}, [...cellsOf("a", clear), ...cellsOf("b", clear)]));
  const mean = clear.reduce((sum, gain) => sum + gain) / clear.length;
  const deviation = Math.sqrt(clear.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / 4);
  for (const [half, boards] of [
    [alone, 1],
    [both, 2],
  ] as const)
    expect(twoSidedTail(half / (deviation / Math.sqrt(5)), 4)).toBeCloseTo(0.05 / boards, 9);
});

it("says who wins where nothing was claimed, and knows the best fixed momentum of each seed", () => {
  const beside = (gains: readonly number[]) =>
    outcome({ claim: null, against: "best-static-biased", regimes: ["a"] }, cellsOf("a", gains));
  expect([clear, tiny, negative, noise].map((gains) => beside(gains).regimes[0]!.outcome)).toEqual([
    "better",
    "tie",
    "worse",
    "undecided",
  ]);
  expect(beside(clear).outcome).toBeNull();
});

it("leaves out boards of which there is nothing, and decides nothing without any", () => {
  expect(outcome({}, cellsOf("a", clear)).regimes.map(({ regime }) => regime)).toEqual(["a"]);
  expect(outcome({}, []).outcome).toBe("undecided");
  expect(outcome({}, cellsOf("a", [0.02])).regimes[0]).toMatchObject({ n: 1, interval: null });
});

it("is published as the schema says, for each hypothesis that was registered", async () => {
  const { readFile } = await import("node:fs/promises");
  const file = await readFile(new URL("../../public/studies/our-policy/study.json", import.meta.url), "utf8");
  const { registered = [] } = studySchema.parse(JSON.parse(file));
  expect(registered.map(({ key }) => key)).toEqual(registeredFor["our-policy"]!.map(({ key }) => key));
  for (const { regimes, key } of registered)
    expect(
      regimes.map(({ regime }) => regime),
      key,
    ).toEqual(registeredFor["our-policy"]!.find((known) => known.key === key)!.regimes);
});
