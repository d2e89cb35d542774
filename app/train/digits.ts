/** Fallback settings: the same form on the digits, which are always available. */
import type { TrainingForm } from "@/lib/leaderboard";
import { benchmarks, ownSettings, recipeTexts } from "@/lib/leaderboard";

/** The same form on the digits, which are always available. */
export function onDigits(form: TrainingForm): TrainingForm {
  const { slug, recipe } = digits;
  const texts = recipeTexts(recipe);
  if (form.benchmark !== ownSettings) return { ...form, benchmark: slug, recipe: texts };
  const { dataset, calibrationSize, validationSize } = texts;
  return { ...form, recipe: { ...form.recipe, dataset, calibrationSize, validationSize } };
}

const digits = benchmarks.find(({ recipe }) => recipe.dataset === "digits")!;
