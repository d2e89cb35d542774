/** What a record of a network of one's own is refused for, by field, and what the server adds to one it accepts. */
import { expect, it } from "vitest";
import { evaluate } from "@/lib/evaluation";
import type { ExternalSubmission } from "@/lib/leaderboard";
import { bestExternal, externalSubmissionSchema, invalid, verifyExternal } from "@/lib/leaderboard";
import { policies as builtIn, digitsLike } from "./a-submission";
import { anExternal } from "./an-external";

const policies = new Map([...builtIn].map(([slug, { document }]) => [slug, document]));
const verify = (submission: ExternalSubmission, dataset: typeof digitsLike | null = digitsLike) =>
  verifyExternal(submission, { dataset, policies });

const changed = (change: (submission: ExternalSubmission) => void, dataset: typeof digitsLike | null = digitsLike) => {
  const submission = structuredClone(anExternal({ dataset }));
  change(submission);
  return submission;
};

it("derives every figure from the predictions and its own labels, and says which policies are constants", () => {
  const result = verify(anExternal({ dataset: digitsLike }));
  if (!("scores" in result)) throw new Error(JSON.stringify(result));
  expect(result.scores.map(({ slug, rule, momentum }) => [slug, rule, momentum])).toEqual([
    ["pytorch-default", "0.9", 0.9],
    [null, "0.5", 0.5],
    ["dmbn", expect.any(String), null],
  ]);
  const labels = digitsLike.testLabels;
  const predictions = Uint8Array.from(labels, (label, i) => (i % 4 === 0 ? (label + 1) % 10 : label));
  const { accuracy, sensitivity, specificity, fScore } = evaluate({ labels, predictions, classes: 10 });
  expect(result.scores[1]!.figures).toEqual({ accuracy, sensitivity, specificity, fScore });
});

it("leaves figures as claimed where there are no labels", () => {
  const other = anExternal({ dataset: null });
  const result = verify(other, null);
  if (!("scores" in result)) throw new Error(JSON.stringify(result));
  expect(result.scores.map(({ figures }) => figures)).toEqual([null, null, null]);
  expect(verify(anExternal({ dataset: digitsLike }), null)).toHaveProperty("scores"); // registered, and not here
});

it("compares by the server's accuracy, else by the claimed value", () => {
  const figures = { accuracy: 0.5, sensitivity: 0, specificity: 0, fScore: 0 };
  expect(
    bestExternal([
      { figures, value: 0.9 },
      { figures: null, value: 0.6 },
    ]),
  ).toMatchObject({ value: 0.6 });
});

it.each<[string, (submission: ExternalSubmission) => void, object, (typeof digitsLike | null)?]>([
  [
    "too few predictions",
    ({ predictions }) => {
      predictions.half = "AAAA";
    },
    { reason: "predictions-invalid", field: 'predictions["half"]', expected: "355 class ids", found: "3" },
  ],
  [
    "a class that the data set doesn't have",
    ({ predictions }) => {
      predictions.dmbn = Buffer.alloc(355, 10).toString("base64");
    },
    { reason: "predictions-invalid", field: 'predictions["dmbn"][0]', expected: "a class id from 0 to 9", found: "10" },
  ],
  [
    "a method without predictions",
    ({ predictions }) => void delete predictions.dmbn,
    { reason: "predictions-invalid", field: 'predictions["dmbn"]', expected: "355 class ids", found: "nothing" },
  ],
  [
    "predictions of no method",
    ({ predictions }) => {
      predictions.nobody = predictions.dmbn!;
    },
    { reason: "predictions-invalid", field: 'predictions["nobody"]', expected: "a method of the record" },
  ],
  [
    "predictions for data whose labels nobody has",
    ({ predictions }) => {
      predictions.dmbn = "AAAA";
    },
    { reason: "predictions-invalid", field: 'predictions["dmbn"]', expected: /^none/ },
    null,
  ],
  [
    "another number of classes",
    ({ record }) => {
      record.task.classes = 12;
    },
    { reason: "dataset-differs", field: "record.task.classes", expected: "10, as digits has", found: "12" },
  ],
  [
    "an accuracy that the predictions don't have",
    ({ record }) => {
      record.methods[0]!.value = 0.95;
    },
    { reason: "metrics-differ", field: "record.methods[0].value", expected: /^0\.89.*derived/, found: "0.95" },
  ],
  [
    "a policy that is not here",
    ({ record }) => void delete record.methods[1]!.document,
    { reason: "unknown-policy", field: "record.methods[1].policy", found: '"half"' },
  ],
  [
    "a document that is no policy",
    ({ record }) => {
      record.methods[1]!.document = { kind: "schedule", momentum: "2 +" };
    },
    { reason: "invalid-policy", field: "record.methods[1].document.momentum" },
  ],
])("refuses %s, by field", (_, change, expected, dataset = digitsLike) => {
  const result = verify(changed(change, dataset), dataset);
  const [refusal] = "refusals" in result ? result.refusals : [];
  for (const [field, value] of Object.entries(expected))
    expect(refusal?.[field as "found"], field).toEqual(value instanceof RegExp ? expect.stringMatching(value) : value);
  expect("refusals" in result && result.refusals).toHaveLength(1);
});

it.each<[string, string, unknown, string]>([
  ["methods.0.value", "a value that is no number", Number.NaN, "record.methods[0].value"],
  ["task.name", "a name of registered data", "Leaves", "record.task.name"],
  ["task.classes", "one class", 1, "record.task.classes"],
  ["link", "a link that is not https", "http://example.org/", "record.link"],
  ["network.name", "a name that nobody sees", "\u200b", "record.network.name"],
  ["format", "another format", "dmbench-external-2", "record.format"],
  ["training.batchSize", "no batch", 0, "record.training.batchSize"],
])("%s: refuses %s", (path, _, value, field) => {
  const submission = changed(({ record }) => {
    const keys = path.split(".");
    const owner = keys.slice(0, -1).reduce<Record<string, unknown>>((part, key) => part[key] as never, record as never);
    owner[keys.at(-1)!] = value;
  });
  const parsed = externalSubmissionSchema.safeParse(submission);
  expect(parsed.success).toBe(false);
  expect(invalid(parsed.error!, submission).map((issue) => issue.field)).toEqual([field]);
});

it("refuses a record of which a list would be too long to send", () => {
  const submission = changed(({ record }) => {
    for (const method of record.methods)
      method.momentumPerLayer = new Array(1024).fill("1 - 1 / (1 + step)".padEnd(100, " ").concat("+ 0"));
  });
  const parsed = externalSubmissionSchema.safeParse(submission);
  expect(invalid(parsed.error!, submission)).toMatchObject([
    { field: "record", expected: "at most 262144 characters as JSON", found: "more" },
  ]);
});

it("refuses the same policy twice", () => {
  const submission = changed(({ record }) => void record.methods.push(record.methods[0]!));
  expect(externalSubmissionSchema.safeParse(submission).success).toBe(false);
});
