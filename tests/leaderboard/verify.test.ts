import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ServerFacts, Submission } from "@/lib/leaderboard";
import { submissionSchema, verifySubmission } from "@/lib/leaderboard";
import { runFacts } from "@/lib/training";
import { aSubmission, digitsLike as dataset, digitsBenchmark, otherRecipe, policies, withField } from "./a-submission";

const facts: ServerFacts = {
  benchmark: digitsBenchmark,
  policies,
  dataset,
  run: runFacts(digitsBenchmark.recipe, "bn"),
};
const submission = aSubmission({ dataset });

const fieldsOf = (bent: Submission, given = facts): string[] => {
  const verification = verifySubmission(bent, given);
  return "refusals" in verification ? verification.refusals.map(({ field }) => field) : [];
};

describe("verifySubmission", () => {
  it("derives accuracy, macro means and confusion matrix from the predictions", () => {
    expect(submissionSchema.parse(submission)).toEqual(submission);
    const verification = verifySubmission(submission, facts);
    if (!("scores" in verification)) throw new Error(JSON.stringify(verification));
    const [first, second] = verification.scores;
    expect(first!.accuracy).toBe(1 - 36 / 355); // every tenth of 355 is wrong: 36
    expect(second!.accuracy).toBe(1 - 51 / 355); // every seventh: 51
    expect(first!.esm).toBe(3 * (0.125 + 0.0625)); // three layers
    expect(first!.confusionMatrix.flat().reduce((a, b) => a + b)).toBe(355);
  });

  it("accepts records without policies' documents (format 1), and with them (format 2) if they are the policies named", () => {
    const withDocuments = (documentOf: (slug: string) => object | undefined): Submission => ({
      ...submission,
      record: {
        ...submission.record,
        format: 2,
        scores: submission.record.scores.map((score) => {
          const document = documentOf(score.policy.slug) as Record<string, unknown> | undefined;
          return { ...score, policy: { ...score.policy, ...(document && { document }) } };
        }),
      },
    });
    const own = withDocuments((slug) => policies.get(slug)!.document);
    expect(submissionSchema.parse(own)).toEqual(own);
    const fields = submission.record.scores.map((_, index) => `record.scores[${index}].policy.document`);
    expect(fieldsOf(own)).toEqual([]);
    expect(fieldsOf(withDocuments(() => undefined))).toEqual(fields);
    expect(fieldsOf(withDocuments(() => ({ kind: "schedule", momentum: "0.123" })))).toEqual(fields);
    expect(fieldsOf(withDocuments(() => ({ kind: "nonsense" })))).toEqual(fields);
  });

  it("accepts a record whose figures are off by rounding, and no more", () => {
    const { accuracy } = submission.record.scores[0]!;
    const path = ["record", "scores", 0, "accuracy"];
    expect(fieldsOf(withField(submission, path, accuracy + 1e-12))).toEqual([]);
    expect(fieldsOf(withField(submission, path, accuracy + 1e-8))).toEqual(["record.scores[0].accuracy"]);
  });

  it("names every figure that the predictions contradict, with the derived value", () => {
    const [method] = Object.keys(submission.predictions) as [string];
    const allZero = Buffer.alloc(355).toString("base64");
    const verification = verifySubmission(withField(submission, ["predictions", method], allZero), facts);
    if (!("refusals" in verification)) throw new Error("taken");
    expect(verification.refusals.map(({ field }) => field)).toEqual(
      ["accuracy", "sensitivity", "specificity", "fScore", "confusionMatrix"].map((name) => `record.scores[0].${name}`),
    );
    expect(verification.refusals[0]).toMatchObject({
      reason: "metrics-differ",
      found: String(submission.record.scores[0]!.accuracy),
    });
  });

  it("never accepts a figure that differs from the derived one", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("accuracy", "sensitivity", "specificity", "fScore"),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (metric, claimed) => {
          const truth = submission.record.scores[1]![metric];
          const fields = fieldsOf(withField(submission, ["record", "scores", 1, metric], claimed));
          expect(fields).toEqual(Math.abs(claimed - truth) > 1e-9 ? [`record.scores[1].${metric}`] : []);
        },
      ),
    );
  });

  it.each<[string, (string | number)[], unknown, string]>([
    [
      "a recipe that differs from the benchmark's",
      ["record", "manifest", "recipe"],
      otherRecipe,
      "record.manifest.recipe.learningRate",
    ],
    ["another data-set version", ["record", "manifest", "dataset", "version"], "2", "record.manifest.dataset.version"],
    [
      "other bytes of the data set",
      ["record", "manifest", "dataset", "hash"],
      "e".repeat(64),
      "record.manifest.dataset.hash",
    ],
    [
      "only a part of the data set",
      ["record", "manifest", "dataset", "subset"],
      "100 of 1,442",
      "record.manifest.dataset.subset",
    ],
    ["an unknown policy", ["record", "scores", 0, "policy", "slug"], "no-such", "record.scores[0].policy.slug"],
    [
      "a policy of that name with another rule",
      ["record", "scores", 0, "policy", "hash"],
      "0".repeat(64),
      "record.scores[0].policy.hash",
    ],
    ["a score of another variant", ["record", "scores", 0, "variant"], "bn-bfn", "record.scores[0].variant"],
    [
      "one prediction too few",
      ["predictions", "bn/keras-default"],
      Buffer.alloc(354).toString("base64"),
      'predictions["bn/keras-default"]',
    ],
    [
      "a class id out of range",
      ["predictions", "bn/keras-default"],
      Buffer.alloc(355, 10).toString("base64"),
      'predictions["bn/keras-default"][0]',
    ],
    [
      "no predictions for a method",
      ["predictions"],
      { "bn/pytorch-default": submission.predictions["bn/pytorch-default"] },
      'predictions["bn/keras-default"]',
    ],
    ["predictions of a method without a score", ["predictions", "bn/stranger"], "", 'predictions["bn/stranger"]'],
  ])("refuses %s", (_what, path, value, field) => {
    expect(fieldsOf(withField(submission, path, value))).toContain(field);
  });

  it("names at most a hundred of any number of issues", () => {
    const strangers = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`bn/${index}`, ""]));
    expect(fieldsOf(withField(submission, ["predictions"], strangers))).toHaveLength(100);
  });

  it("refuses a method named twice", () => {
    const twice = withField(submission, ["record", "scores", 1], submission.record.scores[0]);
    expect(fieldsOf(twice)).toContain("record.scores[1].method");
  });

  it("refuses an unknown benchmark, and accepts custom settings", () => {
    expect(fieldsOf(submission, { ...facts, benchmark: null })).toEqual(["record.benchmark"]);
    const custom = withField(
      withField(submission, ["record", "benchmark"], null),
      ["record", "manifest", "recipe"],
      otherRecipe,
    );
    expect(fieldsOf(custom, { ...facts, benchmark: null })).toEqual([]);
  });

  it("says for every refusal what was expected, what was found and what to do", () => {
    const wrong = withField(
      withField(submission, ["record", "manifest", "recipe"], otherRecipe),
      ["record", "manifest", "dataset", "version"],
      "2",
    );
    const verification = verifySubmission(wrong, facts);
    if (!("refusals" in verification)) throw new Error("taken");
    expect(verification.refusals).toHaveLength(2);
    expect(verification.refusals[0]).toEqual({
      reason: "recipe-differs",
      field: "record.manifest.recipe.learningRate",
      expected: "0.05",
      found: "0.1",
      remedy: expect.stringContaining("benchmark null") as string,
    });
  });
});
