/** From flags to a recipe: the flags, else the benchmark of that data set and network, else defaults. */
import type { Benchmark } from "@/lib/leaderboard";
import { benchmarks } from "@/lib/leaderboard";
import type { Recipe, RunRecord } from "@/lib/records";
import { differingFields, recipeSchema } from "@/lib/records";

const digits = benchmarks.find(({ slug }) => slug === "digits-mlp")!.recipe;

/** For data sets and networks without a benchmark: a short run with small batches. */
const defaults = { epochs: 1, batchSize: 64, learningRate: 0.02, calibrationSize: 1000, validationSize: 1000 } as const;

/**
 * The recipe of a run.
 * @param flags override the benchmark's
 */
export function recipeFor(benchmark: Benchmark | undefined, flags: Partial<Recipe>): Recipe {
  const dataset = flags.dataset ?? benchmark?.recipe.dataset ?? digits.dataset;
  const model = flags.model ?? benchmark?.recipe.model ?? digits.model;
  const base =
    benchmark?.recipe ??
    benchmarks.find(({ recipe }) => recipe.dataset === dataset && recipe.model === model)?.recipe ??
    fallback(dataset);
  return recipeSchema.parse({ ...base, ...flags, dataset, model });
}

/** The digits are too few for the default splits and epochs. */
const fallback = (dataset: string): Partial<Recipe> => (dataset === digits.dataset ? digits : defaults);

/** The benchmark with exactly this recipe; null where there is none. */
export function benchmarkOf(recipe: Recipe): RunRecord["benchmark"] {
  const match = benchmarks.find((benchmark) => differingFields(benchmark.recipe, recipe).length === 0);
  return match ? { slug: match.slug, version: match.version } : null;
}
