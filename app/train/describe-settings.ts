/** A training's settings in one line. */
import { recipeWords } from "@/app/_components/text/recipe-words";
import { variantLabels } from "@/app/_components/text/variant";
import { datasetInfo } from "@/lib/datasets/registry";
import type { TrainingSettings } from "./protocol";

export const describeSettings = ({ recipe, variants, seed, policies }: TrainingSettings): string =>
  `${datasetInfo(recipe.dataset).name} · ${recipeWords(recipe)} · ${variants.map((variant) => variantLabels[variant]).join(", then ")} · seed ${seed} · ${policies.length} policies`;
