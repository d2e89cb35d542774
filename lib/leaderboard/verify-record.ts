/**
 * Compares a record with everything that follows from its recipe, variant and policies: its length, the size of its
 * network, its batch norms, the momenta that each policy can give them, and the points of its curves. Needs no
 * predictions and no data, so that stored runs can be checked again.
 */
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { layerMomentaOf } from "@/lib/dmbn/policy";
import type { RunRecord, ScoreRecord } from "@/lib/records";
import { describeValue, evaluationExamples, evaluationSteps, lossSteps } from "@/lib/records";
import type { Refusal } from "./refusal";

/** What a record is compared with. */
export interface RecordFacts {
  /** Slug → those policies in the record that exist. */
  policies: ReadonlyMap<string, { hash: string; document: MomentumPolicy }>;
  /** What follows from the record's recipe and variant. */
  run: {
    /** Training examples before the recipe holds any back. */
    trainExamples: number;
    /** Smaller batches give a batch norm one value per channel. */
    leastBatchSize: number;
    steps: number;
    /** Trainable values of the network. */
    parameters: number;
    /** In forward order. */
    batchNorms: readonly { name: string; channels: number }[];
  };
}

/** A refusal for each field that differs; of a list, for its first difference. */
export function recordRefusals(record: RunRecord, facts: RecordFacts): Refusal[] {
  return [
    ...splitRefusals(record, facts),
    ...sizeRefusals(record, facts),
    ...record.scores.flatMap((score, index) => scoreRefusals(score, `record.scores[${index}]`, facts)),
    ...curveRefusals(record, facts),
    ...speedRefusals(record, facts),
  ];
}

function splitRefusals(
  { manifest: { recipe } }: RunRecord,
  { run: { trainExamples, leastBatchSize } }: RecordFacts,
): Refusal[] {
  const { batchSize, calibrationSize, validationSize } = recipe;
  const left = trainExamples - calibrationSize - validationSize;
  const remedy = "Train with settings that fit the data set.";
  if (left < 1)
    return [
      refuse(
        "record.manifest.recipe.calibrationSize",
        `less than the ${trainExamples} training examples, together with validationSize`,
        `${calibrationSize} and ${validationSize}`,
        remedy,
      ),
    ];
  if (batchSize >= leastBatchSize && batchSize <= left) return [];
  const expected =
    batchSize > left
      ? `at most the ${left} examples to train on`
      : `at least ${leastBatchSize}: batch norm needs two values per channel`;
  return [refuse("record.manifest.recipe.batchSize", expected, String(batchSize), remedy)];
}

function sizeRefusals({ manifest }: RunRecord, { run: { steps, parameters, batchNorms } }: RecordFacts): Refusal[] {
  const derived = {
    steps,
    parameters,
    batchNormChannels: batchNorms.reduce((sum, { channels }) => sum + channels, 0),
  };
  return (Object.keys(derived) as (keyof typeof derived)[]).flatMap((field) =>
    differing(`record.manifest.${field}`, derived[field], manifest[field]),
  );
}

function scoreRefusals(score: ScoreRecord, field: string, { policies, run: { batchNorms } }: RecordFacts): Refusal[] {
  const { momentumPerLayer, edgeOfGrid, esm, policy } = score;
  const layers = listRefusals(
    `${field}.esm`,
    batchNorms.map(({ name }) => name),
    esm.map(({ layer }) => layer),
    { every: "a shift for each batch norm", part: ".layer" },
  );
  const known = policies.get(policy.slug);
  if (known?.hash !== policy.hash) return layers; // of an unknown policy nothing follows
  const refusals = [...layers, ...shiftRefusals(score, field, known.document)];
  const { values, computed, edges } = layerMomentaOf(known.document);
  const length = listRefusals(`${field}.momentumPerLayer`, batchNorms, momentumPerLayer, {
    every: "a momentum for each batch norm",
    same: () => true,
  });
  if (length.length > 0) return [...refusals, ...length];
  const wrong = momentumPerLayer.findIndex(
    (momentum) => !values.includes(momentum) && !(computed && typeof momentum === "number"),
  );
  if (wrong >= 0)
    refusals.push(
      refuse(
        `${field}.momentumPerLayer[${wrong}]`,
        computed
          ? `a number from 0 to 1${values.includes(null) ? ", or null" : ""}, as ${policy.slug} computes it`
          : `${values.length > 1 ? "one of " : ""}${briefly(values)}, as ${policy.slug} gives it`,
        describeValue(momentumPerLayer[wrong]),
      ),
    );
  return [
    ...refusals,
    ...listRefusals(
      `${field}.edgeOfGrid`,
      batchNorms.filter((_, layer) => edges.includes(momentumPerLayer[layer]!)).map(({ name }) => name),
      edgeOfGrid,
      { every: "the layers whose momentum is the first or last candidate" },
    ),
  ];
}

