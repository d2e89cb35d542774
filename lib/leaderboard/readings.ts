/**
 * The static sweep and DMBN under each variance estimator. A comparison means something within one estimator: at small
 * batches the estimator decides more than the momentum.
 */
import type { Expression, MomentumPolicy, VarianceEstimator } from "@/lib/dmbn/policy";
import { builtInPolicies, defaultCandidates, estimatorsOf, policyHash, schedule, select } from "@/lib/dmbn/policy";

export interface Reading {
  /** That of the built-in policy of the same document, if there is one. */
  slug: string;
  document: MomentumPolicy;
}

export const varianceEstimators = ["unbiased", "biased", "total"] as const satisfies VarianceEstimator[];

/** Built-in policies by the hash of their document. */
const builtInByHash = new Map(builtInPolicies.map((policy) => [policyHash(policy.document), policy]));

function reading(name: string, variance: VarianceEstimator, document: MomentumPolicy): Reading {
  const builtIn = builtInByHash.get(policyHash(document));
  return { slug: builtIn?.slug ?? `${name}-${variance}`, document };
}

/**
 * Built-in policies that differ from a policy in the variance estimator alone; none where nothing is averaged, or where
 * several estimators are tried.
 */
export function underOtherEstimators(
  policy: MomentumPolicy,
): { variance: VarianceEstimator; slug: string; name: string }[] {
  if (policy.kind === "recalibrate" || (policy.kind === "select" && estimatorsOf(policy).length > 1)) return [];
  return varianceEstimators.flatMap((variance) => {
    const builtIn = variance === policy.variance ? undefined : builtInByHash.get(policyHash({ ...policy, variance }));
    return builtIn ? [{ variance, slug: builtIn.slug, name: builtIn.name }] : [];
  });
}

const isNumber = (momentum: string) => Number.isFinite(Number(momentum));

/** One static momentum for each of DMBN's default candidates, from short to long memory. */
export const staticReadings = (variance: VarianceEstimator): Reading[] =>
  defaultCandidates.map((momentum) =>
    reading(
      isNumber(momentum) ? `static-${momentum}` : "cumulative-average",
      variance,
      schedule(momentum, { variance }),
    ),
  );

/** The slug of one of DMBN's default candidates, kept under an estimator. */
export const staticSlug = (momentum: Expression, variance: VarianceEstimator): string =>
  staticReadings(variance).find(({ document }) => document.kind === "schedule" && document.momentum === momentum)!.slug;

/**
 * DMBN by each of the variances that the dissertation may mean: PyTorch's, and that of Keras, whose word is "momentum
 * (or equivalently, β)". Where one is shown, so is the other.
 */
export const headlineReadings: readonly string[] = ["dmbn", "dmbn-biased"];

/** DMBN as we read it first, then its other readings. */
export const dmbnReadings = (variance: VarianceEstimator): Reading[] => [
  reading("dmbn", variance, select({ variance })),
  reading("dmbn-independent", variance, select({ variance, order: "independent" })),
  reading("dmbn-separate", variance, select({ variance, parameters: "separate" })),
  reading("dmbn-per-channel", variance, select({ variance, granularity: "channel" })),
];
