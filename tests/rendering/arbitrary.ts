/**
 * Arbitrary things that people send: names, policies, and runs of any recipe whose every number, text and choice is as
 * extreme as the rules allow. Runs are bent at random places too; whether a bent one is accepted, the rules decide.
 */
import fc from "fast-check";
import { datasets } from "@/lib/datasets/registry";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { builtInPolicies, layerMomentaOf, PolicyError, parsePolicy, policyHash } from "@/lib/dmbn/policy";
import { evaluate } from "@/lib/evaluation";
import type { ServerFacts, Submission } from "@/lib/leaderboard";
import { benchmarks, flagReasonSchema, policySubmissionSchema } from "@/lib/leaderboard";
import type { Recipe, RunRecord } from "@/lib/records";
import {
  evaluationExamples,
  evaluationSteps,
  lossSteps,
  manifestSchema,
  modelNames,
  recipeSchema,
  variantNames,
} from "@/lib/records";
import { runFacts } from "@/lib/training";
import { randomExpression } from "../dmbn/policy/random-expression";

const hostileTexts = [
  "<script>alert(1)</script>",
  "]]>&amp;&lt;",
  "\u202eevil",
  "\u0000",
  "\ud800",
  "e\u0301".repeat(20),
  "👩‍👩‍👧‍👦".repeat(9),
  "ﷺ".repeat(30),
  "a".repeat(500),
  "constructor",
  "__proto__",
  "`{}`",
  "%00%ff",
  "'\"; DROP TABLE run; --",
  "</style><svg onload=1>",
];
const text = (max: number) =>
  fc.oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: Math.min(max, 40) }),
    fc.string({ unit: "binary", maxLength: Math.min(max, 20) }),
    fc.constantFrom(...hostileTexts),
  );

/** Texts that the schema takes, as it stores them. */
function acceptedBy(schema: { safeParse(value: unknown): { success: boolean; data?: unknown } }, max: number) {
  return text(max).map((value) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? (parsed.data as string) : "plain";
  });
}

export const policyName = acceptedBy(policySubmissionSchema.shape.name, 80);
/** What a flag, a reply and a decision say. */
export const reason = acceptedBy(flagReasonSchema, 2000).map((value) =>
  value === "plain" ? "The loss curve is that of another seed." : value,
);
export const policyDescription = acceptedBy(policySubmissionSchema.shape.description, 2000);

const expression = fc.oneof(
  randomExpression.map((random) => random.text),
  fc.constantFrom(
    "0.9",
    "1",
    "0",
    "1 - 1 / step",
    "0/0",
    "1/0",
    "-1/0",
    "layer / layers",
    "1e308 * 10",
    "5e-324",
    "2^1023",
  ),
);

function readable(document: object): MomentumPolicy | null {
  try {
    return parsePolicy(document);
  } catch (error) {
    if (error instanceof PolicyError) return null;
    throw error;
  }
}

/** Documents of every kind that the language takes; what β does on a benchmark is not checked. */
export const policy: fc.Arbitrary<MomentumPolicy> = fc
  .oneof(
    fc.constantFrom(...builtInPolicies.map(({ document }) => document as object)),
    fc.record(
      {
        kind: fc.constant("schedule"),
        momentum: expression,
        varianceMomentum: fc.option(expression),
        debias: fc.boolean(),
        variance: fc.constantFrom("unbiased", "biased", "total"),
      },
      { requiredKeys: ["kind", "momentum"] },
    ),
    fc.record(
      {
        kind: fc.constant("select"),
        candidates: fc.array(expression, { minLength: 1, maxLength: 64, size: "max" }),
        granularity: fc.constantFrom("layer", "channel"),
        order: fc.constantFrom("sequential", "independent"),
        parameters: fc.constantFrom("joint", "separate"),
        every: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
      },
      { requiredKeys: ["kind"] },
    ),
    fc.record({
      kind: fc.constant("select"),
      by: fc.constant("drift"),
      parameters: fc.constantFrom("joint", "separate"),
    }),
    fc.record({ kind: fc.constant("recalibrate"), samples: fc.option(fc.integer({ min: 1, max: 10_000_000 })) }),
  )
  .map((document) => readable(document) ?? builtInPolicies[0]!.document);

const power = (least: number, most: number) =>
  fc.double({ min: Math.log10(least), max: Math.log10(most), noNaN: true }).map((exponent) => 10 ** exponent);