/** Statistics that are measured on the whole calibration split are those that they are compared with. */
function shiftRefusals({ esm }: ScoreRecord, field: string, policy: MomentumPolicy): Refusal[] {
  if (policy.kind !== "recalibrate" || policy.samples !== null || policy.batches || policy.correction) return [];
  const parts = ["mean", "std", "relativeMean", "relativeStd"] as const;
  for (const [layer, shift] of esm.entries()) {
    const part = parts.find((name) => shift[name] !== 0);
    if (!part) continue;
    const expected = "0: the statistics are measured on the split that they are compared with";
    return [refuse(`${field}.esm[${layer}].${part}`, expected, String(shift[part]))];
  }
  return [];
}

function curveRefusals(
  { curves, manifest: { recipe } }: RunRecord,
  { run: { steps, batchNorms } }: RecordFacts,
): Refusal[] {
  const evaluations = batchNorms.length > 0 ? evaluationSteps(steps) : [];
  const points = (field: string, expected: readonly number[], found: readonly { step: number }[], every: string) =>
    listRefusals(
      field,
      expected,
      found.map(({ step }) => step),
      { every, part: ".step" },
    );
  const layers = listRefusals(
    "record.curves.shift",
    batchNorms.map(({ name }) => name),
    curves.shift.map(({ layer }) => layer),
    { every: "a curve for each batch norm", part: ".layer" },
  );
  const examples = Math.min(recipe.validationSize, evaluationExamples);
  const fraction = curves.validationAccuracy.findIndex(({ value }) => !isCount(value * examples));
  return [
    ...points("record.curves.loss", lossSteps(steps), curves.loss, `points over ${steps} steps`),
    ...points(
      "record.curves.validationAccuracy",
      recipe.validationSize > 0 ? evaluations : [],
      curves.validationAccuracy,
      `evaluations over ${steps} steps`,
    ),
    ...(fraction < 0
      ? []
      : [
          refuse(
            `record.curves.validationAccuracy[${fraction}].value`,
            `a multiple of 1/${examples}: that many examples are held back to look at`,
            String(curves.validationAccuracy[fraction]!.value),
          ),
        ]),
    ...layers,
    ...(layers.length > 0
      ? []
      : curves.shift.flatMap((curve, layer) =>
          points(`record.curves.shift[${layer}].points`, evaluations, curve.points, `evaluations over ${steps} steps`),
        )),
  ];
}

/** Whether `value` is a whole number but for rounding. */
const isCount = (value: number): boolean => Math.abs(value - Math.round(value)) < 1e-6;

/** How far the speed may be from images over seconds, as a fraction: only rounding. */
const speedTolerance = 1e-6;

function speedRefusals({ timings, manifest: { recipe } }: RunRecord, { run: { steps } }: RecordFacts): Refusal[] {
  const speed = (steps * recipe.batchSize) / timings.trainingSeconds;
  if (Number.isFinite(speed) && Math.abs(timings.imagesPerSecond - speed) <= speedTolerance * speed) return [];
  return [
    refuse(
      "record.timings.imagesPerSecond",
      `${speed}: ${steps} steps of ${recipe.batchSize} images in ${timings.trainingSeconds} seconds`,
      String(timings.imagesPerSecond),
    ),
  ];
}

interface ListRules<Expected, Found> {
  /** What the list holds, in words. */
  every: string;
  /** What is compared, behind the index of an entry. */
  part?: string;
  /** Default: `===`. */
  same?: (expected: Expected, found: Found) => boolean;
}

/** A refusal if the lengths differ, or for the first entry that does. */
function listRefusals<Expected, Found>(
  field: string,
  expected: readonly Expected[],
  found: readonly Found[],
  { every, part = "", same = (one, other) => (one as unknown) === other }: ListRules<Expected, Found>,
): Refusal[] {
  if (found.length !== expected.length)
    return [refuse(field, `a list of ${expected.length}: ${every}`, `a list of ${found.length}`)];
  const wrong = found.findIndex((value, index) => !same(expected[index]!, value));
  return wrong < 0 ? [] : differing(`${field}[${wrong}]${part}`, expected[wrong], found[wrong]);
}

const differing = (field: string, expected: unknown, found: unknown): Refusal[] =>
  expected === found
    ? []
    : [
        refuse(
          field,
          `${describeValue(expected)}, which follows from the recipe and the variant`,
          describeValue(found),
        ),
      ];

/** The first of several values. */
const briefly = (values: readonly unknown[]): string =>
  values.length > 12 ? `${values.length} candidates` : values.map((value) => describeValue(value)).join(", ");

const refuse = (
  field: string,
  expected: string,
  found: string,
  remedy = "Publish the record that the training page or dmbench train made, unchanged.",
): Refusal => ({ reason: "run-differs", field, expected, found, remedy });
