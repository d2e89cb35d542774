/** Queries over the study's regimes: one method, the spread of static momenta, counts of verdicts. */
import { extent } from "@/lib/charts/extent";
import type { MethodSummary, RegimeSummary, StudySummary, Variant } from "@/lib/records";
import type { Verdict } from "./labels";
import { parts, staticMomentum } from "./labels";

/** Verdicts of DMBN against one baseline, counted over all regimes and the variants that have it. */
export function tallyOf(
  { tally }: StudySummary,
  policy: string,
  baseline: string,
): Record<Verdict, number> & { of: number } {
  const total = { better: 0, tie: 0, worse: 0, unresolved: 0, of: 0 };
  for (const { method, against, ...counts } of tally) {
    if (
      parts(method).policy !== policy ||
      parts(against).policy !== baseline ||
      parts(method).variant !== parts(against).variant
    )
      continue;
    for (const verdict of ["better", "tie", "worse", "unresolved"] as const) {
      total[verdict] += counts[verdict];
      total.of += counts[verdict];
    }
  }
  return total;
}

/**
 * Difference in accuracy between the best and the worst static momentum that remembers at least ten batches: how well a
 * regime separates policies.
 */
export function spread({ methods }: RegimeSummary, variant: Variant): number | null {
  const means = methods.flatMap(({ method, accuracy }) => {
    const { variant: methodVariant, policy } = parts(method);
    const momentum = methodVariant === variant ? staticMomentum(policy, "unbiased") : null;
    return momentum === "cumulative" || (momentum !== null && momentum >= 0.9) ? [accuracy.mean] : [];
  });
  const range = extent(means);
  return range && means.length > 1 ? range.high - range.low : null;
}

export const findMethod = ({ methods }: RegimeSummary, variant: Variant, policy: string): MethodSummary | undefined =>
  methods.find(({ method }) => method === `${variant}/${policy}`);
