/** One cell of a map: a regime and a seed, trained once and scored at several of its steps. */
import type { MapCell } from "@/lib/records";
import { mapCellSchema } from "@/lib/records";
import { figuresOf, manifestOf, planRun, scoreAlong, TrainingDiverged, TrainingRun } from "@/lib/training";
import { placeOf } from "../backend";
import type { CellSettings } from "../cells/plan";
import type { Progress, RunCell } from "../cells/worker";
import { yieldToEventLoop } from "../event-loop";

/** Trains and scores the cell; yields its progress. A run that diverges keeps what was scored before. */
export const runMapCell: RunCell<MapCell> = async function* (
  { regime, variant, seed, settingsHash }: CellSettings,
  dataset,
  backend,
  now,
): AsyncGenerator<Progress, MapCell, void> {
  const plan = planRun({ recipe: regime.recipe, variant, seed, dataset });
  const { steps } = plan.shape;
  const scoredAt = [...(regime.scoredAt ?? [steps])];
  const documents = regime.policies.map(({ document }) => document);
  const run = new TrainingRun(plan, documents);
  const scores: MapCell["scores"] = [];
  let divergedAt: MapCell["divergedAt"] = null;
  const from = now();
  try {
    for await (const { step, scored } of yieldToEventLoop(scoreAlong(run, scoredAt, documents))) {
      const figures = scored?.map((score) => figuresOf(score, plan.dataset, run.network.batchNorms));
      if (figures)
        scores.push({
          steps: step,
          accuracies: Object.fromEntries(
            figures.map(({ accuracy }, index) => [regime.policies[index]!.slug, Number(accuracy.toPrecision(7))]),
          ),
        });
      const seconds = (now() - from) / 1000;
      yield { stage: "training", fraction: step / steps, secondsLeft: (seconds / step) * (steps - step) };
    }
  } catch (error) {
    if (!(error instanceof TrainingDiverged)) throw error;
    divergedAt = { step: error.step, layer: error.layer };
  } finally {
    run.dispose();
  }
  return mapCellSchema.parse({
    regime: regime.slug,
    settingsHash,
    manifest: manifestOf(run, placeOf(backend)),
    scoredAt,
    scores,
    divergedAt,
    seconds: Number(((now() - from) / 1000).toPrecision(4)),
  });
};
