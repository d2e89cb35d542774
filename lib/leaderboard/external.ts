/**
 * Publishing a network that somebody trained with code of their own: what a client sends, and what of it the server can
 * check. Its figures are the server's own where it has the test labels, else they are as claimed. It is on no board.
 */
import { z } from "zod";
import { layerMomentaOf, PolicyError, parsePolicy } from "@/lib/dmbn/policy";
import { evaluate } from "@/lib/evaluation";
import type { ExternalMethod } from "@/lib/records";
import { describeValue, externalRecordSchema, mostIssues, otherDataset } from "@/lib/records";
import { policyRule } from "./policy-submission";
import { decodePredictions, predictionRefusal } from "./predictions";
import type { Refusal } from "./refusal";
import { submissionSchema } from "./submission";
import type { ServerFacts } from "./verify";

/** What every page that shows such a record says of it. */
export const ownTrainingCode = "own training code, not repeated by the server";

/** The longest record as JSON, in characters: 45 policies on the 155 batch norms of a ResNet-152 take half. */
const longestRecord = 256 * 1024;

export const externalSubmissionSchema = z.strictObject({
  idempotencyKey: submissionSchema.shape.idempotencyKey,
  record: externalRecordSchema.refine((record) => JSON.stringify(record).length <= longestRecord, {
    error: `at most ${longestRecord} characters as JSON`,
    params: { found: "more", remedy: "Leave methods out." },
  }),
  /** By method; empty where the data set is not registered. */
  predictions: submissionSchema.shape.predictions.default({}),
});

export type ExternalSubmission = z.infer<typeof externalSubmissionSchema>;

/** What the server adds to a method of a record. */
export interface ExternalScore {
  /** Slug of the site's policy; null for a document of the author's own. */
  slug: string | null;
  /** The policy in one line. */
  rule: string;
  /** β, where the policy is a constant. */
  momentum: number | null;
  /** Derived from the predictions; null where the server has no labels. */
  figures: { accuracy: number; sensitivity: number; specificity: number; fScore: number } | null;
}

export interface ExternalFacts {
  /** The server's copy of the data set; null if it is another one, or not here. */
  dataset: ServerFacts["dataset"] | null;
  /** Documents of the site's policies by slug. */
  policies: ReadonlyMap<string, unknown>;
}

/** The figure that a method is compared by: the server's accuracy where there is one, else the claimed metric. */
export const externalFigure = ({
  figures,
  value,
}: Pick<ExternalScore, "figures"> & Pick<ExternalMethod, "value">): number => figures?.accuracy ?? value;

/** The method of the highest figure. @param methods at least one */
export const bestExternal = <Method extends Parameters<typeof externalFigure>[0]>(methods: readonly Method[]): Method =>
  methods.reduce((best, next) => (externalFigure(next) > externalFigure(best) ? next : best));

/** β of the best of a record's constants; null if it compares fewer than two. */
export function bestConstant(
  methods: readonly (Parameters<typeof externalFigure>[0] & Pick<ExternalScore, "momentum">)[],
): number | null {
  const constants = methods.filter(({ momentum }) => momentum !== null);
  const different = new Set(constants.map(({ momentum }) => momentum)).size;
  return different < 2 ? null : bestExternal(constants).momentum;
}

/** How far a claimed accuracy may be from that of the predictions: rounding to float32. */
const accuracyTolerance = 1e-6;

/** Scores a record's methods in their order, or returns a refusal for each of the first `mostIssues` issues. */
export function verifyExternal(
  { record, predictions }: ExternalSubmission,
  { dataset, policies }: ExternalFacts,
): { scores: ExternalScore[] } | { refusals: Refusal[] } {
  const { task, metric, methods } = record;
  const refusals: Refusal[] = [];
  const refuse = (
    reason: Refusal["reason"],
    field: string,
    [expected, found]: readonly [expected: string, found: string],
    remedy: string,
  ) => void refusals.push({ reason, field, expected, found, remedy });

  if (dataset && task.classes !== dataset.classes)
    refuse(
      "dataset-differs",
      "record.task.classes",
      [`${dataset.classes}, as ${dataset.slug} has`, String(task.classes)],
      `Publish a network that tells the classes of ${dataset.slug} apart, or name the data set ${otherDataset}.`,
    );
  const needed = dataset ? methods.map(({ policy }) => policy) : [];
  for (const name of Object.keys(predictions))
    if (task.dataset === otherDataset || !methods.some(({ policy }) => policy === name))
      refuse(
        "predictions-invalid",
        `predictions[${describeValue(name)}]`,
        [
          task.dataset === otherDataset ? "none: the server has no labels of this data" : "a method of the record",
          "predictions",
        ],
        "Leave them out.",
      );
  for (const name of needed.filter((name) => !Object.hasOwn(predictions, name)))
    refuse(
      "predictions-invalid",
      `predictions[${describeValue(name)}]`,
      [`${dataset!.testLabels.length} class ids`, "nothing"],
      `Send the predictions of each method for the test set of ${dataset!.slug}.`,
    );

  const scores = methods.flatMap(({ policy: name, document, value }, index): ExternalScore[] => {
    const field = `record.methods[${index}]`;
    if (document === undefined && !policies.has(name)) {
      refuse(
        "unknown-policy",
        `${field}.policy`,
        ["a policy of /api/v1/policies", describeValue(name)],
        "Name one by its slug, or send its document beside the name.",
      );
      return [];
    }
    const read = readPolicy(document ?? policies.get(name));
    if ("issue" in read) {
      const { field: inside, ...issue } = read.issue;
      refusals.push({
        reason: "invalid-policy",
        ...issue,
        field: [`${field}.document`, inside].filter(Boolean).join("."),
      });
      return [];
    }
    const answers = dataset && predictions[name] !== undefined ? decodePredictions(predictions[name]) : null;
    const refusal = answers && predictionRefusal(name, answers, dataset!);
    if (refusal) refusals.push(refusal);
    const figures = answers && !refusal ? figuresOf(answers, dataset!) : null;
    if (figures && metric === "accuracy" && Math.abs(figures.accuracy - value) > accuracyTolerance)
      refuse(
        "metrics-differ",
        `${field}.value`,
        [`${figures.accuracy}, derived from the predictions`, String(value)],
        `Score the whole test set of ${dataset!.slug}, in the order of its file.`,
      );
    const momentum = read.policy.kind === "schedule" ? layerMomentaOf(read.policy).values[0] : null;
    return [
      {
        slug: document === undefined ? name : null,
        rule: policyRule(read.policy),
        momentum: typeof momentum === "number" ? momentum : null,
        figures,
      },
    ];
  });
  return refusals.length > 0 ? { refusals: refusals.slice(0, mostIssues) } : { scores };
}

function readPolicy(document: unknown) {
  try {
    return { policy: parsePolicy(document) };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { issue: error.issue };
  }
}

function figuresOf(predictions: Uint8Array, { testLabels: labels, classes }: ServerFacts["dataset"]) {
  const { accuracy, sensitivity, specificity, fScore } = evaluate({ labels, predictions, classes });
  return { accuracy, sensitivity, specificity, fScore };
}
