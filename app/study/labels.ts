/** Labels of the study's regimes, methods and verdicts. */
import { count } from "@/app/_components/text/format";
import { datasetInfo } from "@/lib/datasets/registry";
import type { MomentumPolicy, VarianceEstimator } from "@/lib/dmbn/policy";
import { builtInPolicies } from "@/lib/dmbn/policy";
import { dmbnReadings, staticReadings, varianceEstimators, variantLabels } from "@/lib/leaderboard";
import type { RegimeSummary, Variant } from "@/lib/records";
import { bestStaticSlug } from "@/lib/records";

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

/** Documents of built-in policies and of those that only the study has. */
const documents = new Map<string, MomentumPolicy>([
  ...builtInPolicies.map(({ slug, document }) => [slug, document] as const),
  ...varianceEstimators.flatMap((variance) =>
    [...staticReadings(variance), ...dmbnReadings(variance)].map(({ slug, document }) => [slug, document] as const),
  ),
]);

/** A policy's usual name, a static one's with its momentum and estimator; `best-static` exists only in the study. */
export function policyName(slug: string): string {
  for (const variance of varianceEstimators)
    if (slug === bestStaticSlug(variance)) return `best static β by validation${estimatorSuffix(variance)}`;
  const name = builtInPolicies.find((policy) => policy.slug === slug)?.name;
  const document = documents.get(slug);
  if (document?.kind === "select" && !name) {
    const reading = dmbnReadings("unbiased").find(({ slug: base }) => slug.startsWith(`${base}-`) && base !== "dmbn");
    return `${policyName(reading?.slug ?? slug)}${estimatorSuffix(document.variance)}`;
  }
  if (document?.kind !== "schedule") return name ?? slug;
  const momentum = staticMomentum(slug);
  if (momentum === null) return name ?? slug;
  const label = momentum === "cumulative" ? "Cumulative average" : `β = ${momentum}`;
  const own = name === undefined || name.startsWith("Static") || name === label ? "" : ` (${name})`;
  return `${label}${estimatorSuffix(document.variance)}${own}`;
}

/** The unbiased variance goes without saying: it is PyTorch's. */
const estimatorSuffix = (variance: VarianceEstimator) => (variance === "unbiased" ? "" : `, ${variance}`);

export const methodName = (method: string): string =>
  `${policyName(parts(method).policy)}, ${variantLabels[parts(method).variant]}`;

/** The momentum of a static policy: a number, or the cumulative average. Null for all others, and other estimators. */
export function staticMomentum(slug: string, variance?: VarianceEstimator): number | "cumulative" | null {
  const document = documents.get(slug);
  if (document?.kind !== "schedule" || (variance && document.variance !== variance)) return null;
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
