/** How the study's pages name regimes, methods and verdicts. */
import { count } from "@/app/_components/text/format";
import { variantLabels } from "@/app/_components/text/variant";
import { datasetInfo } from "@/lib/datasets/registry";
import { builtInPolicies } from "@/lib/dmbn/policy";
import type { MethodSummary, RegimeSummary, StudySummary, Variant } from "@/lib/records";

export type Comparison = RegimeSummary["comparisons"][number];
type Verdict = Comparison["verdict"];

/** Data set and network: "Fashion-MNIST, mlp-deep". */
export function regimeTitle({ dataset, model, width }: RegimeSummary): string {
  return `${datasetInfo(dataset).name}, ${model}${width === 1 ? "" : ` at width × ${width}`}`;
}

/** "3,000 steps of 4, 5 seeds", and the subset where it is one. */
export function regimeFacts({ steps, batchSize, seeds, subset }: RegimeSummary): string {
  return [
    `${count(steps)} steps of ${count(batchSize)}`,
    `${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"}`,
    ...(subset ? [`subset ${subset}`] : []),
  ].join(", ");
}

/** The two halves of a method's name, `variant/policy`. */
export function parts(method: string): { variant: Variant; policy: string } {
  const cut = method.indexOf("/");
  return { variant: method.slice(0, cut) as Variant, policy: method.slice(cut + 1) };
}

/** A policy by the name it is known under, a static one with its momentum; `best-static` is the study's own. */
export function policyName(slug: string): string {
  if (slug === "best-static") return "best static β by validation";
  const name = builtInPolicies.find((policy) => policy.slug === slug)?.name ?? slug;
  const momentum = staticMomentum(slug);
  return typeof momentum !== "number"
    ? name
    : name.startsWith("Static")
      ? `β = ${momentum}`
      : `β = ${momentum} (${name})`;
}

export const methodName = (method: string): string =>
  `${policyName(parts(method).policy)}, ${variantLabels[parts(method).variant]}`;

/** A static policy's momentum: a number, or the cumulative average. Null for all others. */
export function staticMomentum(slug: string): number | "cumulative" | null {
  const document = builtInPolicies.find((policy) => policy.slug === slug)?.document;
  if (document?.kind !== "schedule") return null;
  if (document.momentum === "1 - 1 / step") return "cumulative";
  const momentum = Number(document.momentum);
  return Number.isFinite(momentum) ? momentum : null;
}

export const verdictWords: Record<Verdict, string> = {
  better: "wins",
  tie: "ties",
  worse: "loses",
  unresolved: "open",
};

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
 * Distance between the best and the worst static momentum that remembers at least ten batches, in accuracy: how far a
 * regime tells policies apart.
 */
export function spread({ methods }: RegimeSummary, variant: Variant): number | null {
  const means = methods.flatMap(({ method, accuracy }) => {
    const { variant: own, policy } = parts(method);
    const momentum = own === variant ? staticMomentum(policy) : null;
    return momentum === "cumulative" || (momentum !== null && momentum >= 0.9) ? [accuracy.mean] : [];
  });
  return means.length < 2 ? null : Math.max(...means) - Math.min(...means);
}

export const findMethod = ({ methods }: RegimeSummary, variant: Variant, policy: string): MethodSummary | undefined =>
  methods.find(({ method }) => method === `${variant}/${policy}`);
