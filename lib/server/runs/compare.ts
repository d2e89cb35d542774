/** Compares two to four published runs under one policy that all of them scored. */
import "server-only";
import { datasetInfo } from "@/lib/datasets";
import type { ComparisonSources } from "../boards/compare";
import { comparisonSources, readPredictions } from "../boards/compare";
import type { Pair, Side } from "../boards/pairs";
import { pairsOf } from "../boards/pairs";
import type { ClassFigures } from "../boards/per-class";
import { perClass } from "../boards/per-class";
import type { RunDetail, RunScoreDetail } from "./read";
import { run as findRun, predictionsOf } from "./read";

export interface RunComparison {
  /** In the order requested; per-class differences are relative to the first. */
  runs: ComparedRun[];
  /** Ids that don't name a run. */
  unknown: string[];
  /** Policies that all of them scored, in the first one's order. */
  policies: { slug: string; name: string }[];
  /** The policy that is shown; null if the runs have none in common: each then shows its best. */
  policy: { slug: string; name: string } | null;
  /** For runs on the same test split: the difference, and McNemar's test. */
  pairs: Pair[];
}

export interface ComparedRun extends RunDetail {
  /** Its score under the policy shown. */
  score: RunScoreDetail;
  classes: ClassFigures[];
}

/**
 * Compares published runs.
 * @param policy slug; if it is absent or not shared by all, the shared policy with the highest mean accuracy is used
 */
export async function compareRuns(
  { runs: ids, policy: preferred }: { runs: readonly string[]; policy?: string | undefined },
  sources: ComparisonSources = comparisonSources(),
): Promise<RunComparison> {
  const rows = await Promise.all(ids.map((id) => findRun(id, sources.db)));
  const runs = rows.filter((run) => run !== null);
  const shared = (runs[0]?.scores ?? [])
    .map(({ policy: { slug, name } }) => ({ slug, name }))
    .filter(({ slug }) => runs.every((run) => scoreOf(run, slug)));
  const mean = ({ slug }: { slug: string }) => runs.reduce((sum, run) => sum + scoreOf(run, slug)!.accuracy, 0);
  const policy =
    shared.find(({ slug }) => slug === preferred) ?? [...shared].sort((a, b) => mean(b) - mean(a))[0] ?? null;
  // Every run has at least one score.
  const chosen = runs.map((run) => ({ run, score: (policy && scoreOf(run, policy.slug)) ?? run.scores[0]! }));

  const [first] = runs;
  const comparable = runs.every((run) => testSplit(run) === testSplit(first!));
  const sides = await Promise.all(
    chosen.map(async ({ run, score }): Promise<Side> => {
      const predictions = await predictionsUnder(run.id, score.method, sources);
      return {
        name: run.id,
        accuracies: new Map([[testSplit(run), score.accuracy]]),
        predictions: new Map(predictions ? [[testSplit(run), predictions]] : []),
        ranked: null, // one run says nothing of the next
      };
    }),
  );
  const data = first && comparable ? await sources.testData(first.dataset, first.manifest.recipe.testSize) : null;
  const matrices = ({ score }: { score: RunScoreDetail }) => new Map([["", [score.confusionMatrix]]]);
  return {
    runs: chosen.map(({ run, score }, index) => ({
      ...run,
      score,
      classes: perClass(
        matrices({ score }),
        index > 0 && comparable ? matrices(chosen[0]!) : null,
        datasetInfo(run.dataset).classes,
      ),
    })),
    unknown: ids.filter((_, index) => rows[index] === null),
    policies: shared,
    policy,
    pairs: pairsOf(sides, { labels: data && "testLabels" in data ? data.testLabels : null, critical: null }),
  };
}

const scoreOf = (run: RunDetail, slug: string): RunScoreDetail | undefined =>
  run.scores.find(({ policy }) => policy.slug === slug);

/** Identifies the test split of a run. */
const testSplit = ({ manifest: { dataset, recipe } }: RunDetail): string =>
  [dataset.slug, dataset.version, ...(recipe.testSize === undefined ? [] : [recipe.testSize])].join("@");

async function predictionsUnder(
  id: string,
  method: string,
  { db, store }: ComparisonSources,
): Promise<Uint8Array | null> {
  return readPredictions(store, await predictionsOf(id, db), method);
}
