import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  canonicalPolicy,
  defaultCandidates,
  maxDocumentCharacters,
  PolicyError,
  parsePolicy,
  parsePolicyText,
  policyHash,
  policySchema,
  recalibrate,
  schedule,
  select,
} from "@/lib/dmbn/policy";

function refusal(read: () => unknown): PolicyError {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(PolicyError);
    return error as PolicyError;
  }
  return expect.fail("was accepted");
}

describe("a policy document", () => {
  it("is completed with defaults", () => {
    expect(schedule(0.9)).toEqual({
      kind: "schedule",
      momentum: "0.9",
      varianceMomentum: null,
      initial: { mean: 0, variance: 1 },
      debias: false,
      variance: "unbiased",
    });
    expect(schedule(0.9, { debias: true }).initial).toEqual({ mean: 0, variance: 0 });
    expect(select()).toEqual({
      kind: "select",
      candidates: [...defaultCandidates],
      by: "estimation-shift",
      granularity: "layer",
      order: "sequential",
      parameters: "joint",
      every: null,
      variance: "unbiased",
    });
    expect(recalibrate()).toEqual({ kind: "recalibrate", samples: null });
  });

  it("is unchanged by a second parse, by this schema or an enclosing one", () => {
    for (const policy of [
      schedule("1 - 1/step", { varianceMomentum: ".99" }),
      schedule("step/(step+1)", { debias: true }),
      select(),
      select({ by: "drift" }),
      recalibrate({ samples: 100 }),
    ]) {
      expect(parsePolicy(policy)).toEqual(policy);
      expect(parsePolicyText(JSON.stringify(policy))).toEqual(policy);
      expect(z.object({ policy: policySchema }).parse({ policy })).toEqual({ policy });
    }
  });

  it("can be described as a JSON Schema for other programs", () => {
    expect(JSON.stringify(z.toJSONSchema(policySchema, { io: "input" }))).toContain("estimation-shift");
  });

  it.each<[string, unknown, string, string]>([
    ["nothing", undefined, "", "policy document"],
    ["text", "0.9", "", "policy document"],
    ["a list", [], "", "policy document"],
    ["no kind", {}, "kind", "schedule"],
    ["an unknown kind", { kind: "__proto__" }, "kind", "recalibrate"],
    ["a kind that is not text", { kind: {} }, "kind", "select"],
    ["no momentum", { kind: "schedule" }, "momentum", "an expression"],
    ["a momentum that is null", { kind: "schedule", momentum: null }, "momentum", "null"],
    ["a momentum that is a list", { kind: "schedule", momentum: ["0.9"] }, "momentum", "a list of 1"],
    ["a wrong expression", { kind: "schedule", momentum: "1 - 1/t" }, "momentum", "step?"],
    [
      "a wrong expression for the variance",
      { kind: "schedule", momentum: "1", varianceMomentum: "(" },
      "varianceMomentum",
      "the end",
    ],
    ["an unknown field", { kind: "schedule", momentum: "1", beta: 2 }, "", "beta"],
    [
      "a field named __proto__",
      JSON.parse('{"kind":"schedule","momentum":"1","__proto__":{"debias":true}}'),
      "",
      "__proto__",
    ],
    ["a field named constructor", { kind: "recalibrate", constructor: 1 }, "", "constructor"],
    [
      "a negative variance",
      { kind: "schedule", momentum: "1", initial: { mean: 0, variance: -1 } },
      "initial.variance",
      "at least 0",
    ],
    ["a missing variance", { kind: "schedule", momentum: "1", initial: { mean: 0 } }, "initial.variance", "number"],
    [
      "a debiased average that doesn't start from zeros",
      { kind: "schedule", momentum: "0.9", debias: true, initial: { mean: 0, variance: 1 } },
      "initial",
      "zeros",
    ],
    ["an unknown estimator", { kind: "select", variance: "sample" }, "variance", "biased"],
    ["no candidates", { kind: "select", candidates: [] }, "candidates", "at least 1"],
    ["candidates by drift", { kind: "select", by: "drift", candidates: ["0.9"] }, "candidates", "a list of 1"],
    ["an unknown way to choose", { kind: "select", by: "luck" }, "by", "drift"],
    ["one choice for the network by shift", { kind: "select", granularity: "network" }, "granularity", "each layer's"],
    ["channels by labels", { kind: "select", by: "loss", granularity: "channel" }, "granularity", "labels choose"],
    ["labels in training", { kind: "select", by: "accuracy", every: 2 }, "every", "once after the run"],
    ["independent layers by labels", { kind: "select", by: "loss", order: "independent" }, "order", "labels choose"],
    ["an unknown estimator", { kind: "select", estimators: ["unbiased", "robust"] }, "estimators[1]", "biased"],
    ["no estimator", { kind: "select", estimators: [] }, "estimators", "at least 1"],
    [
      "estimators twice",
      { kind: "select", variance: "total", estimators: ["biased"] },
      "variance",
      "beside estimators",
    ],
    ["estimators by drift", { kind: "select", by: "drift", estimators: ["biased", "total"] }, "estimators", "one"],
    ["65 candidates", { kind: "select", candidates: Array(65).fill("0.9") }, "candidates", "at most 64"],
    ["a wrong candidate", { kind: "select", candidates: ["0.9", "0.99", "0,9"] }, "candidates[2]", "point"],
    ["a candidate that is an object", { kind: "select", candidates: ["0.9", {}] }, "candidates[1]", "expression"],
    ["a fractional number of epochs", { kind: "select", every: 0.5 }, "every", "int"],
    ["no samples", { kind: "recalibrate", samples: 0 }, "samples", "at least 1"],
    ["an infinite number", { kind: "schedule", momentum: Number.POSITIVE_INFINITY }, "momentum", "expression"],
  ])("with %s is refused", (_, document, field, named) => {
    const error = refusal(() => parsePolicy(document));
    expect(error.issue.field).toBe(field);
    expect(error.message).toContain(named);
    expect(error.issue.remedy).not.toBe("");
  });

  it("reports the position of a wrong character within its expression", () => {
    expect(refusal(() => select({ candidates: ["0.9", "1 -− 1"] })).issue).toMatchObject({
      field: "candidates[1]",
      position: 3,
    });
  });

  it.each([
    ["not JSON", "{kind: schedule}"],
    ["truncated", '{"kind": "sched'],
    ["deeply nested", "[".repeat(60_000)],
    ["empty", ""],
  ])("as text that is %s is refused", (_, text) => {
    refusal(() => parsePolicyText(text));
  });

  it("is refused at once if it has ten megabytes", () => {
    const start = performance.now();
    expect(refusal(() => parsePolicyText(" ".repeat(10_000_000))).message).toContain(`${maxDocumentCharacters}`);
    refusal(() => parsePolicy({ kind: "schedule", momentum: "1+".repeat(5_000_000) }));
    refusal(() => parsePolicy({ kind: "select", candidates: Array(1_000_000).fill("1 - 1 / step") }));
    expect(performance.now() - start).toBeLessThan(1500);
  });
});

