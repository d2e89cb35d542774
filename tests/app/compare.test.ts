import { describe, expect, it } from "vitest";
import { describePair, describePairs } from "@/app/compare/describe-pairs";
import { rowsOf } from "@/app/compare/settings";
import { compareHref, readCompareView } from "@/lib/leaderboard/compare-view";
import type { Side } from "@/lib/server/boards/pairs";
import { pairsOf } from "@/lib/server/boards/pairs";
import { perClass } from "@/lib/server/boards/per-class";

const side = (name: string, accuracies: number[], predictions: number[] = []): Side => ({
  name,
  accuracies: new Map(accuracies.map((accuracy, index) => [String(index + 1), accuracy])),
  predictions: new Map(predictions.length > 0 ? [["1", Uint8Array.from(predictions)]] : []),
  ranked: accuracies.length < 10 ? null : { seeds: Float64Array.from(accuracies), images: null },
});

const words = {
  nameOf: (method: string) => method.toUpperCase(),
  unit: ["run", "runs"] as const,
  tieMargin: 0.003,
};
const board = { labels: null, critical: 3 };
const answerOf = (a: Side, b: Side) => describePair(pairsOf([a, b], board)[0]!, words);

/** Ten accuracies around a mean: 0.005 above and below it in turn. */
const around = (mean: number): number[] => Array.from({ length: 10 }, (_, run) => mean + 0.005 * (-1) ** run);
/** Of which each pair is the other way round. */
const against = (mean: number): number[] => Array.from({ length: 10 }, (_, run) => mean - 0.005 * (-1) ** run);

describe("the verdict in plain words", () => {
  it.each([
    [
      "names the better one first, regardless of the order in the request",
      around(0.82),
      against(0.85),
      "Yes: B is better than A by 3.00 points of accuracy, 95 % interval 2.00 to 4.00, over 10 runs.",
    ],
    [
      "says how many runs would tell",
      around(0.855),
      against(0.85),
      "Not with these 10 runs: A is ahead of B by 0.50 points, 95 % interval −0.50 to 1.50. " +
        "About 41 runs would tell a difference as large as this.",
    ],
    [
      "calls a small difference a tie, and says from where on it would count",
      around(0.85),
      around(0.85).map((accuracy, run) => accuracy + (run % 3 === 0 ? 0.0001 : -0.0001)),
      "A tie: A is ahead of B by 0.00 points, 95 % interval −0.01 to 0.01, over 10 runs; " +
        "differences within ±0.3 points count as none.",
    ],
    ["says it where both answer alike", around(0.85), around(0.85), "A tie: A and B answer alike on 10 runs."],
    [
      "claims nothing from nine runs",
      around(0.9).slice(1),
      around(0.8).slice(1),
      "Not yet: on 9 runs A is ahead of B by 10.00 points, and 10 are needed to say whether that is chance.",
    ],
    [
      "claims nothing without a shared seed",
      [],
      [0.8],
      "Nothing says: A and B share no seed, so no difference can be paired.",
    ],
  ])("%s", (_, a, b, expected) => {
    expect(answerOf(side("a", a), side("b", b))).toBe(expected);
  });

  it("gives a pair the same answer, whatever else is asked about", () => {
    const sides = [side("a", around(0.8)), side("b", against(0.82)), side("c", around(0.9)), side("d", against(0.8))];
    const among = pairsOf(sides, board);
    expect(among).toHaveLength(6);
    for (const pair of among) {
      const [a, b] = [pair.a, pair.b].map((name) => sides.find((each) => each.name === name)!);
      expect(pairsOf([a!, b!], board)).toEqual([pair]);
    }
    expect(describePairs(among)).toBe("5 of the 6 pairs are told apart.");
  });

  it("says so where a board has no ranks", () => {
    const [pair] = pairsOf([side("a", around(0.8)), side("b", around(0.9))], { labels: null, critical: null });
    expect(pair!.difference).toMatchObject({ n: 10, low: null, high: null });
    expect(pair!.verdict).toBe("unresolved");
  });
});

