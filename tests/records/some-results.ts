/** Made-up results of a benchmark, consistent in themselves. */
import { builtInPolicies, policyHash } from "@/lib/dmbn/policy";
import { confusionMatrix, rightAnswers } from "@/lib/evaluation";
import type { Benchmark } from "@/lib/leaderboard";
import { referenceVariants, scorerVersion } from "@/lib/leaderboard";
import type { Result, Results } from "@/lib/records";

interface Options {
  benchmark: Benchmark;
  /** True class ids of the test examples. */
  labels: ArrayLike<number>;
  runs: number;
  policies: number;
  /** Whether a method answers an example wrong. */
  isWrong(method: { variant: number; run: number; policy: number }, example: number): boolean;
}

const layers = ["dense1/norm", "dense2/norm"];

export function someResults({ benchmark, labels, runs, policies, isWrong }: Options): Results {
  const { slug, version, recipe } = benchmark;
  const resultOf = (variant: number, run: number, policy: number): Result => {
    const predictions = Uint8Array.from(labels, (label, example) =>
      isWrong({ variant, run, policy }, example) ? (label + 1) % 10 : label,
    );
    return {
      confusionMatrix: confusionMatrix(labels, predictions, 10),
      esm: layers.map((layer, index) => ({
        layer,
        mean: (index + policy) / 7,
        std: run / 3,
        relativeMean: variant / 11,
        relativeStd: 0.1,
      })),
      nll: policy % 4 === 3 ? null : 0.5 + run / 7,
      ece: policy % 4 === 3 ? null : policy / 1000,
      momentumPerLayer: policy % 3 === 0 ? [null, null] : [policy / 100, "1 - 1 / step"],
      edgeOfGrid: policy % 5 === 1 ? [layers[1]!] : [],
      correct: rightAnswers(labels, predictions),
      predictionsHash: Uint8Array.from({ length: 32 }, (_, byte) => (byte * 7 + run * 16 + policy * 2 + variant) % 256),
    };
  };
  return {
    benchmark: { slug, version },
    recipe,
    dataset: { slug: recipe.dataset, version: "1", subset: null, hash: "0".repeat(64) },
    software: { dmbench: "0.2.0", scorer: scorerVersion, backend: "wasm" },
    seeds: Array.from({ length: runs }, (_, seed) => seed),
    policies: builtInPolicies
      .slice(0, policies)
      .map(({ slug: name, document }) => ({ slug: name, hash: policyHash(document) })),
    classes: 10,
    examples: labels.length,
    variants: referenceVariants.map((variant) => ({ variant, layers })),
    results: referenceVariants.map((_, variant) =>
      Array.from({ length: runs }, (_, run) =>
        Array.from({ length: policies }, (_, policy) => resultOf(variant, run, policy)),
      ),
    ),
  };
}
