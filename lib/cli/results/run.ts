/** The results of a benchmark's runs of one seed: every built-in policy, in each variant. */
import { createHash } from "node:crypto";
import type { Dataset } from "@/lib/datasets";
import type { BuiltInPolicy } from "@/lib/dmbn/policy";
import { builtInPolicies, isPeriodic, policyHash } from "@/lib/dmbn/policy";
import { rightAnswers } from "@/lib/evaluation";
import type { Benchmark } from "@/lib/leaderboard";
import { referenceVariants, scorerVersion } from "@/lib/leaderboard";
import type { Result, Results } from "@/lib/records";
import { DMBENCH_VERSION } from "@/lib/records";
import type { LoadedTrajectory } from "@/lib/training";
import { figuresOf, loadTrajectory, planRun, recordTrajectory } from "@/lib/training";

/** The built-in policies that a recorded run can be scored with: a periodic one chooses while it trains. */
const policies: readonly BuiltInPolicy[] = builtInPolicies.filter(({ document }) => !isPeriodic(document));

/** Everything in a file of results but the runs. */
export function factsOf(
  { slug, version, recipe }: Benchmark,
  { info, hash, subset, test }: Dataset,
  backend: string,
): Omit<Results, "seeds" | "results" | "variants"> {
  return {
    benchmark: { slug, version },
    recipe,
    dataset: { slug: info.slug, version: info.version, subset, hash },
    software: { dmbench: DMBENCH_VERSION, scorer: scorerVersion, backend },
    policies: policies.map(({ slug, document }) => ({ slug, hash: policyHash(document) })),
    classes: info.classes.length,
    examples: recipe.testSize ?? test.count,
  };
}

/** Trains a run of this seed in each variant and scores the policies; yields the fraction done. */
export async function* runResults(
  benchmark: Benchmark,
  seed: number,
  dataset: Dataset,
  backend: string,
): AsyncGenerator<number, Results, void> {
  const variants: Results["variants"] = [];
  const results: Result[][][] = [];
  for (const [index, variant] of referenceVariants.entries()) {
    const done = (fraction: number) => (index + fraction) / referenceVariants.length;
    const plan = planRun({ recipe: benchmark.recipe, variant, seed, dataset });
    const recording = recordTrajectory(plan, backend);
    let recorded = await recording.next();
    for (; !recorded.done; recorded = await recording.next())
      yield done((0.5 * recorded.value.step) / plan.shape.steps);
    const loaded = loadTrajectory(recorded.value, dataset);
    try {
      const scoring = loaded.scoring(policies.map(({ document }) => document));
      let scored = await scoring.next();
      for (; !scored.done; scored = await scoring.next()) yield done(0.5 + 0.5 * scored.value);
      results.push([scored.value.map((one) => resultOf(one, loaded))]);
      variants.push({ variant, layers: loaded.network.batchNorms.map(({ name }) => name) });
    } finally {
      loaded.dispose();
    }
  }
  return { ...factsOf(benchmark, dataset, backend), seeds: [seed], variants, results };
}

type ScoredPolicy = Awaited<ReturnType<LoadedTrajectory["score"]>>[number];

function resultOf(scored: ScoredPolicy, { plan: { dataset }, network }: LoadedTrajectory): Result {
  const { confusionMatrix, nll, ece, esm, momentumPerLayer, edgeOfGrid } = figuresOf(
    scored,
    dataset,
    network.batchNorms,
  );
  return {
    confusionMatrix,
    nll,
    ece,
    esm,
    momentumPerLayer,
    edgeOfGrid,
    correct: rightAnswers(dataset.test.labels, scored.predictions),
    predictionsHash: new Uint8Array(createHash("sha256").update(scored.predictions).digest()),
  };
}
