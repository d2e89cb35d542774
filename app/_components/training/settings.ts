/** Validates the form: training settings, or its issues. */

import type { z } from "zod";
import { datasets } from "@/lib/datasets/registry";
import type { TrainingForm } from "@/lib/leaderboard";
import { benchmarkOf } from "@/lib/leaderboard";
import { leastBatchSize, twoExamples } from "@/lib/models/least-batch-size";
import type { Recipe, Variant } from "@/lib/records";
import { parseDecimal, recipeSchema, seedSchema, variantNames } from "@/lib/records";
import type { TrainingSettings } from "./protocol";

export type RecipeField = keyof Recipe;

/** Issues by field, as text. */
export type Issues = Partial<Record<RecipeField | "seed" | "variants" | "policies", string>>;

/** Variants that differ on a network: XBNBlock's other positions exist only in bottlenecks. */
export const variantsOf = (model: string): readonly Variant[] =>
  model === "resnet-50" ? variantNames : variantNames.filter((name) => name !== "bn-bfn-p1" && name !== "bn-bfn-p3");

/** What a form asks for: without a seed, it is the board's to give. */
export type WantedTraining = Omit<TrainingSettings, "seed" | "ticket" | "boardHas"> & { seed: number | null };

/** The settings of a form, or its issues. */
export function parseForm(
  form: TrainingForm,
  knownPolicies: readonly string[],
): { wanted: WantedTraining } | { issues: Issues } {
  const issues: Issues = {};
  const benchmark = benchmarkOf(form);
  const parsed = recipeSchema.safeParse(benchmark?.recipe ?? recipeValues(form.recipe));
  for (const issue of parsed.error?.issues ?? []) {
    const field = issue.path[0] as RecipeField;
    issues[field] ??= issueText(issue, form.recipe[field]);
  }
  const seed = seedOf(form.seed, benchmark !== null);
  if (seed.error) issues.seed = issueText(seed.error.issues[0]!, form.seed);
  const offered = variantsOf(benchmark?.recipe.model ?? form.recipe.model);
  const variants = form.variants.filter((variant) => offered.includes(variant));
  if (parsed.success) Object.assign(issues, misfits(parsed.data, variants));
  if (variants.length === 0) issues.variants = "Expected at least one variant, found none.";
  const unknown = form.policies.filter((slug) => !knownPolicies.includes(slug));
  if (unknown.length > 0)
    issues.policies = `Expected policies from this list, found ${unknown.join(", ")}. Choose again.`;
  else if (form.policies.length === 0) issues.policies = "Expected at least one policy, found none.";
  if (!parsed.success || !seed.success || Object.keys(issues).length > 0) return { issues };
  const { policies, backend } = form;
  return {
    wanted: {
      benchmark: benchmark && { slug: benchmark.slug, version: benchmark.version },
      recipe: parsed.data,
      variants,
      seed: seed.data,
      policies,
      backend,
    },
  };
}

/** Empty on a board: the board gives one. Empty elsewhere: 1. */
const seedOf = (text: string, onBoard: boolean) =>
  seedSchema.nullable().safeParse(text.trim() === "" ? (onBoard ? null : 1) : number(text));

function recipeValues(texts: TrainingForm["recipe"]): Partial<Record<RecipeField, unknown>> {
  const { dataset, model, optimizer, learningRateSchedule, augment, maxSteps, logits, testSize, ...numbers } = texts;
  const values = Object.fromEntries(Object.entries(numbers).map(([field, text]) => [field, number(text)])) as Record<
    keyof typeof numbers,
    number
  >;
  const given = (field: string, text: string, value: unknown) => (text.trim() === "" ? {} : { [field]: value });
  return {
    ...values,
    dataset,
    model,
    optimizer,
    learningRateSchedule,
    augment: augment === "true",
    maxSteps: maxSteps.trim() === "" ? null : number(maxSteps),
    ...given("logits", logits, logits),
    ...given("testSize", testSize, number(testSize)),
  };
}

/** Fields that are valid separately, but not together. */
function misfits(
  { dataset, model, batchSize, calibrationSize, validationSize }: Recipe,
  variants: readonly Variant[],
): Issues {
  const info = datasets.find(({ slug }) => slug === dataset);
  if (!info) return { dataset: `Expected one of ${datasets.map(({ slug }) => slug).join(", ")}, found ${dataset}.` };
  const left = info.trainCount - calibrationSize - validationSize;
  if (left < 1)
    return {
      calibrationSize:
        `Expected less than the ${info.trainCount} training examples of ${info.name} for calibration and ` +
        `validation together, found ${calibrationSize + validationSize}.`,
    };
  if (batchSize > left)
    return { batchSize: `Expected at most the ${left} examples that are left to train on, found ${batchSize}.` };
  if (variants.some((variant) => batchSize < leastBatchSize(model, variant, info.shape)))
    return { batchSize: `Expected ${twoExamples}. Found ${batchSize}.` };
  return {};
}

/** NaN if the text is not a decimal number. */
const number = (text: string): number => parseDecimal(text) ?? Number.NaN;

const issueText = ({ message }: z.core.$ZodIssue, found: string): string =>
  `Expected ${message}, found ${found.trim() === "" ? "nothing" : found}.`;
