/** The reference runs on which the Closed division is scored. */
import { fewestSeeds } from "@/lib/evaluation";
import type { Recipe, Variant } from "@/lib/records";

/** The variants in which each benchmark is recorded. */
export const referenceVariants: readonly Variant[] = ["bn", "bn-bfn"];

/**
 * Whether a policy is scored while the request waits: dense layers take a second, and so do 8×8 images; convolutions of
 * larger ones take minutes.
 */
export const scoredAtOnce = ({ model, dataset }: Pick<Recipe, "model" | "dataset">): boolean =>
  model === "mlp" || model === "mlp-deep" || dataset === "digits";

/** Held-out runs that come first: those of a submitted policy that its author waits for, and the fewest for ranks. */
export const firstRuns = fewestSeeds;
