/**
 * What is to be trained, as the form on `/train` holds it and as an address says it.
 *
 * The address, all parts optional:
 * `benchmark` a benchmark's slug, or `own` for settings of one's own;
 * with `own`, any field of the recipe by its name (`dataset`, `model`, `width`,
 * `epochs`, `maxSteps`, `batchSize`, `learningRate`, `learningRateSchedule`,
 * `optimizer`, `sgdMomentum`, `weightDecay`, `epsilon`, `calibrationSize`,
 * `validationSize`, `augment`); `variants` and `policies`, slugs with commas
 * between; `seed`; `backend`.
 */
import { staticSweep } from "@/lib/dmbn/policy";
import type { Recipe, RunRecord, Variant } from "@/lib/records";
import { recipeSchema, variantNames } from "@/lib/records";
import type { Benchmark } from "./benchmarks";
import { benchmarks } from "./benchmarks";

/** What a person may wish to train on; `auto` takes the fastest backend that passes its self-test. */
export const backendWishes = ["auto", "webgpu", "wasm", "cpu"] as const;
export type BackendWish = (typeof backendWishes)[number];

type RecipeField = keyof Recipe;

/** Texts as typed; nothing is checked yet. */
export interface TrainingForm {
  /** Slug, or `own`. */
  benchmark: string;
  /** `"true"` or `""` for `augment`; empty `maxSteps`: no limit. */
  recipe: Record<RecipeField, string>;
  variants: Variant[];
  seed: string;
  /** Slugs. */
  policies: string[];
  backend: BackendWish;
}

/** Slug that stands for settings of one's own. */
export const ownSettings = "own";
const recipeFields = Object.keys(recipeSchema.shape) as RecipeField[];

/** The static sweep with the cumulative average, DMBN and its bound. */
export const defaultTrainingPolicies: readonly string[] = [...staticSweep, "dmbn", "precise-bn"];
const defaultVariants: readonly Variant[] = ["bn", "bn-bfn"];

/** The benchmark a form follows; null for settings of one's own. */
export const benchmarkOf = ({ benchmark }: Pick<TrainingForm, "benchmark">): Benchmark | null =>
  benchmarks.find(({ slug }) => slug === benchmark) ?? null;

/** A recipe's fields as texts. */
export function recipeTexts(recipe: Recipe): TrainingForm["recipe"] {
  const text = (value: Recipe[RecipeField]) => (value === null || value === false ? "" : String(value));
  return Object.fromEntries(recipeFields.map((field) => [field, text(recipe[field])])) as TrainingForm["recipe"];
}

/** The form an address asks for; what it does not say, or says wrongly, stays as by default. */
export function readTrainingForm(query: URLSearchParams): TrainingForm {
  const asked = query.get("benchmark");
  const benchmark = benchmarks.find(({ slug }) => slug === asked) ?? benchmarks[0]!;
  const list = (name: string) => query.get(name)?.split(",").filter(Boolean);
  const recipe = recipeTexts(benchmark.recipe);
  if (asked === ownSettings) for (const field of recipeFields) recipe[field] = query.get(field) ?? recipe[field];
  return {
    benchmark: asked === ownSettings ? ownSettings : benchmark.slug,
    recipe,
    variants: list("variants")?.filter((name): name is Variant =>
      (variantNames as readonly string[]).includes(name),
    ) ?? [...defaultVariants],
    seed: query.get("seed") ?? "1",
    policies: list("policies") ?? [...defaultTrainingPolicies],
    backend: backendWishes.find((name) => name === query.get("backend")) ?? "auto",
  };
}

/** The address of a form: only what differs from the default. */
export function writeTrainingForm({
  benchmark,
  recipe,
  variants,
  seed,
  policies,
  backend,
}: TrainingForm): URLSearchParams {
  const query = new URLSearchParams({ benchmark });
  if (benchmark === ownSettings) {
    const usual = recipeTexts(benchmarks[0]!.recipe);
    for (const field of recipeFields) if (recipe[field] !== usual[field]) query.set(field, recipe[field]);
  }
  if (seed !== "1") query.set("seed", seed);
  if (!same(variants, defaultVariants)) query.set("variants", variants.join(","));
  if (!same(policies, defaultTrainingPolicies)) query.set("policies", policies.join(","));
  if (backend !== "auto") query.set("backend", backend);
  return query;
}

/** The form of a recorded run, to train it again: its benchmark, where that version is still the current one. */
export function trainingFormOf({
  benchmark,
  recipe,
  variant,
  seed,
  policies,
}: {
  benchmark: RunRecord["benchmark"];
  recipe: Recipe;
  variant: Variant;
  seed: number;
  policies: string[];
}): TrainingForm {
  const current = benchmarks.some(({ slug, version }) => slug === benchmark?.slug && version === benchmark.version);
  return {
    benchmark: benchmark && current ? benchmark.slug : ownSettings,
    recipe: recipeTexts(recipe),
    variants: [variant],
    seed: String(seed),
    policies,
    backend: "auto",
  };
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((value) => b.includes(value));
