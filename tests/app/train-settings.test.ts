import { describe, expect, it } from "vitest";
import { parseForm } from "@/app/_components/training/settings";
import { builtInPolicies } from "@/lib/dmbn/policy";
import type { TrainingForm } from "@/lib/leaderboard";
import {
  defaultTrainingPolicies,
  ownSettings,
  readTrainingForm,
  trainingFormOf,
  writeTrainingForm,
} from "@/lib/leaderboard";
import { benchmarks } from "@/lib/leaderboard/benchmarks";

const known = builtInPolicies.map(({ slug }) => slug);
const defaultForm = readTrainingForm(new URLSearchParams());
const withRecipe = (recipe: Partial<TrainingForm["recipe"]>): TrainingForm => ({
  ...defaultForm,
  benchmark: ownSettings,
  recipe: { ...defaultForm.recipe, ...recipe },
});
const issuesOf = (form: TrainingForm) => {
  const parsed = parseForm(form, known);
  return "issues" in parsed ? parsed.issues : {};
};

describe("the form's URL", () => {
  it("starts with the digits benchmark, both variants, the static sweep, DMBN in both readings and recalibration", () => {
    expect(defaultForm).toMatchObject({
      benchmark: "digits-mlp",
      variants: ["bn", "bn-bfn"],
      seed: "",
      backend: "auto",
    });
    expect(defaultForm.policies).toEqual(
      expect.arrayContaining([
        "static-0",
        "static-0.9995",
        "pytorch-default",
        "cumulative-average",
        "dmbn",
        "dmbn-biased",
        "precise-bn",
      ]),
    );
    expect(defaultForm.policies).toHaveLength(15);
  });

  it.each([
    [
      "a benchmark and a seed",
      {
        ...defaultForm,
        benchmark: "mnist-mlp",
        recipe: readTrainingForm(new URLSearchParams("benchmark=mnist-mlp")).recipe,
        seed: "7",
      },
    ],
    [
      "one variant, few policies, a backend",
      { ...defaultForm, variants: ["bn-bfn" as const], policies: ["dmbn"], backend: "wasm" as const },
    ],
    ["settings of one's own", withRecipe({ epochs: "2", learningRate: "0.1", augment: "true", maxSteps: "40" })],
    ["settings that are wrong", withRecipe({ epochs: "many" })],
    ["none of the policies", { ...defaultForm, policies: [] }],
  ])("says %s, and reads the same back", (_, form) => {
    expect(readTrainingForm(new URLSearchParams(writeTrainingForm(form).toString()))).toEqual(form);
  });

  it("reproduces a recorded run's recipe, seed and policies", () => {
    const { slug, version, recipe } = benchmarks[0]!;
    const run = {
      benchmark: { slug, version },
      recipe,
      variant: "bn" as const,
      seed: 42,
      policies: ["dmbn", "static-0"],
    };
    expect(parseForm(readTrainingForm(writeTrainingForm(trainingFormOf(run))), known)).toEqual({
      wanted: {
        benchmark: run.benchmark,
        recipe,
        variants: ["bn"],
        seed: 42,
        policies: ["dmbn", "static-0"],
        backend: "auto",
      },
    });
    const old = trainingFormOf({ ...run, benchmark: { slug, version: version + 1 } });
    expect(parseForm(readTrainingForm(writeTrainingForm(old)), known)).toMatchObject({
      wanted: { benchmark: null, recipe },
    });
  });
});

describe("the form's seed", () => {
  const seedOf = (form: Partial<TrainingForm>) => {
    const parsed = parseForm({ ...defaultForm, ...form }, known);
    return "wanted" in parsed ? parsed.wanted.seed : parsed.issues.seed;
  };

  it("is the board's to give where it is empty, and 1 without a board", () => {
    expect(seedOf({})).toBeNull();
    expect(seedOf({ seed: " " })).toBeNull();
    expect(seedOf({ seed: "7" })).toBe(7);
    expect(seedOf({ benchmark: ownSettings })).toBe(1);
    expect(seedOf({ seed: "a" })).toBe("Expected a number, found a.");
    expect(seedOf({ seed: "-1" })).toBe("Expected at least 0, found -1.");
  });
});

describe("the form's issues", () => {
  it.each([
    ["epochs", { epochs: "0" }, "Expected at least 1, found 0."],
    ["epochs", { epochs: "1.5" }, "Expected a whole number, found 1.5."],
    ["epochs", { epochs: "" }, "Expected a number, found nothing."],
    ["learningRate", { learningRate: "0" }, "Expected more than 0, found 0."],
    ["learningRate", { learningRate: "fast" }, "Expected a number, found fast."],
    ["learningRate", { learningRate: "11" }, "Expected at most 10, found 11."],
    ["sgdMomentum", { sgdMomentum: "1" }, "Expected less than 1, found 1."],
    ["optimizer", { optimizer: "adagrad" }, "Expected one of sgd, adam, found adagrad."],
    ["maxSteps", { maxSteps: "-3" }, "Expected at least 1, found -3."],
    ["batchSize", { batchSize: "2000" }, "Expected at most the 1042 examples that are left to train on, found 2000."],
    [
      "calibrationSize",
      { calibrationSize: "1442" },
      "Expected less than the 1442 training examples of Digits for calibration and validation together, found 1642.",
    ],
    ["dataset", { dataset: "nowhere" }, expect.stringContaining("found nowhere")],
  ] as const)("name %s, what was expected and what was found", (field, recipe, words) => {
    expect(issuesOf(withRecipe(recipe))).toEqual({ [field]: words });
  });

  it("ask for a seed in 53 bits, a variant and known policies", () => {
    expect(issuesOf({ ...defaultForm, seed: "9007199254740992", variants: [], policies: [] })).toEqual({
      seed: "Expected at most 9007199254740991, found 9007199254740992.",
      variants: "Expected at least one variant, found none.",
      policies: "Expected at least one policy, found none.",
    });
    expect(issuesOf({ ...defaultForm, policies: [...defaultTrainingPolicies, "mine"] }).policies).toContain(
      "found mine",
    );
  });
});