describe("a policy's identity", () => {
  const same = (...documents: unknown[]) => expect(new Set(documents.map(policyHash)).size).toBe(1);
  const different = (...documents: unknown[]) => expect(new Set(documents.map(policyHash)).size).toBe(documents.length);

  it("does not depend on spelling", () => {
    same(
      { kind: "schedule", momentum: "0.9" },
      { momentum: ".9", kind: "schedule" },
      { kind: "schedule", momentum: 0.9 },
      { kind: "schedule", momentum: "((9e-1))" },
      {
        kind: "schedule",
        momentum: "0.90",
        debias: false,
        variance: "unbiased",
        varianceMomentum: null,
        initial: { variance: 1, mean: -0 },
      },
      { kind: "schedule", momentum: "0.9", varianceMomentum: " .9" },
    );
    same({ kind: "schedule", momentum: "1-1/step" }, { kind: "schedule", momentum: " 1 - (1 / step)" });
    same(
      { kind: "select" },
      { kind: "select", candidates: defaultCandidates },
      { kind: "select", candidates: [...defaultCandidates, ".90", 0] },
    );
    same(
      { kind: "schedule", momentum: "0.9", debias: true },
      { kind: "schedule", momentum: "0.9", debias: true, initial: { mean: 0, variance: 0 } },
    );
  });

  it("differs for policies that compute differently", () => {
    different(
      { kind: "schedule", momentum: "0.9" },
      { kind: "schedule", momentum: "0.9", debias: true },
      { kind: "schedule", momentum: "0.9", variance: "biased" },
      { kind: "schedule", momentum: "0.9", varianceMomentum: "0.99" },
      { kind: "schedule", momentum: "0.9", initial: { mean: 0, variance: 0 } },
      { kind: "schedule", momentum: "0.91" },
      { kind: "schedule", momentum: "1 - 0.1" },
      { kind: "select" },
      { kind: "select", by: "drift" },
      { kind: "select", candidates: ["0.9"] },
      { kind: "select", candidates: ["0.9", "0.99"] },
      { kind: "select", candidates: ["0.99", "0.9"] },
      { kind: "recalibrate" },
      { kind: "recalibrate", samples: 1 },
    );
  });

  // A stored hash must always mean the same policy: these change only with a new version of the language.
  it("is stable", () => {
    expect(canonicalPolicy({ kind: "schedule", momentum: ".9" })).toBe(
      '{"debias":false,"initial":{"mean":0,"variance":1},"kind":"schedule","momentum":"0.9",' +
        '"variance":"unbiased","varianceMomentum":null}',
    );
    expect(policyHash({ kind: "schedule", momentum: ".9" })).toBe(
      "c7b34444a42028ebdecd64b5abd75dae13015b4665f6b4d6532d8dc87ca37b7f",
    );
    expect(policyHash({ kind: "select" })).toBe("d71386fc2ac0888cae6214736120a3bb3f54bbdccf20c4c944ac9836217d96ab");
    expect(policyHash({ kind: "recalibrate" })).toBe(
      "6e8d9a6fcb5df212cd5d369a246c7eece66c9e0b1e2f1fc7999ba6d0504d3bfb",
    );
  });
});
