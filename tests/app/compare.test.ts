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
});

const words = {
  nameOf: (method: string) => method.toUpperCase(),
  unit: ["held-out run", "held-out runs"] as const,
  tieMargin: 0.003,
};
const answerOf = (a: Side, b: Side) => describePair(pairsOf([a, b], null)[0]!, words);

describe("the verdict in plain words", () => {
  it.each([
    [
      "names the better one first, regardless of the order in the request",
      [0.81, 0.82, 0.835],
      [0.84, 0.85, 0.862],
      "Yes: B is better than A by 2.90 points of accuracy, 95 % interval 2.47 to 3.33, " +
        "over 3 held-out runs (p = 0.0012).",
    ],
    [
      "says how many runs would settle it",
      [0.85, 0.86, 0.84],
      [0.84, 0.84, 0.845],
      "Not with these 3 held-out runs: A is ahead of B by 0.83 points, 95 % interval −2.29 to 3.96. " +
        "About 20 held-out runs would settle a difference as large as this.",
    ],
    [
      "calls a small difference a tie, and says from where on it would count",
      [0.85, 0.86, 0.84],
      [0.8501, 0.8599, 0.8401],
      "A tie: B is ahead of A by 0.00 points, 95 % interval −0.03 to 0.03, over 3 held-out runs; " +
        "differences within ±0.3 points count as none.",
    ],
    [
      "says it where both are right equally often",
      [0.85, 0.86],
      [0.85, 0.86],
      "A tie: A and B are right equally often on each of 2 held-out runs.",
    ],
    [
      "claims nothing from one run",
      [0.9],
      [0.8],
      "Not yet: on 1 held-out run A is ahead of B by 10.00 points, and one alone says nothing of the next.",
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

  it("adjusts for multiple pairs: a difference that is significant for one pair is not among six", () => {
    const close = [0.8, 0.81, 0.82, 0.83];
    const sides = [
      side("a", close),
      side(
        "b",
        close.map((value, index) => value - 0.01 - 0.004 * index),
      ),
      side("c", [0.9, 0.7, 0.85, 0.75]),
      side("d", [0.7, 0.9, 0.75, 0.85]),
    ];
    const alone = pairsOf(sides.slice(0, 2), null)[0]!;
    const among = pairsOf(sides, null)[0]!;
    expect(alone.verdict).toBe("better");
    expect(alone.pValue).toBe(alone.difference!.pValue);
    expect(among.difference).toEqual(alone.difference);
    expect(among.pValue).toBeCloseTo(6 * alone.pValue!, 12); // the smallest of six
    expect(among.verdict).toBe("unresolved");
    expect(describePairs(pairsOf(sides, null))).toBe("None of the 6 pairs are told apart.");
  });
});

it("tests McNemar where both predicted the same examples, adjusted for all tests shown", () => {
  const labels = [0, 0, 0, 0, 0, 0, 0, 0];
  const sides = [
    side("a", [1], [0, 0, 0, 0, 0, 0, 0, 0]),
    side("b", [0.25], [1, 1, 1, 1, 1, 1, 0, 0]),
    side("c", [0.5]),
  ];
  const [ab, ac, bc] = pairsOf(sides, labels);
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
  expect(pairsOf(sides, null)[0]!.mcnemar).toEqual([]); // no labels here
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
