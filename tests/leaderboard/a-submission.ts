/** A valid submission, for tests to invalidate. */
import { builtInPolicies, layerMomentaOf, policyHash } from "@/lib/dmbn/policy";
import { evaluate } from "@/lib/evaluation";
import type { Benchmark, ServerFacts, Submission } from "@/lib/leaderboard";
import { benchmarks } from "@/lib/leaderboard";
import type { Recipe, Variant } from "@/lib/records";
import { evaluationSteps, lossSteps } from "@/lib/records";
import { runFacts } from "@/lib/training";

export type TestData = ServerFacts["dataset"];

/** A data set of as many examples as the test split of digits has. */
export const digitsLike: TestData = {
  slug: "digits",
  version: "1",
  subset: null,
  hash: "d".repeat(64),
  classes: 10,
  testLabels: Uint8Array.from({ length: 355 }, (_, i) => (i * 7) % 10),
};

interface Options {
  dataset: TestData;
  /** Default: that of the digits. */
  benchmark?: Benchmark;
  key?: string;
  seed?: number;
  /** Id of the ticket that the seed is from. */
  ticket?: string;
  variant?: Variant;
  /** Slugs of built-in policies. */
  policies?: readonly string[];
  /** For each policy: every n-th example is wrong. */
  wrongEvery?: readonly number[];
}

export const digitsBenchmark = benchmarks.find(({ slug }) => slug === "digits-mlp")!;

/** The built-in policies, as the server knows them. */
export const policies = new Map(
  builtInPolicies.map(({ slug, document }) => [slug, { hash: policyHash(document), document }]),
);

/** A run of a benchmark, whose figures follow from its predictions. */
export function aSubmission({
  dataset,
  benchmark = digitsBenchmark,
  key = crypto.randomUUID(),
  seed = 0,
  ticket,
  variant = "bn",
  policies: slugs = ["pytorch-default", "keras-default"],
  wrongEvery = [10, 7],
}: Options): Submission {
  const run = runFacts(benchmark.recipe, variant);
  const evaluations = run.batchNorms.length > 0 ? evaluationSteps(run.steps) : [];
  const scored = slugs.map((slug, index) => {
    const { hash, document } = policies.get(slug)!;
    const { values, edges } = layerMomentaOf(document);
    const momentum = values.length > 0 ? values[0]! : 0.9;
    const every = wrongEvery[index % wrongEvery.length]!;
    const predictions = Uint8Array.from(dataset.testLabels, (label, i) =>
      i % every === 0 ? (label + 1) % dataset.classes : label,
    );
    const method = `${variant}/${slug}`;
    const shift = document.kind === "recalibrate" ? 0 : 0.125 * (index + 1);
    const score = {
      method,
      variant,
      policy: { slug, hash },
      momentumPerLayer: run.batchNorms.map(() => momentum),
      edgeOfGrid: edges.includes(momentum) ? run.batchNorms.map(({ name }) => name) : [],
      ...evaluate({ labels: dataset.testLabels, predictions, classes: dataset.classes }),
      esm: run.batchNorms.map(({ name }) => ({
        layer: name,
        mean: shift,
        std: shift / 2,
        relativeMean: shift,
        relativeStd: shift,
      })),
    };
    return { method, score, predictions };
  });
  return {
    idempotencyKey: key,
    ...(ticket !== undefined && { ticket }),
    record: {
      format: 1,
      benchmark: { slug: benchmark.slug, version: benchmark.version },
      manifest: {
        recipe: benchmark.recipe,
        variant,
        seed,
        steps: run.steps,
        parameters: run.parameters,
        batchNormChannels: run.batchNorms.reduce((sum, { channels }) => sum + channels, 0),
        dataset: { slug: dataset.slug, version: dataset.version, subset: dataset.subset, hash: dataset.hash },
        backend: { name: "wasm", adapter: "SIMD, 2 threads", reason: "no WebGPU here", threads: 2 },
        software: { dmbench: "0.1.0", tfjs: "4.22.0", platform: "a test" },
      },
      scores: scored.map(({ score }) => score),
      curves: {
        loss: lossSteps(run.steps).map((step) => ({ step, value: 2.3 / step })),
        validationAccuracy: evaluations.map((step, index) => ({ step, value: (index + 1) / 20 })),
        shift: run.batchNorms.map(({ name }) => ({
          layer: name,
          points: evaluations.map((step) => ({ step, value: 0.4 })),
        })),
      },
      timings: {
        trainingSeconds: 2,
        scoringSeconds: 0.1,
        imagesPerSecond: (run.steps * benchmark.recipe.batchSize) / 2,
      },
    },
    predictions: Object.fromEntries(
      scored.map(({ method, predictions }) => [method, Buffer.from(predictions).toString("base64")]),
    ),
  };
}

/** The submission with one field replaced. */
export function withField(submission: Submission, path: readonly (string | number)[], value: unknown): Submission {
  const copy = structuredClone(submission);
  const owner = path
    .slice(0, -1)
    .reduce<Record<string | number, unknown>>(
      (part, key) => part[key] as Record<string | number, unknown>,
      copy as never,
    );
  owner[path.at(-1)!] = value;
  return copy;
}

/** A recipe that differs from the benchmark's. */
export const otherRecipe: Recipe = { ...digitsBenchmark.recipe, learningRate: 0.1 };
