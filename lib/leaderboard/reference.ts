/** The reference runs on which the Closed division is scored. */
import { fewestSeeds } from "@/lib/evaluation";
import type { Recipe, Variant } from "@/lib/records";

/** The variants in which each benchmark is recorded. */
export const referenceVariants = ["bn", "bn-bfn"] as const satisfies readonly Variant[];

/**
 * Whether a policy is scored while the request waits: dense layers take a second, and so do 8×8 images; convolutions of
 * larger ones take minutes.
 */
export const scoredAtOnce = ({ model, dataset }: Pick<Recipe, "model" | "dataset">): boolean =>
  model === "mlp" || model === "mlp-deep" || dataset === "digits";

/**
 * A seed that nobody can find by training with all there are: 53 random bits. With 32, and half a second for a training of
 * the smallest network, a thousand processors need a month; with 53, two million times as long. Public runs have small ones.
 * @param randomBytes from a cryptographic source, such as that of `node:crypto`
 */
export function drawSeed(randomBytes: (count: number) => Uint8Array): number {
  for (;;) {
    const [first, ...others] = randomBytes(7);
    const seed = others.reduce((number, byte) => number * 256 + byte, first! % 32); // 5 + 48 bits
    if (seed >= 2 ** 32) return seed;
  }
}

/** Held-out runs that come first: those of a submitted policy that its author waits for, and the fewest for ranks. */
export const firstRuns = fewestSeeds;
