/**
 * Scores a policy document on a benchmark's public runs, beside PyTorch's default on the same runs. Nothing is stored.
 */
import "server-only";
import { builtInPolicies } from "@/lib/dmbn/policy";
import type { PairedDifference, Verdict } from "@/lib/evaluation";
import { pairedDifference, verdict } from "@/lib/evaluation";
import type { PolicyTrial, Refusal } from "@/lib/leaderboard";
import { firstRuns, scoredAtOnce } from "@/lib/leaderboard";
import type { ByMetric, Recipe, Variant } from "@/lib/records";
import { byMetric, metricNames, scoreFigures } from "@/lib/records";
import type { PrismaClient } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import type { Figures, Scoring } from "../scoring/messages";
import type { Scorer } from "../scoring/scorer";
import { readTrajectory } from "../scoring/trajectories";
import { checkSteps, readDocument, unknownBenchmark } from "./check-document";

export interface TryingParts {
  db: PrismaClient;
  store: ArtifactStore;
  /** The scorer of the prompt lane. */
  scorer: Scorer;
}

/** The policy and the baseline, scored on the same runs. */
export interface PolicyScores {
  benchmark: { slug: string; version: number; title: string };
  variant: Variant;
  baseline: { slug: string; name: string };
  /** In the order of their numbers. */
  runs: {
    number: number;
    seed: number;
    policy: ByMetric<number>;
    baseline: ByMetric<number>;
    /** Of the accuracies: the policy's minus the baseline's. */
    difference: number;
  }[];
  /** Over the runs. */
  mean: { policy: ByMetric<number>; baseline: ByMetric<number> };
  /** Of the accuracies, over the runs. */
  difference: PairedDifference;
  /** On the policy. */
  verdict: Verdict;
}

const { slug, name, document: baselineDocument } = builtInPolicies.find(({ slug }) => slug === "pytorch-default")!;
const baseline = { slug, name };

/**
 * The scores of a document, or why there are none.
 * @param signal aborted: the runs that are left are not scored, and it throws
 * @throws TrajectoryDamaged, TrajectoryElsewhere if the file of a run can't be read
 */
export async function tryPolicy(
  { document, benchmark: wanted, variant }: PolicyTrial,
  { db, store, scorer }: TryingParts,
  signal?: AbortSignal,
): Promise<PolicyScores | { refusals: [Refusal, ...Refusal[]] }> {
  const read = readDocument(document);
  if ("refusals" in read) return read;
  const benchmark = await db.benchmark.findFirst({
    where: { slug: wanted },
    orderBy: { version: "desc" },
    select: {
      slug: true,
      version: true,
      title: true,
      recipe: true,
      trajectories: {
        where: { variant, visibility: "public", damage: null },
        orderBy: { number: "asc" },
        take: firstRuns,
        select: { id: true, number: true, seed: true, visibility: true, artifactKey: true, artifactHash: true },
      },
    },
  });
  if (!benchmark) return { refusals: [unknownBenchmark("benchmark", wanted)] };
  const { recipe: stored, trajectories, ...named } = benchmark;
  const recipe = stored as Recipe;
  const refusal =
    cannotScoreNow(wanted, recipe, trajectories.length) ??
    (await checkSteps(read.policy, [{ slug: wanted, recipe }], scorer, "benchmark"));
  if (refusal) return { refusals: [refusal] };

  const runs: PolicyScores["runs"] = [];
  for (const trajectory of trajectories) {
    signal?.throwIfAborted();
    const scorings = await scorer.score(
      { hash: trajectory.artifactHash, read: () => readTrajectory(trajectory, { db, store }) },
      [read.policy, baselineDocument],
    );
    const fault = scorings.find((scoring) => "fault" in scoring)?.fault;
    if (fault !== undefined) return { refusals: [unscorable(fault, trajectory.number)] };
    const [own, other] = scorings.map((scoring) =>
      metricsOf((scoring as Extract<Scoring, { figures: Figures }>).figures),
    );
    runs.push({
      number: trajectory.number,
      seed: Number(trajectory.seed),
      policy: own!,
      baseline: other!,
      difference: own!.accuracy - other!.accuracy,
    });
  }
  const difference = pairedDifference(
    runs.map(({ policy }) => policy.accuracy),
    runs.map(({ baseline }) => baseline.accuracy),
  );
  return {
    benchmark: named,
    variant,
    baseline,
    runs,
    mean: { policy: meanOf(runs.map(({ policy }) => policy)), baseline: meanOf(runs.map(({ baseline }) => baseline)) },
    difference,
    verdict: verdict(difference),
  };
}

const metricsOf = (scored: Figures): ByMetric<number> => scoreFigures(scored);

const meanOf = (rows: readonly ByMetric<number>[]): ByMetric<number> =>
  byMetric(metricNames, (metric) =>
    rows.some((row) => row[metric] === null) ? null : rows.reduce((sum, row) => sum + row[metric]! / rows.length, 0),
  ) as ByMetric<number>;

function cannotScoreNow(slug: string, recipe: Recipe, runs: number): Refusal | null {
  if (!scoredAtOnce(recipe))
    return {
      reason: "scored-later",
      field: "benchmark",
      expected: "a benchmark that is scored within a second",
      found: slug,
      remedy: "To score there takes minutes: submit the policy to /api/v1/policies, or use dmbench score.",
    };
  if (runs > 0) return null;
  return {
    reason: "no-public-runs",
    field: "benchmark",
    expected: "a benchmark with public runs in this variant, of /api/v1/trajectories",
    found: slug,
    remedy:
      "Choose one of these, or submit the policy to /api/v1/policies. Whoever runs the site can record public runs: " +
      `npm run -s dmbench -- trajectory --benchmark ${slug}`,
  };
}

const unscorable = (fault: string, number: number): Refusal => ({
  reason: "invalid-policy",
  field: "document",
  expected: "a policy that can be scored on every public run",
  found: `on run ${number}: ${fault}`,
  remedy: "Change the rule so that its statistics stay finite there.",
});
