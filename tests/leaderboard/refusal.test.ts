import { describe, expect, it } from "vitest";
import { invalid, submissionSchema } from "@/lib/leaderboard";
import { aSubmission, withField } from "./a-submission";

const submission = aSubmission({
  dataset: {
    slug: "digits",
    version: "1",
    subset: null,
    hash: "d".repeat(64),
    classes: 10,
    testLabels: new Uint8Array(20),
  },
});

function refusalsOf(body: unknown) {
  const parsed = submissionSchema.safeParse(body);
  return parsed.success ? [] : invalid(parsed.error, body);
}

describe("a malformed submission", () => {
  it.each<[string, (string | number)[], unknown, { field: string; expected: RegExp; found: string }]>([
    [
      "a missing field",
      ["record", "manifest", "seed"],
      undefined,
      { field: "record.manifest.seed", expected: /number/, found: "nothing" },
    ],
    [
      "a figure that is null, as JSON writes NaN",
      ["record", "scores", 0, "accuracy"],
      null,
      { field: "record.scores[0].accuracy", expected: /number/, found: "null" },
    ],
    [
      "an infinite figure",
      ["record", "curves", "loss", 0, "value"],
      Infinity,
      { field: "record.curves.loss[0].value", expected: /number/, found: "Infinity" },
    ],
    [
      "a figure out of range",
      ["record", "scores", 0, "accuracy"],
      1.5,
      { field: "record.scores[0].accuracy", expected: /^at most 1$/, found: "1.5" },
    ],
    [
      "an unknown field",
      ["record", "verified"],
      true,
      { field: "record.verified", expected: /^no such field$/, found: "true" },
    ],
    ["a malformed key", ["idempotencyKey"], "x", { field: "idempotencyKey", expected: /UUID/, found: '"x"' }],
    [
      "predictions that are not base64",
      ["predictions", "bn/keras-default"],
      "***",
      { field: "predictions.bn/keras-default", expected: /base64/, found: '"***"' },
    ],
  ])("is refused for %s, named with what was expected and found", (_what, path, value, { field, expected, found }) => {
    const [refusal, ...others] = refusalsOf(withField(submission, path, value));
    expect(others).toEqual([]);
    expect(refusal).toMatchObject({ reason: "invalid", field, found });
    expect(refusal!.expected).toMatch(expected);
  });

  it("is refused as a whole if it is not an object", () => {
    expect(refusalsOf([])).toMatchObject([{ field: "", found: "[]" }]);
  });
});
