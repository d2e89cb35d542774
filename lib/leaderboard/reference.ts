/** The reference runs that the Closed division is scored on. */
import type { Recipe, Variant } from "@/lib/records";

/** What each benchmark is recorded in. */
export const referenceVariants: readonly Variant[] = ["bn", "bn-bfn"];

/** Runs of seeds that nobody outside the installation knows: what ranks a method. */
export const heldOutRuns = 5;

/** Whether a policy's scores can be waited for: convolutions take minutes where dense layers take a moment. */
export const scoredAtOnce = ({ model }: Pick<Recipe, "model">): boolean => model === "mlp" || model === "mlp-deep";
