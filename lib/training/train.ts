/**
 * One training run from plan to scores: trains, evaluates itself at intervals,
 * and scores every policy on the final weights. An async generator of progress
 * events: to pause, don't ask for the next one; to stop, leave the loop. Used by
 * the browser's worker and by the command line.
 */
import type { BuiltInPolicy } from "@/lib/dmbn/policy";
import type { FinishedRun } from "./make-record";
import type { MemoryLimits } from "./memory";
import { checkMemory, explainOutOfMemory } from "./memory";
import type { Observation } from "./observe";
import { observe, observedPolicies } from "./observe";
import type { RunPlan } from "./plan";
import type { RunCheckpoint } from "./run";
import { TrainingRun } from "./run";
import { examplesOf, scoring } from "./scoring";
import type { StepTimes } from "./steps/steps";

/** A policy with the slug that its scores are reported under. */
export type NamedPolicy = Pick<BuiltInPolicy, "slug" | "document">;

/** Everything a run record needs except where it was computed. The run is disposed when the loop continues. */
export type TrainingResult = Pick<FinishedRun, "run" | "policies" | "scored" | "losses" | "observations" | "timings">;

/** The cost of the steps so far. */
export interface StepCost {
  /** Total over all steps. */
  seconds: StepTimes;
  /** Dispatches of the captured step, or jobs on WASM; null if no step is captured. */
  dispatches: number | null;
  /** Why capture failed; null if it didn't, or if the backend can't capture. */
  fault: string | null;
}

/** A run in training as plain data, to resume after a reload or a lost device. */
export interface Checkpoint {
  run: RunCheckpoint;
  losses: number[];
  observations: Observation[];
  trainingSeconds: number;
}

/** An event of a run in progress. `secondsLeft` is for the current stage: training, then scoring. */
export type TrainingProgress =
  | {
      kind: "steps";
      step: number;
      /** Loss of each step since the last event. */
      losses: number[];
      imagesPerSecond: number;
      secondsLeft: number;
      cost: StepCost;
    }
  | { kind: "observation"; observation: Observation }
  | { kind: "checkpoint"; checkpoint: Checkpoint }
  /** `fraction` runs from 0 to 1. */
  | { kind: "scoring"; fraction: number; secondsLeft: number }
  | { kind: "finished"; result: TrainingResult };

export interface TrainAndScoreOptions {
  policies: readonly NamedPolicy[];
  /** Number of evaluations during training, evenly spaced over its steps. Default: none. */
  evaluations?: number;
  /** A clock in milliseconds, such as `performance.now`. */
  now: () => number;
  /** Memory limits of the current backend. */
  limits: MemoryLimits;
  /** Milliseconds of training between checkpoints. Default: no checkpoints. */
  checkpointEvery?: number;
  /** A checkpoint to resume from, of the same plan and policies. */
  from?: Checkpoint | null;
  /** Aborted by the user or by a backend fault: the run throws its reason at the next event. */
  signal?: AbortSignal;
}

/** Bounds of the milliseconds between readbacks: long enough to hide their cost, short enough to look responsive. */
const [SHORTEST, LONGEST] = [60, 400];

/** Steps before the first readback, and the maximum before any. */
const [FIRST_STEPS, MAX_STEPS_PER_READBACK] = [4, 128];

/** Steps before the next readback, given that the last `steps` took `milliseconds`. */
const paced = (steps: number, milliseconds: number): number =>
  milliseconds < SHORTEST
    ? Math.min(2 * steps, MAX_STEPS_PER_READBACK)
    : milliseconds > LONGEST
      ? Math.max(1, Math.floor(steps / 2))
      : steps;

/**
 * Trains the planned run to its end and scores `policies` on the final weights, yielding progress events.
 * @throws PolicyError and OutOfMemory before the first step; TrainingDiverged, OutOfMemory and the signal's reason
 * later
 */
export async function* trainAndScore(
  plan: RunPlan,
  { signal, limits, ...options }: TrainAndScoreOptions,
): AsyncGenerator<TrainingProgress, void, void> {
  checkMemory(plan, limits);
  try {
    for await (const event of events(plan, options)) {
      yield event;
      signal?.throwIfAborted();
    }
  } catch (error) {
    throw explainOutOfMemory(error, plan.recipe);
  }
}

async function* events(
  plan: RunPlan,
  {
    policies,
    evaluations = 0,
    now,
    checkpointEvery = Infinity,
    from: earlier = null,
  }: Omit<TrainAndScoreOptions, "limits" | "signal">,
): AsyncGenerator<TrainingProgress, void, void> {
  const documents = policies.map(({ document }) => document);
  const { steps } = plan.shape;
  const followed = evaluations > 0 ? [...documents, ...Object.values(observedPolicies)] : documents;
  const run = new TrainingRun(plan, followed, now);
  const evaluationsBy = (step: number) => Math.floor((step * evaluations) / steps);
  /** A readback never spans an evaluation, so evaluations come at the same steps on every machine. */
  const stepsToEvaluation = (step: number) =>
    evaluations > 0 ? Math.ceil(((evaluationsBy(step) + 1) * steps) / evaluations) - step : Infinity;
  let pace = FIRST_STEPS;
  try {
    if (earlier) run.restore(earlier.run);
    const losses = earlier ? [...earlier.losses] : [];
    const observations = earlier ? [...earlier.observations] : [];
    let trainingSeconds = earlier?.trainingSeconds ?? 0;
    run.stepsPerReport = Math.min(pace, stepsToEvaluation(run.step));
    let from = now();
    let lastCheckpoint = from;
    for await (const { step, losses: fresh } of run.steps()) {
      const took = now() - from;
      trainingSeconds += took / 1000;
      if (fresh.length === pace) pace = paced(pace, took);
      for (const loss of fresh) losses.push(loss);
      const imagesPerSecond = (step * plan.recipe.batchSize) / trainingSeconds;
      yield {
        kind: "steps",
        step,
        losses: fresh,
        imagesPerSecond,
        secondsLeft: (trainingSeconds / step) * (steps - step),
        cost: { seconds: run.times, ...run.captured },
      };
      run.stepsPerReport = Math.min(pace, stepsToEvaluation(step));
      if (evaluationsBy(step) > evaluationsBy(step - fresh.length) && run.network.batchNorms.length > 0) {
        const observation = await observe(run);
        observations.push(observation);
        yield { kind: "observation", observation };
      }
      if (now() - lastCheckpoint >= checkpointEvery && step < steps) {
        yield {
          kind: "checkpoint",
          checkpoint: {
            run: await run.checkpoint(),
            losses: [...losses],
            observations: [...observations],
            trainingSeconds,
          },
        };
        lastCheckpoint = now();
      }
      from = now();
    }
    const scores = scoring(run.network, run.source, documents, examplesOf(plan));
    try {
      let scoringSeconds = 0;
      for (;;) {
        from = now();
        const { done, value } = await scores.next();
        scoringSeconds += (now() - from) / 1000;
        if (done) {
          const timings = {
            trainingSeconds,
            scoringSeconds,
            imagesPerSecond: (steps * plan.recipe.batchSize) / trainingSeconds,
          };
          return yield { kind: "finished", result: { run, policies, scored: value, losses, observations, timings } };
        }
        yield { kind: "scoring", fraction: value, secondsLeft: (scoringSeconds / value) * (1 - value) };
      }
    } finally {
      await scores.return([]); // frees its tensors if the caller left the loop
    }
  } finally {
    run.dispose();
  }
}