const seldom = <Value>(rare: Value, all: readonly Value[]): fc.Arbitrary<Value> =>
  fc.oneof(
    { weight: 19, arbitrary: fc.constantFrom(...all.filter((value) => value !== rare)) },
    { weight: 1, arbitrary: fc.constant(rare) },
  );

/** Recipes that the schema takes; not all of them fit their data set. */
const recipe: fc.Arbitrary<Recipe> = fc.oneof(
  fc.constantFrom(...benchmarks.map((benchmark) => benchmark.recipe)),
  fc
    .record({
      // A hundred classes and the largest network take the longest to draw: seldom, here.
      dataset: seldom(
        "cifar-100",
        datasets.map(({ slug }) => slug),
      ),
      model: seldom("resnet-50", modelNames),
      width: power(1e-6, 4),
      epochs: fc.integer({ min: 1, max: 1000 }),
      maxSteps: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
      batchSize: fc.oneof(fc.constantFrom(1, 2, 4096), fc.integer({ min: 1, max: 512 })),
      learningRate: power(1e-300, 10),
      learningRateSchedule: fc.constantFrom("constant", "step", "cosine"),
      optimizer: fc.constantFrom("sgd", "adam"),
      sgdMomentum: fc.double({ min: 0, max: 0.999, noNaN: true }),
      weightDecay: fc.double({ min: 0, max: 1, noNaN: true }),
      epsilon: power(1e-30, 0.1),
      calibrationSize: fc.oneof(fc.constantFrom(1, 100), fc.integer({ min: 1, max: 50_000 })),
      validationSize: fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 50_000 })),
      augment: fc.boolean(),
    })
    .filter((value) => recipeSchema.safeParse(value).success),
);

const largestFloat = 3.4028234663852886e38;
export const measurement = fc.oneof(
  fc.constantFrom(0, 5e-324, 1e-12, 1, largestFloat),
  fc.double({ min: 0, max: 10, noNaN: true }),
  fc.double({ min: 0, max: largestFloat, noNaN: true }),
);
export const fraction = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));

export const place = fc.record({
  adapter: acceptedBy(manifestSchema.shape.backend.shape.adapter, 256),
  reason: acceptedBy(manifestSchema.shape.backend.shape.reason, 512),
  platform: acceptedBy(manifestSchema.shape.software.shape.platform, 512),
});

/** Test examples of every data set here: enough for a confusion matrix. */
const EXAMPLES = 24;

export interface Sent {
  submission: Submission;
  facts: ServerFacts;
  /** By slug. */
  names: ReadonlyMap<string, string>;
}

const choices = fc.record({
  recipe,
  variant: fc.constantFrom(...variantNames),
  seed: fc.maxSafeNat(),
  policies: fc.array(fc.tuple(policy, policyName), { minLength: 1, maxLength: 4 }),
  place,
  seconds: fc.oneof(fc.constantFrom(1e9, 60), power(1, 1e8)),
  /** One value after another, repeated over the record. */
  measurements: fc.array(measurement, { minLength: 1, maxLength: 40 }),
  fractions: fc.array(fraction, { minLength: 1, maxLength: 8 }),
  guesses: fc.array(fc.nat(), { minLength: 1, maxLength: EXAMPLES }),
});

