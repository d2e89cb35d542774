/**
 * What is to be trained, as the form holds it, as the address says it, and as
 * the worker takes it.
 *
 * The address, all parts optional:
 * `benchmark` a benchmark's slug, or `own` for settings of one's own;
 * with `own`, any field of the recipe by its name (`dataset`, `model`, `width`,
 * `epochs`, `maxSteps`, `batchSize`, `learningRate`, `learningRateSchedule`,
 * `optimizer`, `sgdMomentum`, `weightDecay`, `epsilon`, `calibrationSize`,
 * `validationSize`, `augment`); `variants` and `policies`, slugs with commas
 * between; `seed`; `backend`.
 */
import { datasets } from "@/lib/datasets/registry";
import { staticSweep } from "@/lib/dmbn/policy";
import { type Benchmark, benchmarks } from "@/lib/leaderboard/benchmarks";
import { type Recipe, recipeSchema, seedSchema, type Variant, variantNames } from "@/lib/training/recipe";
import type { z } from "zod";
import { type BackendWish, backendWishes, type TrainingSettings } from "./protocol";

export type RecipeField = keyof Recipe;

/** Texts as typed; nothing is checked yet. */
export interface Form {
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

/** What is wrong, by field. */
export type Complaints = Partial<Record<RecipeField | "seed" | "variants" | "policies", string>>;

export const own = "own";
const recipeFields = Object.keys(recipeSchema.shape) as RecipeField[];

/** The static sweep with the cumulative average, DMBN and its bound. */
export const defaultPolicies: readonly string[] = [...staticSweep, "dmbn", "precise-bn"];
const defaultVariants: readonly Variant[] = ["bn", "bn-bfn"];

/** The benchmark a form follows; null for settings of one's own. */
export const benchmarkOf = ({ benchmark }: Pick<Form, "benchmark">): Benchmark | null => benchmarks.find(({ slug }) => slug === benchmark) ?? null;

/** A recipe's fields as texts. */
export function recipeTexts(recipe: Recipe): Form["recipe"] {
  const text = (value: Recipe[RecipeField]) => (value === null || value === false ? "" : String(value));
  return Object.fromEntries(recipeFields.map((field) => [field, text(recipe[field])])) as Form["recipe"];
}

/** Variants that differ on a network: XBNBlock's other places exist in bottlenecks alone. */
export const variantsOf = (model: string): readonly Variant[] => (model === "resnet-50" ? variantNames : variantNames.filter((name) => name !== "bn-bfn-p1" && name !== "bn-bfn-p3"));

/** The form an address asks for; what it does not say, or says wrongly, stays as by default. */
export function readForm(query: URLSearchParams): Form {
  const asked = query.get("benchmark");
  const benchmark = benchmarks.find(({ slug }) => slug === asked) ?? benchmarks[0]!;
  const list = (name: string) => query.get(name)?.split(",").filter(Boolean);
  const recipe = recipeTexts(benchmark.recipe);
  if (asked === own) for (const field of recipeFields) recipe[field] = query.get(field) ?? recipe[field];
  return {
    benchmark: asked === own ? own : benchmark.slug,
    recipe,
    variants: list("variants")?.filter((name): name is Variant => (variantNames as readonly string[]).includes(name)) ?? [...defaultVariants],
    seed: query.get("seed") ?? "1",
    policies: list("policies") ?? [...defaultPolicies],
    backend: backendWishes.find((name) => name === query.get("backend")) ?? "auto",
  };
}

/** The address of a form: only what differs from the default. */
export function writeForm({ benchmark, recipe, variants, seed, policies, backend }: Form): URLSearchParams {
  const query = new URLSearchParams({ benchmark });
  if (benchmark === own) {
    const usual = recipeTexts(benchmarks[0]!.recipe);
    for (const field of recipeFields) if (recipe[field] !== usual[field]) query.set(field, recipe[field]);
  }
  if (seed !== "1") query.set("seed", seed);
  if (!same(variants, defaultVariants)) query.set("variants", variants.join(","));
  if (!same(policies, defaultPolicies)) query.set("policies", policies.join(","));
  if (backend !== "auto") query.set("backend", backend);
  return query;
}

/** The form of a recorded run, to train it again: its benchmark, where that version is still the current one. */
export function formOf({ benchmark, recipe, variant, seed, policies }: { benchmark: TrainingSettings["benchmark"]; recipe: Recipe; variant: Variant; seed: number; policies: string[] }): Form {
  const current = benchmarks.some(({ slug, version }) => slug === benchmark?.slug && version === benchmark.version);
  return { benchmark: benchmark && current ? benchmark.slug : own, recipe: recipeTexts(recipe), variants: [variant], seed: String(seed), policies, backend: "auto" };
}

/** The settings that a form means, or what is wrong with it. */
export function parseForm(form: Form, knownPolicies: readonly string[]): { settings: TrainingSettings } | { complaints: Complaints } {
  const complaints: Complaints = {};
  const benchmark = benchmarkOf(form);
  const parsed = recipeSchema.safeParse(benchmark?.recipe ?? recipeValues(form.recipe));
  for (const issue of parsed.error?.issues ?? []) {
    const field = issue.path[0] as RecipeField;
    complaints[field] ??= complaint(issue, form.recipe[field]);
  }
  if (parsed.success) Object.assign(complaints, misfits(parsed.data));
  const seed = seedSchema.safeParse(number(form.seed));
  if (!seed.success) complaints.seed = complaint(seed.error.issues[0]!, form.seed);
  const offered = variantsOf(benchmark?.recipe.model ?? form.recipe.model);
  const variants = form.variants.filter((variant) => offered.includes(variant));
  if (variants.length === 0) complaints.variants = "Expected at least one variant, found none.";
  const unknown = form.policies.filter((slug) => !knownPolicies.includes(slug));
  if (unknown.length > 0) complaints.policies = `Expected policies from this list, found ${unknown.join(", ")}. Choose again.`;
  else if (form.policies.length === 0) complaints.policies = "Expected at least one policy, found none.";
  if (!parsed.success || !seed.success || Object.keys(complaints).length > 0) return { complaints };
  const { policies, backend } = form;
  return { settings: { benchmark: benchmark && { slug: benchmark.slug, version: benchmark.version }, recipe: parsed.data, variants, seed: seed.data, policies, backend } };
}

function recipeValues(texts: Form["recipe"]): Record<RecipeField, unknown> {
  const { dataset, model, optimizer, learningRateSchedule, augment, maxSteps, ...numbers } = texts;
  const values = Object.fromEntries(Object.entries(numbers).map(([field, text]) => [field, number(text)])) as Record<keyof typeof numbers, number>;
  return { ...values, dataset, model, optimizer, learningRateSchedule, augment: augment === "true", maxSteps: maxSteps.trim() === "" ? null : number(maxSteps) };
}

/** Fields that are right each by itself and wrong together. */
function misfits({ dataset, batchSize, calibrationSize, validationSize }: Recipe): Complaints {
  const info = datasets.find(({ slug }) => slug === dataset);
  if (!info) return { dataset: `Expected one of ${datasets.map(({ slug }) => slug).join(", ")}, found ${dataset}.` };
  const left = info.trainCount - calibrationSize - validationSize;
  if (left < 1) return { calibrationSize: `Expected less than the ${info.trainCount} training examples of ${info.name} for calibration and validation together, found ${calibrationSize + validationSize}.` };
  if (batchSize > left) return { batchSize: `Expected at most the ${left} examples that are left to train on, found ${batchSize}.` };
  return {};
}

/** NaN for what is no number, an empty text included. */
const number = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));

function complaint(issue: z.core.$ZodIssue, found: string): string {
  return `Expected ${expectation(issue)}, found ${found.trim() === "" ? "nothing" : found}.`;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "too_small":
      return `${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
    case "too_big":
      return `${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
    case "invalid_value":
      return `one of ${issue.values.join(", ")}`;
    case "invalid_type":
      return issue.expected === "int" ? "a whole number" : "a number";
    default:
      return issue.message;
  }
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((value) => b.includes(value));
