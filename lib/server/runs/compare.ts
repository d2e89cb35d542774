/** Two to four published runs side by side, under one policy that all of them scored. */
import "server-only";
import { datasetInfo } from "@/lib/datasets";
import type { ComparingParts } from "../boards/compare";
import { comparingParts, readPredictions } from "../boards/compare";
import type { Pair, Side } from "../boards/pairs";
import { pairsOf } from "../boards/pairs";
import type { ClassFigures } from "../boards/per-class";
import { perClass } from "../boards/per-class";
import type { RunDetail, RunScoreDetail } from "./read";
import { run as findRun, predictionsKey } from "./read";

export interface RunComparison {
  /** In the order asked; differences of classes are from the first. */
  runs: ComparedRun[];
  /** Ids that are no run's. */
  unknown: string[];
  /** Policies that all of them scored, in the first one's order. */
  policies: { slug: string; name: string }[];
  /** The one that is shown; null where they have none in common: then each run's best is. */
  policy: { slug: string; name: string } | null;
  /** Where they share a test split: the difference on it, and McNemar's test. */
  pairs: Pair[];
}

export interface ComparedRun extends RunDetail {
  /** Its score under the policy shown. */
  score: RunScoreDetail;
  classes: ClassFigures[];
}

/** @param policy slug; absent, or not shared by all: the shared one with the highest mean accuracy */
export async function compareRuns(
  { runs: ids, policy: wanted }: { runs: readonly string[]; policy?: string | undefined },
  parts: ComparingParts = comparingParts(),
): Promise<RunComparison> {
  const found = await Promise.all(ids.map((id) => findRun(id, parts.db)));
  const runs = found.filter((run) => run !== null);
  const shared = (runs[0]?.scores ?? [])
    .map(({ policy: { slug, name } }) => ({ slug, name }))
    .filter(({ slug }) => runs.every((run) => scoreOf(run, slug)));
  const mean = ({ slug }: { slug: string }) => runs.reduce((sum, run) => sum + scoreOf(run, slug)!.accuracy, 0);
  const policy = shared.find(({ slug }) => slug === wanted) ?? [...shared].sort((a, b) => mean(b) - mean(a))[0] ?? null;
  // every run has a score
  const chosen = runs.map((run) => ({ run, score: (policy && scoreOf(run, policy.slug)) ?? run.scores[0]! }));

  const [first] = runs;
  const comparable = runs.every((run) => testSplit(run) === testSplit(first!));
  const sides = await Promise.all(
    chosen.map(async ({ run, score }): Promise<Side> => {
      const predictions = await predictionsOf(run.id, score.method, parts);
      return {
        name: run.id,
        accuracies: new Map([[testSplit(run), score.accuracy]]),
        predictions: new Map(predictions ? [[testSplit(run), predictions]] : []),
      };
    }),
  );
  const data = first && comparable ? await parts.testData(first.dataset) : null;
  const matrices = ({ score }: (typeof chosen)[number]) => new Map([["", [score.confusionMatrix]]]);
  return {
    runs: chosen.map((one, index) => ({
      ...one.run,
      score: one.score,
      classes: perClass(
        matrices(one),
        index > 0 && comparable ? matrices(chosen[0]!) : null,
        datasetInfo(one.run.dataset).classes,
      ),
    })),
    unknown: ids.filter((_, index) => found[index] === null),
    policies: shared,
    policy,
    pairs: pairsOf(sides, data && "testLabels" in data ? data.testLabels : null),
  };
}

const scoreOf = (run: RunDetail, slug: string): RunScoreDetail | undefined =>
  run.scores.find(({ policy }) => policy.slug === slug);

/** Names the examples that a run was tested on. */
const testSplit = ({ manifest: { dataset } }: RunDetail): string => `${dataset.slug}@${dataset.version}`;

async function predictionsOf(id: string, method: string, { db, store }: ComparingParts): Promise<Uint8Array | null> {
  return readPredictions(store, await predictionsKey(id, db), method);
}
