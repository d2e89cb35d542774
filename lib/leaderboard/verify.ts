/**
 * Verifies a submission: every metric is derived from the predictions and the server's own labels, everything else that
 * can be from recipe, variant and policies, and the record must agree with them.
 */
import { policyHash, policySchema } from "@/lib/dmbn/policy";
import { evaluate, rightAnswers } from "@/lib/evaluation";
import type { ByMetric, Manifest, ScoreRecord } from "@/lib/records";
import { describeValue, differingFields, mostIssues, recordedMetrics, totalShift } from "@/lib/records";
import type { Benchmark } from "./benchmarks";
import { decodePredictions, predictionRefusal } from "./predictions";
import type { Refusal, RefusalReason } from "./refusal";
import type { Submission } from "./submission";
import type { TicketFacts } from "./ticket";
import { ticketRefusals } from "./ticket";
import type { RecordFacts } from "./verify-record";
import { recordRefusals } from "./verify-record";

/** The server's own data, to verify a submission against. */
export interface ServerFacts extends RecordFacts {
  /** The benchmark that the record names; null if it does not exist or the record names none. */
  benchmark: Pick<Benchmark, "recipe"> | null;
  /** The run that the submission claims to reproduce; null if it does not exist, absent if none is named. */
  reproduced?: Pick<Manifest, "recipe" | "variant" | "seed"> | null;
  /** The ticket that the submission names; null if it does not exist. */
  ticket?: TicketFacts | null;
  /** The server's copy of the data set that the record names. */
  dataset: {
    slug: string;
    version: string;
    subset: string | null;
    hash: string;
    classes: number;
    /** True class id of each test example. */
    testLabels: ArrayLike<number>;
  };
}

/** A method's metrics, derived by the server. */
export interface VerifiedScore extends ByMetric<number> {
  record: ScoreRecord;
  confusionMatrix: number[][];
  /** One class id for each test example. */
  predictions: Uint8Array;
  /** `rightAnswers` of these. */
  correct: Uint8Array;
}

export type Verification = { scores: VerifiedScore[] } | { refusals: Refusal[] };

/** How far a record's metric may be from the derived one: only rounding. */
export const metricTolerance = 1e-9;

/** Derives each method's metrics, or returns a refusal for each of the first `mostIssues` issues. */
export function verifySubmission(submission: Submission, facts: ServerFacts): Verification {
  const refusals = [
    ...recipeRefusals(submission, facts),
    ...datasetRefusals(submission, facts),
    ...methodRefusals(submission, facts),
    ...reproductionRefusals(submission, facts),
    ...(submission.ticket === undefined ? [] : ticketRefusals(submission.record, facts.ticket ?? null)),
    ...recordRefusals(submission.record, facts),
  ];
  if (refusals.length) return { refusals: refusals.slice(0, mostIssues) };

  const scores: VerifiedScore[] = [];
  submission.record.scores.forEach((record, index) => {
    const predictions = decodePredictions(submission.predictions[record.method]!);
    const refusal = predictionRefusal(record.method, predictions, facts.dataset);
    if (refusal) {
      refusals.push(refusal);
      return;
    }
    const score = derive(record, predictions, facts);
    for (const difference of metricRefusals(score, `record.scores[${index}]`)) refusals.push(difference);
    scores.push(score);
  });
  return refusals.length ? { refusals: refusals.slice(0, mostIssues) } : { scores };
}

function recipeRefusals({ record }: Submission, { benchmark }: ServerFacts): Refusal[] {
  if (!record.benchmark) return [];
  const { slug, version } = record.benchmark;
  if (!benchmark) {
    return [
      refuse(
        "unknown-benchmark",
        "record.benchmark",
        "a benchmark of /api/v1/benchmarks",
        `${slug}, version ${version}`,
        "Name a benchmark that exists, or null for settings of your own.",
      ),
    ];
  }
  const recipe = record.manifest.recipe;
  return differingFields(benchmark.recipe, recipe).map((field) =>
    refuse(
      "recipe-differs",
      `record.manifest.recipe.${field}`,
      describeValue(benchmark.recipe[field]),
      describeValue(recipe[field]),
      `Train with the recipe of ${slug}, version ${version}, or publish with benchmark null: shown, but on no board.`,
    ),
  );
}

function datasetRefusals({ record: { manifest } }: Submission, { dataset }: ServerFacts): Refusal[] {
  const remedy = "Load the data set from this site again, train again and publish that run.";
  const actual = manifest.dataset;
  const fields = (["slug", "version", "subset", "hash"] as const).filter((field) => actual[field] !== dataset[field]);
  const refusals = fields.map((field) =>
    refuse(
      "dataset-differs",
      `record.manifest.dataset.${field}`,
      describeValue(dataset[field]),
      describeValue(actual[field]),
      remedy,
    ),
  );
  if (manifest.recipe.dataset === dataset.slug) return refusals;
  return [
    ...refusals,
    refuse(
      "dataset-differs",
      "record.manifest.recipe.dataset",
      describeValue(actual.slug),
      describeValue(manifest.recipe.dataset),
      remedy,
    ),
  ];
}

