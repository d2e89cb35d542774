/** One training run from plan to scores, timed, and stopped by a signal between steps. */
import { setImmediate } from "node:timers/promises";
import type { BuiltInPolicy } from "@/lib/dmbn";
import { allOf, type Examples, observe, type Observation, observedPolicies, type RunPlan, type ScoredPolicy, scorePolicies, TrainingRun } from "@/lib/training";
import { Failure } from "./exit";

/** A policy by the name that its scores carry. */
export type NamedPolicy = Pick<BuiltInPolicy, "slug" | "document">;

export interface Conducted {
  /** The caller disposes it. */
  run: TrainingRun;
  /** Loss of every step. */
  losses: number[];
  observations: Observation[];
  /** In the order of the policies. */
  scored: ScoredPolicy[];
  timings: { trainingSeconds: number; scoringSeconds: number; imagesPerSecond: number };
}

export interface ConductOptions {
  policies: readonly NamedPolicy[];
  /** Looks at the run in progress, evenly spread. Default: none. */
  looks?: number;
  /** Milliseconds from any start. */
  now: () => number;
  signal: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

export interface Progress {
  stage: "training" | "scoring";
  /** Of the stage, from 0 to 1. */
  fraction: number;
  step: number;
  loss: number;
  /** Of the stage. */
  secondsLeft: number;
}

/** The examples of a plan's splits. */
export const examplesOf = ({ dataset, indices }: RunPlan): Record<"calibration" | "validation" | "test", Examples> => ({
  calibration: { dataset, split: dataset.train, indices: indices.calibration },
  validation: { dataset, split: dataset.train, indices: indices.validation },
  test: { dataset, split: dataset.test, indices: allOf(dataset.test) },
});

/**
 * Trains and scores.
 * @throws TrainingDiverged, the signal's reason, or Failure with a batch size that may fit where memory ran out
 */
export async function conduct(plan: RunPlan, { policies, looks = 0, now, signal, onProgress = () => {} }: ConductOptions): Promise<Conducted> {
  const documents = policies.map(({ document }) => document);
  const { steps } = plan.shape;
  let run: TrainingRun | null = null;
  try {
    run = new TrainingRun(plan, looks > 0 ? [...documents, ...Object.values(observedPolicies)] : documents);
    const losses: number[] = [];
    const observations: Observation[] = [];
    let trainingMilliseconds = 0;
    let from = now();
    for await (const { step, losses: fresh } of run.steps()) {
      trainingMilliseconds += now() - from;
      losses.push(...fresh);
      onProgress({ stage: "training", fraction: step / steps, step, loss: fresh.at(-1)!, secondsLeft: ((trainingMilliseconds / step) * (steps - step)) / 1000 });
      const lookDue = Math.floor((step * looks) / steps) > Math.floor(((step - fresh.length) * looks) / steps);
      if (lookDue && run.network.batchNorms.length > 0) observations.push(await observe(run));
      await setImmediate(); // lets Ctrl-C in
      signal.throwIfAborted();
      from = now();
    }
    const scoringFrom = now();
    const { calibration, test } = examplesOf(plan);
    const scored = await scorePolicies(run.network, run.source, documents, {
      calibration,
      test,
      signal,
      onProgress: ({ fraction }) => onProgress({ stage: "scoring", fraction, step: steps, loss: losses.at(-1)!, secondsLeft: ((now() - scoringFrom) / 1000 / fraction) * (1 - fraction) }),
    });
    const trainingSeconds = trainingMilliseconds / 1000;
    return { run, losses, observations, scored, timings: { trainingSeconds, scoringSeconds: (now() - scoringFrom) / 1000, imagesPerSecond: (steps * plan.recipe.batchSize) / trainingSeconds } };
  } catch (error) {
    run?.dispose();
    throw outOfMemory(error, plan.recipe.batchSize) ?? error;
  }
}

/** What backends and Node say when memory ends: V8, Emscripten's heap, WebGPU. */
const memoryMessages = /out of memory|memory access out of bounds|array buffer allocation failed|invalid typed array length|cannot enlarge memory|exceeds the max(imum)? buffer/i;

function outOfMemory(error: unknown, batchSize: number): Failure | null {
  if (!(error instanceof Error) || !memoryMessages.test(error.message)) return null;
  const remedy = batchSize > 1 ? `Try --batch-size ${Math.max(1, 2 ** Math.floor(Math.log2(batchSize - 1)))}, or a smaller --calibration-size.` : "Try a smaller --width or --calibration-size.";
  return new Failure(`memory ran out at batch size ${batchSize} (${error.message}). ${remedy}`);
}
