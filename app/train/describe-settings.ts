/** A training's settings in one line. */
import { describeRecipe } from "@/app/_components/text/describe-recipe";
import { plural } from "@/app/_components/text/format";
import type { TrainingSettings } from "@/app/_components/training/protocol";
import { datasetInfo } from "@/lib/datasets/registry";
import { variantLabels } from "@/lib/leaderboard";

export const describeSettings = ({ recipe, variants, seed, ticket, boardHas, policies }: TrainingSettings): string =>
  `${datasetInfo(recipe.dataset).name} · ${describeRecipe(recipe)} · ` +
  `${variants.map((variant) => variantLabels[variant]).join(", then ")} · seed ${seed}` +
  (ticket ? ` from the board, which has ${boardHas ? plural(boardHas, "seed") : "none yet"}` : "") +
  " · " +
  `${policies.length} policies`;