function reproductionRefusals(
  { record: { manifest }, reproductionOf }: Submission,
  { reproduced }: ServerFacts,
): Refusal[] {
  if (reproductionOf === undefined) return [];
  const remedy = "Train with the settings of that run, unchanged, or publish without reproductionOf.";
  if (!reproduced)
    return [refuse("reproduction-differs", "reproductionOf", "a run of /api/v1/runs", reproductionOf, remedy)];
  const { recipe } = reproduced;
  const fields = [
    ...differingFields(recipe, manifest.recipe).map(
      (field) => [`recipe.${field}`, recipe[field], manifest.recipe[field]] as const,
    ),
    ...(["variant", "seed"] as const)
      .filter((field) => reproduced[field] !== manifest[field])
      .map((field) => [field, reproduced[field], manifest[field]] as const),
  ];
  return fields.map(([field, expected, found]) =>
    refuse(
      "reproduction-differs",
      `record.manifest.${field}`,
      `${describeValue(expected)}, as in the run of reproductionOf`,
      describeValue(found),
      remedy,
    ),
  );
}

function methodRefusals({ record, predictions }: Submission, { policies }: ServerFacts): Refusal[] {
  const refusals: Refusal[] = [];
  const seen = new Set<string>();
  record.scores.forEach(({ method, variant, policy }, index) => {
    const field = `record.scores[${index}]`;
    const reload = "Reload the page to get this site's policies, then train again.";
    const hash = policies.get(policy.slug)?.hash;
    if (!hash)
      refusals.push(
        refuse(
          "unknown-policy",
          `${field}.policy.slug`,
          "a policy of /api/v1/policies",
          describeValue(policy.slug),
          reload,
        ),
      );
    else if (hash !== policy.hash)
      refusals.push(refuse("unknown-policy", `${field}.policy.hash`, hash, policy.hash, reload));
    if ((record.format === 2 || policy.document) && hashOf(policy.document) !== policy.hash)
      refusals.push(
        refuse(
          "method-differs",
          `${field}.policy.document`,
          `the policy whose hash is ${policy.hash}`,
          describeValue(policy.document),
          "Publish the record as it was made, or one of format 1 without documents.",
        ),
      );
    const named = `${record.manifest.variant}/${policy.slug}`;
    if (variant !== record.manifest.variant) {
      refusals.push(
        refuse(
          "method-differs",
          `${field}.variant`,
          describeValue(record.manifest.variant),
          describeValue(variant),
          "Publish one record for each variant.",
        ),
      );
    } else if (method !== named) {
      refusals.push(
        refuse(
          "method-differs",
          `${field}.method`,
          describeValue(named),
          describeValue(method),
          "Name a method by its variant and its policy's slug.",
        ),
      );
    }
    if (seen.has(method))
      refusals.push(
        refuse(
          "method-differs",
          `${field}.method`,
          "each method once",
          `${describeValue(method)} again`,
          "Leave out the second.",
        ),
      );
    seen.add(method);
    if (!Object.hasOwn(predictions, method)) {
      refusals.push(
        refuse(
          "predictions-invalid",
          `predictions[${describeValue(method)}]`,
          "a prediction for each test example",
          "nothing",
          "Send the predictions of every method of the record.",
        ),
      );
    }
  });
  const unknown = Object.keys(predictions).filter((method) => !seen.has(method));
  return [
    ...refusals,
    ...unknown.map((method) =>
      refuse(
        "predictions-invalid",
        `predictions[${describeValue(method)}]`,
        "a method of the record",
        "a method without a score",
        "Leave these predictions out, or add their score.",
      ),
    ),
  ];
}

/** The hash of a document; null if it isn't a policy. */
function hashOf(document: unknown): string | null {
  const parsed = policySchema.safeParse(document);
  return parsed.success ? policyHash(parsed.data) : null;
}

function derive(record: ScoreRecord, predictions: Uint8Array, { dataset }: ServerFacts): VerifiedScore {
  const { testLabels: labels, classes } = dataset;
  return {
    record,
    predictions,
    correct: rightAnswers(labels, predictions),
    ...evaluate({ labels, predictions, classes }),
    esm: totalShift(record.esm),
  };
}

function metricRefusals(score: VerifiedScore, field: string): Refusal[] {
  const remedy = "Publish the record that the training page made, unchanged, with its own predictions.";
  const refusals = recordedMetrics
    .filter((metric) => differs(score[metric], score.record[metric]))
    .map((metric) =>
      refuse(
        "metrics-differ",
        `${field}.${metric}`,
        `${score[metric]}, derived from the predictions`,
        String(score.record[metric]),
        remedy,
      ),
    );
  const [expected, found] = [score.confusionMatrix, score.record.confusionMatrix].map((matrix) =>
    JSON.stringify(matrix),
  );
  if (expected !== found)
    refusals.push(
      refuse(
        "metrics-differ",
        `${field}.confusionMatrix`,
        describeValue(score.confusionMatrix),
        describeValue(score.record.confusionMatrix),
        remedy,
      ),
    );
  return refusals;
}

/** A figure that the server can't derive is neither compared nor stored. */
const differs = (derived: number | null, recorded: number | null): boolean =>
  derived !== null && (recorded === null || Math.abs(derived - recorded) > metricTolerance);

const refuse = (reason: RefusalReason, field: string, expected: string, found: string, remedy: string): Refusal => ({
  reason,
  field,
  expected,
  found,
  remedy,
});
