/** Labels of the study's regimes, methods and verdicts. */
import { count } from "@/app/_components/text/format";
import { datasetInfo } from "@/lib/datasets/registry";
import { builtInPolicies } from "@/lib/dmbn/policy";
import { variantLabels } from "@/lib/leaderboard";
import type { RegimeSummary, Variant } from "@/lib/records";

export type Comparison = RegimeSummary["comparisons"][number];
export type Verdict = Comparison["verdict"];

/** Data set and network: "Fashion-MNIST, mlp-deep". */
export function regimeTitle({ dataset, model, width }: RegimeSummary): string {
  return `${datasetInfo(dataset).name}, ${model}${width === 1 ? "" : ` at width × ${width}`}`;
}

/** "3,000 steps of 4, 5 seeds", and the size of the subset if there is one. */
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

/** A policy's usual name, with its momentum if static; `best-static` exists only in the study. */
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

/** The momentum of a static policy: a number, or the cumulative average. Null for all others. */
export function staticMomentum(slug: string): number | "cumulative" | null {
  const document = builtInPolicies.find((policy) => policy.slug === slug)?.document;
  if (document?.kind !== "schedule") return null;
  if (document.momentum === "1 - 1 / step") return "cumulative";
  const momentum = Number(document.momentum);
  return Number.isFinite(momentum) ? momentum : null;
}

export const verdictLabels: Record<Verdict, string> = {
  better: "wins",
  tie: "ties",
  worse: "loses",
  unresolved: "open",
};
