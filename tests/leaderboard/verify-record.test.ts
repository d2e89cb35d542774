import { describe, expect, it } from "vitest";
import { select } from "@/lib/dmbn/policy";
import { benchmarks, recordRefusals, submissionSchema } from "@/lib/leaderboard";
import type { RunRecord } from "@/lib/records";
import { variantNames } from "@/lib/records";
import { runFacts } from "@/lib/training";
import { aSubmission, digitsLike as dataset, digitsBenchmark, policies, withField } from "./a-submission";

const slugs = ["keras-default", "cumulative-average", "dmbn", "dmbn-per-channel", "closed-form", "precise-bn"];
const submission = aSubmission({ dataset, policies: slugs });
const run = runFacts(digitsBenchmark.recipe, "bn");

/** The refused fields of the submission with one field of its record replaced. */
function fieldsWith(path: readonly (string | number)[], value: unknown): string[] {
  const bent = withField(submission, ["record", ...path], value);
  const parsed = submissionSchema.safeParse(bent);
  if (!parsed.success) return parsed.error.issues.map((issue) => issue.path.join("."));
  return recordRefusals(bent.record, { policies, run }).map(({ field }) => field);
}

const scoreOf = (slug: string) => submission.record.scores.findIndex(({ policy }) => policy.slug === slug);

