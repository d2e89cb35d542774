/**
 * One training run from plan to scores: trains, looks at itself now and then,
 * and scores every policy on the weights it ends with. It yields what happened;
 * pausing is not asking for more, and stopping is leaving the loop. The same in
 * a browser's worker and on the command line.
 */
import type { BuiltInPolicy } from "@/lib/dmbn/policy";
import type { FinishedRun } from "./make-record";
import type { MemoryLimits } from "./memory";
import { checkMemory, explained } from "./memory";
import type { Observation } from "./observe";
import { observe, observedPolicies } from "./observe";
import type { RunPlan } from "./plan";
import type { RunCheckpoint } from "./run";
import { TrainingRun } from "./run";
import { examplesOf, scoring } from "./scoring";
import type { StepTimes } from "./steps/steps";

/** A policy by the name that its scores carry. */
export type NamedPolicy = Pick<BuiltInPolicy, "slug" | "document">;

/** What a record is made of, but for where it was computed. Its run is gone when the loop goes on. */
export type Conducted = Pick<FinishedRun, "run" | "policies" | "scored" | "losses" | "observations" | "timings">;

/** What steps cost so far. */
export interface StepCost {
  /** Of all steps together. */
  seconds: StepTimes;
  /** Of a recorded step, to the device; null where none is recorded. */
  dispatches: number | null;
  /** Why none is, where the backend can record one. */
  fault: string | null;
}

/** A run in training with what was seen of it: plain data, to go on from after a reload or a lost device. */
export interface Checkpoint {
  run: RunCheckpoint;
  losses: number[];
  observations: Observation[];
  trainingSeconds: number;
}

/** Times left are of the stage: training, then scoring. */
export type Report =
  | {
      kind: "steps";
      step: number /** Of each step since the last report. */;
      losses: number[];
      imagesPerSecond: number;
      secondsLeft: number;
      cost: StepCost;
    }
  | { kind: "observation"; observation: Observation }
  | { kind: "checkpoint"; checkpoint: Checkpoint }
  | { kind: "scoring" /** From 0 to 1. */; fraction: number; secondsLeft: number }
  | { kind: "finished"; conducted: Conducted };

export interface ConductOptions {
  policies: readonly NamedPolicy[];
  /** Looks at the run in progress, evenly spread. Default: none. */
  looks?: number;
  /** Milliseconds from any start. */
  now: () => number;
  /** Of the backend in use. */
  limits: MemoryLimits;
  /** Milliseconds of training between checkpoints. Default: none are made. */
  checkpointEvery?: number;
  /** Goes on from here; of the same plan and policies. */
  from?: Checkpoint | null;
  /** Where it is aborted, by the user or a fault of the backend, the run ends with its reason at the next report. */
  signal?: AbortSignal;
}

/** Milliseconds that a report may take: long enough to hide what fetching it costs, short enough to show life. */
const [SHORTEST, LONGEST] = [60, 400];

/** Steps to the first report, and to any. */
const [FIRST_STEPS, MOST_STEPS_A_REPORT] = [4, 128];

/** Steps to the next report, where the last `steps` took so many milliseconds. */
const paced = (steps: number, took: number): number =>
  took < SHORTEST
    ? Math.min(2 * steps, MOST_STEPS_A_REPORT)
    : took > LONGEST
      ? Math.max(1, Math.floor(steps / 2))
      : steps;

/**
 * @throws PolicyError and OutOfMemory before anything is trained; TrainingDiverged, OutOfMemory and the signal's reason
 * later
 */
export async function* conduct(
  plan: RunPlan,
  { signal, limits, ...options }: ConductOptions,
): AsyncGenerator<Report, void, void> {
  checkMemory(plan, limits);
  try {
    for await (const report of reports(plan, options)) {
      yield report;
      signal?.throwIfAborted();
    }
  } catch (error) {
    throw explained(error, plan.recipe);
  }
}

async function* reports(
  plan: RunPlan,
  {
    policies,
    looks = 0,
    now,
    checkpointEvery = Infinity,
    from: earlier = null,
  }: Omit<ConductOptions, "limits" | "signal">,
): AsyncGenerator<Report, void, void> {
  const documents = policies.map(({ document }) => document);
  const { steps } = plan.shape;
  const run = new TrainingRun(plan, looks > 0 ? [...documents, ...Object.values(observedPolicies)] : documents, now);
  /** Steps until the next look, so that looks come at the same steps however fast a machine is. */
  const untilLook = (step: number) =>
    looks > 0 ? Math.ceil(((Math.floor((step * looks) / steps) + 1) * steps) / looks) - step : Infinity;
  let pace = FIRST_STEPS;
  try {
    if (earlier) run.restore(earlier.run);
    const losses = earlier ? [...earlier.losses] : [];
    const observations = earlier ? [...earlier.observations] : [];
    let trainingSeconds = earlier?.trainingSeconds ?? 0;
    run.stepsPerReport = Math.min(pace, untilLook(run.step));
    let from = now();
    let kept = from;
    for await (const { step, losses: fresh } of run.steps()) {
      const took = now() - from;
      trainingSeconds += took / 1000;
      if (fresh.length === pace) pace = paced(pace, took);
      losses.push(...fresh);
      const imagesPerSecond = (step * plan.recipe.batchSize) / trainingSeconds;
      yield {
        kind: "steps",
        step,
        losses: fresh,
        imagesPerSecond,
        secondsLeft: (trainingSeconds / step) * (steps - step),
        cost: { seconds: run.times, ...run.recorded },
      };
      const lookDue = Math.floor((step * looks) / steps) > Math.floor(((step - fresh.length) * looks) / steps);
      run.stepsPerReport = Math.min(pace, untilLook(step));
      if (lookDue && run.network.batchNorms.length > 0) {
        const observation = await observe(run);
        observations.push(observation);
        yield { kind: "observation", observation };
      }
      if (now() - kept >= checkpointEvery && step < steps) {
        yield {
          kind: "checkpoint",
          checkpoint: {
            run: await run.checkpoint(),
            losses: [...losses],
            observations: [...observations],
            trainingSeconds,
          },
        };
        kept = now();
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
          return yield { kind: "finished", conducted: { run, policies, scored: value, losses, observations, timings } };
        }
        yield { kind: "scoring", fraction: value, secondsLeft: (scoringSeconds / value) * (1 - value) };
      }
    } finally {
      await scores.return([]); // where the loop was left
    }
  } finally {
    run.dispose();
  }
}
