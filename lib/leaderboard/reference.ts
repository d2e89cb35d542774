/** The reference runs on which the Closed division is scored. */
import type { Recipe, Variant } from "@/lib/records";

/** The variants in which each benchmark is recorded. */
export const referenceVariants: readonly Variant[] = ["bn", "bn-bfn"];

/** Whether a policy is scored while the request waits: dense layers take a second, convolutions minutes. */
export const scoredAtOnce = ({ model }: Pick<Recipe, "model">): boolean => model === "mlp" || model === "mlp-deep";