describe("recordRefusals", () => {
  it("accepts a record of every benchmark in every variant", () => {
    for (const benchmark of benchmarks)
      for (const variant of variantNames) {
        const { record } = aSubmission({ dataset, benchmark, variant, policies: slugs });
        expect(recordRefusals(record, { policies, run: runFacts(benchmark.recipe, variant) })).toEqual([]);
      }
  });

  it.each<[string, (string | number)[], unknown]>([
    ["fewer parameters than the network has", ["manifest", "parameters"], 1],
    ["more steps than the recipe makes", ["manifest", "steps"], 390],
    ["no batch-norm channels", ["manifest", "batchNormChannels"], 0],
    ["a speed that isn't images over seconds", ["timings", "imagesPerSecond"], 1e8],
    ["images over next to no time", ["timings", "imagesPerSecond"], 0],
  ])("refuses %s", (_what, path, value) => {
    expect(fieldsWith(path, value)).toEqual([`record.${path.join(".")}`]);
  });

  it.each<[string, (string | number)[], unknown, string]>([
    ["a loss curve that ends early", ["curves", "loss"], submission.record.curves.loss.slice(1), "record.curves.loss"],
    ["a point at another step", ["curves", "loss", 3, "step"], 7, "record.curves.loss[3].step"],
    ["no evaluations", ["curves", "validationAccuracy"], [], "record.curves.validationAccuracy"],
    [
      "an accuracy that no 200 examples give",
      ["curves", "validationAccuracy", 4, "value"],
      0.5001,
      "record.curves.validationAccuracy[4].value",
    ],
    [
      "a shift of statistics that are measured",
      ["scores", slugs.indexOf("precise-bn"), "esm", 2, "std"],
      0.1,
      `record.scores[${slugs.indexOf("precise-bn")}].esm[2].std`,
    ],
    ["no shift curves", ["curves", "shift"], [], "record.curves.shift"],
    ["another layer's curve", ["curves", "shift", 1, "layer"], "norm1", "record.curves.shift[1].layer"],
    ["a shift curve without points", ["curves", "shift", 2, "points"], [], "record.curves.shift[2].points"],
    ["a layer that the network lacks", ["scores", 0, "esm", 0, "layer"], "norm9", "record.scores[0].esm[0].layer"],
    ["one layer of three", ["scores", 0, "esm"], submission.record.scores[0]!.esm.slice(1), "record.scores[0].esm"],
    ["one momentum for three layers", ["scores", 0, "momentumPerLayer"], [0.99], "record.scores[0].momentumPerLayer"],
  ])("refuses %s", (_what, path, value, field) => {
    expect(fieldsWith(path, value)).toEqual([field]);
  });

  it.each<[string, unknown[]]>([
    ["keras-default", [0.9, "0.99", "<", null, 1]],
    ["dmbn", [0.42, "<", null, "1 - 1/step"]],
    ["precise-bn", [0.9, "0.9", 0]],
  ])("refuses for a layer what %s can't give it", (slug, values) => {
    const index = scoreOf(slug);
    for (const value of values)
      expect(fieldsWith(["scores", index, "momentumPerLayer", 1], value)).toContain(
        `record.scores[${index}].momentumPerLayer[1]`,
      );
  });

  it("accepts every candidate, and exactly the layers at the edge of the grid", () => {
    const index = scoreOf("dmbn");
    const { momentumPerLayer } = submission.record.scores[index]!;
    expect(momentumPerLayer).toEqual([0, 0, 0]); // the first candidate, in a record made for tests
    const inner: RunRecord = structuredClone(submission.record);
    inner.scores[index]!.momentumPerLayer[1] = 0.9;
    const refusals = (edgeOfGrid: string[]) => {
      inner.scores[index]!.edgeOfGrid = edgeOfGrid;
      return recordRefusals(inner, { policies, run }).map(({ field }) => field);
    };
    expect(refusals(["norm1", "norm3"])).toEqual([]);
    for (const wrong of [[], ["norm1"], ["norm1", "norm2", "norm3"], ["norm3", "norm1"]])
      expect(refusals(wrong)[0]).toContain(`record.scores[${index}].edgeOfGrid`);
  });

  it("accepts any β in [0, 1] that is computed from drift, and null only where mean and variance differ", () => {
    const joint = select({ by: "drift" });
    const apart = select({ by: "drift", parameters: "separate" });
    const { record } = aSubmission({ dataset, policies: ["keras-default"] });
    const fields = (document: typeof joint, momenta: (number | string | null)[]) => {
      record.scores[0]!.momentumPerLayer = momenta;
      const hash = record.scores[0]!.policy.hash;
      return recordRefusals(record, { policies: new Map([["keras-default", { hash, document }]]), run }).length;
    };
    expect(fields(joint, [0, 0.123, 1])).toBe(0);
    expect(fields(joint, [0, 0.123, null])).toBe(1);
    expect(fields(apart, [0, 0.123, null])).toBe(0);
    expect(fields(joint, [0, 0.123, "0.9"])).toBe(1);
  });

  it("refuses a recipe that doesn't fit its data set", () => {
    const { record } = structuredClone(submission);
    const fields = (change: object) =>
      recordRefusals(
        { ...record, manifest: { ...record.manifest, recipe: { ...record.manifest.recipe, ...change } } },
        { policies, run },
      ).map(({ field }) => field);
    expect(fields({ calibrationSize: 1442 })).toContain("record.manifest.recipe.calibrationSize");
    expect(fields({ batchSize: 1043 })).toContain("record.manifest.recipe.batchSize");
    expect(fields({ batchSize: 1042 })).not.toContain("record.manifest.recipe.batchSize");
    expect(fields({ batchSize: 1 })).toContain("record.manifest.recipe.batchSize"); // one value per channel
  });

  it.each<[string, (string | number)[], unknown]>([
    ["a loss of 1e308", ["curves", "loss", 0, "value"], 1e308],
    ["a negative loss", ["curves", "loss", 0, "value"], -1],
    ["a validation accuracy of 55", ["curves", "validationAccuracy", 0, "value"], 55],
    ["a shift of 1e308", ["scores", 0, "esm", 0, "mean"], 1e308],
    ["1e308 images a second", ["timings", "imagesPerSecond"], 1e308],
    ["no time at all", ["timings", "trainingSeconds"], 0],
    ["2^53 − 1 steps", ["manifest", "steps"], 2 ** 53 - 1],
  ])("refuses %s", (_what, path, value) => {
    expect(fieldsWith(path, value)).toEqual([`record.${path.join(".")}`]);
  });
});
