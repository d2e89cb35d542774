import { expect, it } from "vitest";
import { summarizeStudy } from "@/lib/cli/study/summary";
import type { StudyCell, Variant } from "@/lib/records";
import { studyCellSchema } from "@/lib/records";
import { studySummarySchema } from "@/lib/records/study-record";

type Accuracies = Record<string, number>;

/** A cell with two layers, in which DMBN chose .9, then 0, the first candidate. */
function cellOf(
  seed: number,
  accuracies: Accuracies,
  { variant = "bn" as Variant, bestStatic = "pytorch-default", regime = "r" } = {},
): StudyCell {
  return studyCellSchema.parse({
    regime,
    settingsHash: "0".repeat(64),
    benchmark: null,
    manifest: {
      recipe: { dataset: "digits", model: "mlp", epochs: 1, batchSize: 32, learningRate: 0.05, calibrationSize: 200 },
      variant,
      seed,
      steps: 35,
      parameters: 100,
      batchNormChannels: 8,
      dataset: { slug: "digits", version: "1", subset: null, hash: "1".repeat(64) },
      backend: { name: "cpu", adapter: "", reason: "", threads: 1 },
      software: { dmbench: "0", tfjs: "0", platform: "" },
    },
    bestStatic: [{ variance: "unbiased", policy: bestStatic, validationAccuracy: 0.5 }],
    scores: Object.entries(accuracies).map(([slug, accuracy]) => ({
      method: `${variant}/${slug}`,
      variant,
      policy: { slug, hash: "2".repeat(64) },
      momentumPerLayer: slug === "dmbn" ? [0.9, 0] : [0.9, 0.9],
      edgeOfGrid: slug === "dmbn" ? ["norm2"] : [],
      accuracy,
      sensitivity: accuracy,
      specificity: 1 - (1 - accuracy) / 9,
      fScore: accuracy,
      esm: [
        { layer: "norm1", mean: 1, std: 0.5, relativeMean: 0, relativeStd: 0 },
        { layer: "norm2", mean: seed, std: 0, relativeMean: 0, relativeStd: 0 },
      ],
    })),
    finalLoss: 1,
    timings: { trainingSeconds: 1, scoringSeconds: 1, imagesPerSecond: 1 },
  });
}

const cells = [
  cellOf(0, { "static-0": 0.4, "pytorch-default": 0.5, "static-0.99": 0.6, dmbn: 0.7, "precise-bn": 0.7 }),
  cellOf(
    1,
    { "static-0": 0.4, "pytorch-default": 0.6, "static-0.99": 0.6, dmbn: 0.8, "precise-bn": 0.8 },
    { bestStatic: "static-0.99" },
  ),
  cellOf(2, { "static-0": 0.4, "pytorch-default": 0.7, "static-0.99": 0.6, dmbn: 0.9, "precise-bn": 0.9 }),
  cellOf(0, { "pytorch-default": 0.85, dmbn: 0.85 }, { variant: "bn-bfn" }),
  cellOf(1, { "pytorch-default": 0.85, dmbn: 0.85 }, { variant: "bn-bfn" }),
  cellOf(2, { "pytorch-default": 0.9, dmbn: 0.9 }, { variant: "bn-bfn" }),
];
const summary = summarizeStudy(cells);
const [regime] = summary.regimes;
const methodOf = (name: string) => regime!.methods.find(({ method }) => method === name)!;
const comparisonOf = (method: string, against: string) =>
  regime!.comparisons.find((comparison) => comparison.method === method && comparison.against === against)!;

it("matches its schema, and doesn't depend on the order in which cells finished", () => {
  expect(studySummarySchema.parse(summary)).toEqual(summary);
  expect(summarizeStudy([cells[2]!, cells[0]!, cells[1]!, cells[5]!, cells[4]!, cells[3]!])).toEqual(summary);
});

it("gives mean and deviation over seeds", () => {
  expect(regime).toMatchObject({ regime: "r", seeds: [0, 1, 2], variants: ["bn", "bn-bfn"], steps: 35, batchSize: 32 });
  const { accuracy, shift } = methodOf("bn/pytorch-default");
  expect(accuracy.mean).toBeCloseTo(0.6, 12); // .5, .6, .7
  expect(accuracy.deviation).toBeCloseTo(0.1, 12);
  expect(shift.mean).toBeCloseTo(2.5, 12); // 1.5 + seed
});

it("uses the static momentum that validation chose, seed by seed", () => {
  expect(methodOf("bn/best-static").accuracy.mean).toBeCloseTo((0.5 + 0.6 + 0.7) / 3, 12);
  expect(comparisonOf("bn/dmbn", "bn/best-static").difference.mean).toBeCloseTo(0.2, 12);
});

it("pairs by seed: a steady lead wins even though the unpaired intervals would overlap", () => {
  const { difference, verdict } = comparisonOf("bn/dmbn", "bn/static-0.99");
  expect(difference.mean).toBeCloseTo(0.2, 12); // .1, .2, .3
  expect(difference.deviation).toBeCloseTo(0.1, 12);
  expect(difference.interval!.low).toBeCloseTo(0.2 - (4.302652729911275 * 0.1) / Math.sqrt(3), 9); // t(.975, 2)
  expect(verdict).toBe("unresolved");
  expect(comparisonOf("bn/dmbn", "bn/precise-bn")).toMatchObject({
    verdict: "tie",
    difference: { mean: 0, pValue: 1 },
  });
});

it("compares across variants, and counts verdicts over regimes", () => {
  expect(comparisonOf("bn/dmbn", "bn-bfn/pytorch-default").difference.mean).toBeCloseTo(-0.2 / 3, 8); // −.15, −.05, 0
  const other = cells.map((cell) => ({ ...cell, regime: "other" }));
  const { tally } = summarizeStudy([...cells, ...other]);
  expect(tally.find(({ method, against }) => method === "bn/dmbn" && against === "bn/precise-bn")).toEqual({
    method: "bn/dmbn",
    against: "bn/precise-bn",
    better: 0,
    tie: 2,
    worse: 0,
    unresolved: 0,
  });
});

it("counts choices by layer and those at the edge of the grid", () => {
  expect(methodOf("bn/dmbn")).toMatchObject({
    momentumPerLayer: [[{ momentum: 0.9, seeds: 3 }], [{ momentum: 0, seeds: 3 }]],
    edgeOfGrid: { onEdge: 3, of: 6 },
    shiftPerLayer: [
      { layer: "norm1", shift: 1.5 },
      { layer: "norm2", shift: 1 },
    ],
  });
});

it("labels the static momentum that is best on the test split as such", () => {
  expect(regime!.oracleByTest.map(({ variant, policy }) => [variant, policy])).toEqual([
    ["bn", "pytorch-default"],
    ["bn-bfn", "pytorch-default"],
  ]);
});
