/** One cell of a study: a regime, a variant and a seed, trained and scored. */
import type { Dataset } from "@/lib/datasets";
import { needsTrace } from "@/lib/dmbn";
import { staticReadings, varianceEstimators } from "@/lib/leaderboard";
import type { StudyCell } from "@/lib/records";
import { studyCellSchema } from "@/lib/records";
import type { BackendChoice } from "@/lib/runtime";
import type { TrainingResult } from "@/lib/training";
import { bestOnValidation, examplesOf, keepsTrace, planRun, recordOf, trainAndScore } from "@/lib/training";
import { placeOf } from "../backend";
import type { CellSettings } from "../cells/plan";
import type { Progress } from "../cells/worker";
import { yieldToEventLoop } from "../event-loop";
import { benchmarkOf } from "../recipes";
import { rounded } from "./rounded";

/** Trains and scores the cell; yields its progress. */
export async function* runCell(
  { regime, variant, seed, settingsHash }: CellSettings,
  dataset: Dataset,
  backend: BackendChoice,
  now: () => number,
): AsyncGenerator<Progress, StudyCell, void> {
  const plan = planRun({ recipe: regime.recipe, variant, seed, dataset });
  const policies =
    plan.shape.layers.length === 0
      ? regime.policies.filter(({ slug }) => slug === "pytorch-default") // without batch norm all are the same
      : regime.policies.filter(({ document }) => keepsTrace(plan) || !needsTrace(document));
  for await (const event of yieldToEventLoop(trainAndScore(plan, { policies, now, limits: backend.limits }))) {
    if (event.kind === "steps")
      yield { stage: "training", fraction: event.step / plan.shape.steps, secondsLeft: event.secondsLeft };
    if (event.kind === "scoring") yield { stage: "scoring", fraction: event.fraction, secondsLeft: event.secondsLeft };
    if (event.kind === "finished") return await cellOf(event.result);
  }
  throw new Error("expected the training to finish"); // `trainAndScore` ends with "finished"

  async function cellOf(result: TrainingResult): Promise<StudyCell> {
    const bestStatic: StudyCell["bestStatic"] = [];
    for (const variance of varianceEstimators) {
      const slugs = staticReadings(variance).map(({ slug }) => slug);
      const statics = result.scored.filter((_, index) => slugs.includes(policies[index]!.slug));
      if (statics.length === 0) continue;
      const { best, accuracies } = await bestOnValidation(
        result.run.network,
        examplesOf(plan).validation,
        statics.map(({ fit }) => fit),
      );
      const policy = policies[result.scored.indexOf(statics[best]!)]!.slug;
      bestStatic.push({ variance, policy, validationAccuracy: accuracies[best]! });
    }
    const { record } = recordOf({ ...result, benchmark: benchmarkOf(regime.recipe), ...placeOf(backend) });
    const last = result.losses.slice(-16);
    return studyCellSchema.parse(
      rounded(
        {
          regime: regime.slug,
          settingsHash,
          benchmark: record.benchmark,
          manifest: record.manifest,
          bestStatic,
          scores: record.scores.map(({ confusionMatrix: _, policy: { slug, hash }, ...score }) => ({
            ...score,
            policy: { slug, hash }, // the policies of a study come with this project
          })),
          finalLoss: last.reduce((sum, loss) => sum + loss, 0) / last.length,
          timings: record.timings,
        },
        7,
      ),
    );
  }
}
