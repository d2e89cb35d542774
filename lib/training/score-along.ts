/**
 * One run scored at several of its steps. At a constant learning rate the first steps of a long run are a short run, so
 * each scoring gives what a run of so many steps would have given, bit-identical, at the price of scoring alone.
 */
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import type { TrainingRun } from "./run";
import type { ScoredPolicy } from "./scoring";
import { examplesOf, scorePolicies } from "./scoring";

/** Most steps between two events of a run that nobody watches. */
const STEPS_PER_EVENT = 128;

export interface RunMoment {
  step: number;
  /** In the order of the policies; null between the steps that are scored. */
  scored: ScoredPolicy[] | null;
}

/**
 * Trains `run` to the last of `steps`, and scores the policies after each of them; yields as it goes on.
 * @param steps rising, the last at most the run's length
 * @param policies that don't depend on a run's length: not on `steps` or `epochs`
 * @throws RangeError if the learning rate isn't constant, or the run is shorter; TrainingDiverged naming step and layer
 */
export async function* scoreAlong(
  run: TrainingRun,
  steps: readonly number[],
  policies: readonly MomentumPolicy[],
): AsyncGenerator<RunMoment, void, void> {
  const { recipe, shape } = run.plan;
  if (recipe.learningRateSchedule !== "constant")
    throw new RangeError(
      `learningRateSchedule: expected constant, so that a short run is the start of a long one, found ${recipe.learningRateSchedule}`,
    );
  const last = steps.at(-1) ?? 0;
  if (last > shape.steps)
    throw new RangeError(`steps: expected at most the run's ${shape.steps}, found ${last}. Give it more epochs.`);
  const examples = examplesOf(run.plan);
  const pace = () => {
    const next = steps.find((step) => step > run.step);
    run.stepsPerReport = Math.min(STEPS_PER_EVENT, (next ?? last) - run.step);
  };
  pace();
  for await (const { step } of run.steps()) {
    const isScored = steps.includes(step);
    yield { step, scored: isScored ? await scorePolicies(run.network, run.source, policies, examples) : null };
    if (step >= last) return;
    pace();
  }
}
