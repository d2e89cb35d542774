/** The settings to fall back on: the same wishes on the data set that is always here. */
import type { TrainingForm } from "@/lib/leaderboard";
import { benchmarks, ownSettings, recipeTexts } from "@/lib/leaderboard";

/** The same wishes on the data set that is always here. */
export function onDigits(form: TrainingForm): TrainingForm {
  const { slug, recipe } = digits;
  const texts = recipeTexts(recipe);
  if (form.benchmark !== ownSettings) return { ...form, benchmark: slug, recipe: texts };
  const { dataset, calibrationSize, validationSize } = texts;
  return { ...form, recipe: { ...form.recipe, dataset, calibrationSize, validationSize } };
}

const digits = benchmarks.find(({ recipe }) => recipe.dataset === "digits")!;
