/**
 * The settings of a training, as the form on `/train` holds them and as a URL describes them.
 *
 * URL parameters, all optional:
 * - `benchmark`: a benchmark's slug, or `own` for custom settings;
 * - with `own`, any field of the recipe by its name (`dataset`, `model`, `width`, `epochs`, `maxSteps`, `batchSize`,
 *   `learningRate`, `learningRateSchedule`, `optimizer`, `sgdMomentum`, `weightDecay`, `epsilon`, `calibrationSize`,
 *   `validationSize`, `augment`, `logits`, `testSize`);
 * - `variants` and `policies`: comma-separated slugs;
 * - `seed`: without one, a board gives it, and settings of one's own take 1; `backend`.
 */

import { z } from "zod";
import { staticSweep } from "@/lib/dmbn/policy";
import type { Recipe, RunRecord, Variant } from "@/lib/records";
import { recipeSchema, variantNames } from "@/lib/records";
import type { Benchmark } from "./benchmarks";
import { benchmarks } from "./benchmarks";
import { headlineReadings } from "./readings";
import { urlState } from "./url-state";

/** The backends that a user can choose; `auto` picks the fastest one that passes its self-test. */
export const backendWishes = ["auto", "webgpu", "wasm", "cpu"] as const;
export type BackendWish = (typeof backendWishes)[number];

type RecipeField = keyof Recipe;

/** The fields as typed, not validated yet. */
export interface TrainingForm {
  /** Slug, or `own`. */
  benchmark: string;
  /** `"true"` or `""` for `augment`; empty `maxSteps`: no limit; empty `logits`, `testSize`: left out. */
  recipe: Record<RecipeField, string>;
  variants: Variant[];
  /** Empty: the board's to give. */
  seed: string;
  /** Slugs. */
  policies: string[];
  backend: BackendWish;
}

/** The slug for custom settings. */
export const ownSettings = "own";
const recipeFields = Object.keys(recipeSchema.shape) as RecipeField[];

/** The static sweep with the cumulative average, DMBN in both readings, recalibration. */
export const defaultTrainingPolicies: readonly string[] = [...staticSweep, ...headlineReadings, "precise-bn"];
const defaultVariants: readonly Variant[] = ["bn", "bn-bfn"];

/** The benchmark a form follows; null for custom settings. */
export const benchmarkOf = ({ benchmark }: Pick<TrainingForm, "benchmark">): Benchmark | null =>
  benchmarks.find(({ slug }) => slug === benchmark) ?? null;

/** A recipe's fields as text. */
export function recipeTexts(recipe: Recipe): TrainingForm["recipe"] {
  const text = (value: Recipe[RecipeField]) =>
    value === null || value === undefined || value === false ? "" : String(value);
  return Object.fromEntries(recipeFields.map((field) => [field, text(recipe[field])])) as TrainingForm["recipe"];
}

const address = urlState(
  z.object({
    benchmark: z.string().optional(),
    seed: z.string().default(""),
    variants: z.array(z.enum(variantNames)).default([...defaultVariants]),
    policies: z.array(z.string().min(1)).default([...defaultTrainingPolicies]),
    backend: z.enum(backendWishes).default("auto"),
  }),
  { joined: ["variants", "policies"] },
);

/** The recipe of custom settings, as text. Defaults: those of the first benchmark. */
const recipeAddress = urlState(
  z.object(
    Object.fromEntries(
      Object.entries(recipeTexts(benchmarks[0]!.recipe)).map(([field, usual]) => [field, z.string().default(usual)]),
    ),
  ),
);

/** The form that a URL describes; missing and invalid parameters take their defaults. */
export function readTrainingForm(query: URLSearchParams): TrainingForm {
  const params = Object.fromEntries(query);
  const { benchmark: slug, ...rest } = address.read(params);
  if (slug === ownSettings) {
    return { benchmark: ownSettings, recipe: recipeAddress.read(params) as TrainingForm["recipe"], ...rest };
  }
  const benchmark = benchmarks.find((known) => known.slug === slug) ?? benchmarks[0]!;
  return { benchmark: benchmark.slug, recipe: recipeTexts(benchmark.recipe), ...rest };
}

/** The URL query of a form: its benchmark, and what differs from the defaults. */
export function writeTrainingForm({ recipe, ...form }: TrainingForm): URLSearchParams {
  const query = form.benchmark === ownSettings ? recipeAddress.href(`?benchmark=${ownSettings}`, recipe) : "";
  return new URLSearchParams(address.href(query, form));
}

/** The form of a recorded run, to train it again: its benchmark, if that version is still the current one. */
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
