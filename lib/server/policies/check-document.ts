/** Reads a policy document and checks it on every step of benchmarks, before it is stored or scored. */
import "server-only";
import type { MomentumPolicy, PolicyIssue } from "@/lib/dmbn/policy";
import { PolicyError, parsePolicy } from "@/lib/dmbn/policy";
import type { Refusal } from "@/lib/leaderboard";
import { referenceVariants } from "@/lib/leaderboard";
import type { Recipe } from "@/lib/records";
import type { Scorer } from "../scoring/scorer";
import { ScoringError } from "../scoring/scoring-process";

/** The policy of a document, or why it is none. */
export function readDocument(document: unknown): { policy: MomentumPolicy } | { refusals: [Refusal, ...Refusal[]] } {
  try {
    return { policy: parsePolicy(document) };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { refusals: [refusalOf(error.issue)] };
  }
}

export const unknownBenchmark = (field: string, slug: string): Refusal => ({
  reason: "unknown-benchmark",
  field,
  expected: "a benchmark of /api/v1/benchmarks",
  found: slug,
  remedy: `Name a benchmark that exists${field === "benchmark" ? "" : ", or leave benchmarks out"}.`,
});

/**
 * Why the policy can't be used on one of the benchmarks; null if it can be used on all.
 * @param field the one that names the benchmarks
 */
export async function checkSteps(
  policy: MomentumPolicy,
  benchmarks: readonly { slug: string; recipe: Recipe }[],
  scorer: Scorer,
  field = "benchmarks",
): Promise<Refusal | null> {
  const runs = benchmarks.flatMap(({ slug, recipe }) =>
    referenceVariants.map((variant) => ({ slug, recipe, variant })),
  );
  try {
    const outcome = await scorer.check(
      policy,
      runs.map(({ recipe, variant }) => ({ recipe, variant })),
    );
    if (!outcome) return null;
    const { slug, variant } = runs[outcome.run]!;
    const refusal = refusalOf(outcome.issue);
    return outcome.issue.offence ? { ...refusal, found: `${refusal.found}, on ${slug} in ${variant}` } : refusal;
  } catch (error) {
    if (!(error instanceof ScoringError) || !String(error.cause).startsWith("Dataset")) throw error;
    return {
      reason: "dataset-unavailable",
      field,
      expected: "benchmarks whose data this site has",
      found: benchmarks.map(({ slug }) => slug).join(", "),
      remedy: error.message,
    };
  }
}

const refusalOf = (issue: PolicyIssue): Refusal => ({
  reason: "invalid-policy",
  ...issue,
  field: issue.field ? `document.${issue.field}` : "document",
});