/** Runs of arbitrary recipes, as their trainer would record them if it had measured these numbers. */
export const sent: fc.Arbitrary<Sent> = choices.map((chosen): Sent => {
  const { recipe, variant, seed, place, seconds, measurements, fractions, guesses } = chosen;
  const info = datasets.find(({ slug }) => slug === recipe.dataset)!;
  const dataset: ServerFacts["dataset"] = {
    slug: info.slug,
    version: info.version,
    subset: null,
    hash: "d".repeat(64),
    classes: info.classes.length,
    testLabels: Uint8Array.from({ length: EXAMPLES }, (_, i) => (i * 7) % info.classes.length),
  };
  const run = runFacts(recipe, variant);
  const documents = new Map(chosen.policies.map(([document, name]) => [policyHash(document), { document, name }]));
  const policies = [...documents].map(([hash, { document, name }], index) => ({
    slug: `policy-${index}`,
    hash,
    document,
    name,
  }));
  let taken = 0;
  const next = () => measurements[taken++ % measurements.length]!;
  const scored = policies.map(({ slug, hash, document }, index) => {
    const { values, edges, computed } = layerMomentaOf(document);
    const shift = () => (document.kind === "recalibrate" && document.samples === null ? 0 : next());
    const momenta = run.batchNorms.map((_, layer) =>
      computed && (values.length === 0 || layer % 2 === 0)
        ? fractions[layer % fractions.length]!
        : values[(layer + index) % values.length]!,
    );
    const predictions = Uint8Array.from(
      { length: EXAMPLES },
      (_, i) => (guesses[(i + index) % guesses.length]! + i) % dataset.classes,
    );
    return {
      predictions,
      score: {
        method: `${variant}/${slug}`,
        variant,
        policy: { slug, hash },
        momentumPerLayer: momenta,
        edgeOfGrid: run.batchNorms.filter((_, layer) => edges.includes(momenta[layer]!)).map(({ name }) => name),
        ...evaluate({ labels: dataset.testLabels, predictions, classes: dataset.classes }),
        esm: run.batchNorms.map(({ name }) => ({
          layer: name,
          mean: shift(),
          std: shift(),
          relativeMean: shift(),
          relativeStd: shift(),
        })),
      },
    };
  });
  const examples = Math.min(recipe.validationSize, evaluationExamples);
  const evaluations = run.batchNorms.length > 0 ? evaluationSteps(run.steps) : [];
  const record: RunRecord = {
    format: 1,
    benchmark: null,
    manifest: {
      recipe,
      variant,
      seed,
      steps: run.steps,
      parameters: run.parameters,
      batchNormChannels: run.batchNorms.reduce((sum, { channels }) => sum + channels, 0),
      dataset: { slug: dataset.slug, version: dataset.version, subset: null, hash: dataset.hash },
      backend: { name: "webgpu", adapter: place.adapter, reason: place.reason, threads: 1024 },
      software: { dmbench: "0.1.0", tfjs: "4.22.0", platform: place.platform },
    },
    scores: scored.map(({ score }) => score),
    curves: {
      loss: lossSteps(run.steps).map((step) => ({ step, value: next() })),
      validationAccuracy: (recipe.validationSize > 0 ? evaluations : []).map((step, index) => ({
        step,
        value: Math.round(examples * fractions[index % fractions.length]!) / examples,
      })),
      shift: run.batchNorms.map(({ name }) => ({
        layer: name,
        points: evaluations.map((step) => ({ step, value: next() })),
      })),
    },
    timings: {
      trainingSeconds: seconds,
      scoringSeconds: seconds,
      imagesPerSecond: (run.steps * recipe.batchSize) / seconds,
    },
  };
  return {
    submission: {
      idempotencyKey: "0123456789abcdef",
      record,
      predictions: Object.fromEntries(
        scored.map(({ score, predictions }) => [score.method, Buffer.from(predictions).toString("base64")]),
      ),
    },
    facts: {
      benchmark: null,
      policies: new Map(policies.map(({ slug, hash, document }) => [slug, { hash, document }])),
      dataset,
      run,
    },
    names: new Map(policies.map(({ slug, name }) => [slug, name])),
  };
});

/** What an attacker writes in place of a value. */
const replacement: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>("<", "", null, true, [], {}, 0, -1, 0.5, 1, 1e308, -1e308, 2 ** 53, "0.9", "1 - 1 / step"),
  fc.constantFrom(...hostileTexts),
  fc.double(),
  fc.array(fc.double(), { maxLength: 5 }),
);

/** A change of a record: at a random place a value is replaced, removed, or repeated. */
export const bend = fc.record({
  path: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
  how: fc.constantFrom("replace", "remove", "repeat"),
  value: replacement,
  times: fc.constantFrom(1, 2, 5000),
});

export function bent(submission: Submission, { path, how, value, times }: Bend): unknown {
  const copy: unknown = structuredClone(submission);
  let owner = (copy as { record: unknown }).record as Record<string, unknown>;
  for (const [depth, choice] of path.entries()) {
    const keys = Object.keys(owner);
    if (keys.length === 0) break;
    const key = keys[choice % keys.length]!;
    const inner = owner[key];
    if (depth < path.length - 1 && typeof inner === "object" && inner !== null) {
      owner = inner as Record<string, unknown>;
      continue;
    }
    if (how === "replace") owner[key] = value;
    else if (Array.isArray(owner) && how === "remove") owner.splice(Number(key), 1);
    else if (how === "remove") delete owner[key];
    else if (Array.isArray(inner)) owner[key] = Array.from({ length: times }, () => inner).flat();
    else owner[key] = Array.from({ length: times }, () => inner);
    break;
  }
  return copy;
}

type Bend = typeof bend extends fc.Arbitrary<infer Value> ? Value : never;