it("tests McNemar where both predicted the same examples, adjusted for all tests shown", () => {
  const labels = [0, 0, 0, 0, 0, 0, 0, 0];
  const sides = [
    side("a", [1], [0, 0, 0, 0, 0, 0, 0, 0]),
    side("b", [0.25], [1, 1, 1, 1, 1, 1, 0, 0]),
    side("c", [0.5]),
  ];
  const [ab, ac, bc] = pairsOf(sides, { labels, critical: null });
  // Six discordant examples, all in one direction: 2 · ½⁶.
  expect(ab!.mcnemar).toEqual([
    {
      seed: "1",
      onlyARight: 6,
      onlyBRight: 0,
      pValue: expect.closeTo(1 / 32, 12),
      adjusted: expect.closeTo(1 / 32, 12),
    },
  ]);
  expect([ac!.mcnemar, bc!.mcnemar]).toEqual([[], []]);
  expect(pairsOf(sides, board)[0]!.mcnemar).toEqual([]); // no labels here
});

it("pairs each class by seed, runs of the same seed count once", () => {
  const ours = new Map([
    [
      "1",
      [
        [
          [8, 2],
          [0, 10],
        ],
        [
          [10, 0],
          [0, 10],
        ],
      ],
    ],
    [
      "2",
      [
        [
          [7, 3],
          [0, 10],
        ],
      ],
    ],
  ]);
  const theirs = new Map([
    [
      "2",
      [
        [
          [5, 5],
          [0, 10],
        ],
      ],
    ],
    [
      "1",
      [
        [
          [8, 2],
          [0, 10],
        ],
      ],
    ],
  ]);
  const [first] = perClass(ours, theirs, ["zero", "one"]);
  expect(first!.name).toBe("zero");
  expect(first!.figures.sensitivity.mean).toBeCloseTo(0.8, 12); // (0.9 + 0.7) / 2
  expect(first!.figures.sensitivity.difference!.mean).toBeCloseTo(0.15, 12); // (0.1 + 0.2) / 2
  expect(perClass(ours, null, ["zero", "one"])[0]!.figures.sensitivity.difference).toBeNull();
});

it("shows a setting that only one method has, and which settings differ", () => {
  expect(rowsOf([{ kind: "schedule", debiased: "no" }, { kind: "select" }])).toEqual([
    { name: "kind", values: ["schedule", "select"], differs: true },
    { name: "debiased", values: ["no", null], differs: true },
  ]);
  expect(rowsOf([{ kind: "select" }, { kind: "select" }])[0]!.differs).toBe(false);
});

describe("the URL", () => {
  it("is read from a form's repeated fields or a link's list, without duplicates, up to four methods", () => {
    const form = readCompareView({ benchmark: "digits-mlp", methods: ["bn/dmbn", "bn/keras-default", "bn/dmbn"] });
    expect(form).toEqual(readCompareView({ benchmark: "digits-mlp", methods: "bn/dmbn,bn/keras-default" }));
    expect(compareHref(form)).toBe("/compare?benchmark=digits-mlp&methods=bn/dmbn,bn/keras-default");
    expect(readCompareView({ methods: "bn/a,bn/b,bn/c,bn/d,bn/e" })).toMatchObject({
      methods: ["bn/a", "bn/b", "bn/c", "bn/d"],
      surplus: 1,
    });
  });

  it("keeps every setting of a view, and drops unknown parameters", () => {
    const view = readCompareView({
      benchmark: "digits-mlp",
      methods: "bn/dmbn, bn/x y,<b>,bn/prøve,bn/ema-0.9",
      division: "open",
      version: "2",
      settings: "all",
      rate: "precision",
      policy: "dmbn",
    });
    expect(view.methods).toEqual(["bn/dmbn", "bn/ema-0.9"]);
    const again = Object.fromEntries(new URL(compareHref(view), "http://site").searchParams);
    expect(readCompareView(again)).toEqual({ ...view, policy: null });
    expect(readCompareView({ version: "-1", division: "half", rate: "charm", settings: "some" })).toEqual(
      readCompareView({}),
    );
  });
});
