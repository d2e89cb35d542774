/** A valid submission, for tests to invalidate. */
import { builtInPolicies, policyHash } from "@/lib/dmbn/policy";
import { evaluate } from "@/lib/evaluation";
import type { Benchmark, ServerFacts, Submission } from "@/lib/leaderboard";
import { benchmarks } from "@/lib/leaderboard";
import type { Recipe, Variant } from "@/lib/records";

export type TestData = ServerFacts["dataset"];

interface Options {
  dataset: TestData;
  /** Default: that of the digits. */
  benchmark?: Benchmark;
  key?: string;
  seed?: number;
  variant?: Variant;
  /** Slugs of built-in policies. */
  policies?: readonly string[];
  /** For each policy: every n-th example is wrong. */
  wrongEvery?: readonly number[];
}

export const digitsBenchmark = benchmarks.find(({ slug }) => slug === "digits-mlp")!;

export const hashes = new Map(builtInPolicies.map(({ slug, document }) => [slug, policyHash(document)]));

/** A run of a benchmark, whose figures follow from its predictions. */
export function aSubmission({
  dataset,
  benchmark = digitsBenchmark,
  key = crypto.randomUUID(),
  seed = 0,
  variant = "bn",
  policies = ["pytorch-default", "keras-default"],
  wrongEvery = [10, 7],
}: Options): Submission {
  const scored = policies.map((slug, index) => {
    const every = wrongEvery[index % wrongEvery.length]!;
    const predictions = Uint8Array.from(dataset.testLabels, (label, i) =>
      i % every === 0 ? (label + 1) % dataset.classes : label,
    );
    const method = `${variant}/${slug}`;
    const shift = 0.125 * (index + 1);
    const score = {
      method,
      variant,
      policy: { slug, hash: hashes.get(slug)! },
      momentumPerLayer: [0.9],
      edgeOfGrid: [],
      ...evaluate({ labels: dataset.testLabels, predictions, classes: dataset.classes }),
      esm: [{ layer: "norm1", mean: shift, std: shift / 2, relativeMean: shift, relativeStd: shift }],
    };
    return { method, score, predictions };
  });
  return {
    idempotencyKey: key,
    record: {
      benchmark: { slug: benchmark.slug, version: benchmark.version },
      manifest: {
        recipe: benchmark.recipe,
        variant,
        seed,
        steps: 320,
        parameters: 10_000,
        batchNormChannels: 256,
        dataset: { slug: dataset.slug, version: dataset.version, subset: dataset.subset, hash: dataset.hash },
        backend: { name: "wasm", adapter: "SIMD, 2 threads", reason: "no WebGPU here", threads: 2 },
        software: { dmbench: "0.1.0", tfjs: "4.22.0", platform: "a test" },
      },
      scores: scored.map(({ score }) => score),
      curves: {
        loss: [{ step: 1, value: 2.3 }],
        validationAccuracy: [{ step: 32, value: 0.5 }],
        shift: [{ layer: "norm1", points: [{ step: 32, value: 0.4 }] }],
      },
      timings: { trainingSeconds: 2, scoringSeconds: 0.1, imagesPerSecond: 5000 },
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
