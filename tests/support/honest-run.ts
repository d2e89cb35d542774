/** A run as a browser or the command trains and publishes it. */
import { randomUUID } from "node:crypto";
import { builtInPolicies } from "@/lib/dmbn/policy";
import type { Benchmark, Submission } from "@/lib/leaderboard";
import type { Variant } from "@/lib/records";
import { evaluationsPerRun } from "@/lib/records";
import { planRun, recordOf, trainAndScore, trajectoryFile } from "@/lib/training";
import { digits } from "./digits";

interface Options {
  /** Of the digits. */
  benchmark: Benchmark;
  seed: number;
  variant?: Variant;
  /** Slugs of built-in policies. */
  policies: readonly string[];
  /** What it says that it was trained on. */
  backend?: string;
  /** Trained with these settings instead, whatever it says. */
  recipe?: Partial<Benchmark["recipe"]>;
}

/** Trains on the current backend. */
export const honestRun = async (options: Options): Promise<Submission> => (await runWithWeights(options)).submission;

/** Trains on the current backend; also the trajectory's file. */
export async function runWithWeights({
  benchmark,
  seed,
  variant = "bn",
  policies: slugs,
  backend = "wasm",
  recipe = {},
}: Options): Promise<{ submission: Submission; weights: Uint8Array }> {
  const policies = slugs.map((slug) => builtInPolicies.find((known) => known.slug === slug)!);
  const plan = planRun({ recipe: { ...benchmark.recipe, ...recipe }, variant, seed, dataset: await digits() });
  const limits = { tensorBytes: Infinity, totalBytes: Infinity };
  const options = { policies, evaluations: evaluationsPerRun, now: () => performance.now(), limits };
  for await (const event of trainAndScore(plan, options)) {
    if (event.kind !== "finished") continue;
    const { record, predictions } = recordOf({
      ...event.result,
      benchmark: { slug: benchmark.slug, version: benchmark.version },
      backend: { name: backend as "wasm", adapter: "a test", reason: "a test", threads: 1 },
      platform: "a test",
    });
    const submission = {
      idempotencyKey: randomUUID(),
      record,
      predictions: Object.fromEntries(
        Object.entries(predictions).map(([method, ids]) => [method, Buffer.from(ids).toString("base64")]),
      ),
    };
    return { submission, weights: (await trajectoryFile(event.result.run, backend, Infinity))! };
  }
  throw new Error("expected the training to finish");
}
