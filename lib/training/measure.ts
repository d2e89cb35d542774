/**
 * How fast the current backend trains a network: rounds of training steps within a budget of seconds, and what the time
 * of a step is spent on. An async generator, as a run is; leave the loop to stop.
 */
import { Network, seededWeights } from "@/lib/models";
import type { MeasuredNetwork } from "@/lib/records";
import { measuredPlan } from "./measured-networks";
import type { MemoryLimits } from "./memory";
import { checkMemory, explainOutOfMemory } from "./memory";
import { createOptimizer } from "./optimizer";
import type { RunPlan } from "./plan";
import { startSteps } from "./steps";
import type { StepParts } from "./steps/capture";
import type { Steps } from "./steps/steps";

export interface MeasureOptions {
  /** How long it may take, with preparing; at least one round is finished if preparing leaves time for it. */
  seconds: number;
  /** A clock in milliseconds, such as `performance.now`. */
  now: () => number;
  limits: MemoryLimits;
}

/** What a backend makes of a network. */
export interface Speed {
  /** Of the rounds. */
  imagesPerSecond: { median: number; least: number; most: number };
  rounds: number;
  batchSize: number;
  /** Seconds of one step by part; null if no step is captured, or no time was left to take one apart. */
  parts: StepParts | null;
  /** Dispatches of the captured step, or jobs on WASM; null if no step is captured. */
  dispatches: number | null;
  /** Why no step is captured; null if one is, or if the backend can't. */
  fault: string | null;
}

export type MeasureEvent =
  /** Compiled, uploaded and captured. */
  | { kind: "ready"; fraction: number }
  /** @property fraction of the budget that is used up */
  | { kind: "round"; imagesPerSecond: number; fraction: number }
  | { kind: "measured"; speed: Speed }
  /** The budget was used up before the first round. */
  | { kind: "too-slow"; seconds: number };

/** The first step compiles and uploads, the second is captured. */
const WARM_UP_STEPS = 2;
/** So long that the clock's resolution and the readback count for nothing. */
const ROUND_SECONDS = 0.25;
/** At least so many rounds fit into a budget, if their steps are short enough. */
const LEAST_ROUNDS = 8;
/** The part of the budget that is left for the parts of a step. */
const FOR_PARTS = 0.15;

/**
 * Times training steps of a network on noise, at learning rate 0.
 * @throws OutOfMemory if a step doesn't fit into the backend's memory
 */
export const measureTraining = (network: MeasuredNetwork, options: MeasureOptions) =>
  measureSteps(() => measuredPlan(network), options);

/**
 * Times the first training steps of a run. A step is what it is in a run: it gathers its batch, and its loss and
 * statistics are read back with those of the other steps of its round.
 * @param planned makes the plan, within the budget
 * @throws OutOfMemory if a step doesn't fit into the backend's memory
 */
export async function* measureSteps(
  planned: () => RunPlan,
  { seconds, now, limits }: MeasureOptions,
): AsyncGenerator<MeasureEvent, void, void> {
  const from = now();
  const spent = () => (now() - from) / 1000;
  const plan = planned();
  const { batchSize } = plan.recipe;
  checkMemory(plan, limits);
  const network = new Network(plan.graph, seededWeights(plan.graph, plan.seed));
  const optimizer = createOptimizer(plan.recipe, network.parameters);
  const steps = startSteps({ plan, network, optimizer, now });
  try {
    for (let step = 0; step < WARM_UP_STEPS; step++) {
      await steps.run(step, 1);
      if (spent() < seconds) continue;
      yield { kind: "too-slow", seconds: spent() };
      return;
    }
    yield { kind: "ready", fraction: spent() / seconds };
    const most = Math.min(steps.maxCount, plan.shape.stepsPerEpoch);
    const roundSeconds = Math.min(ROUND_SECONDS, seconds / LEAST_ROUNDS);
    const stepsOfRound = (stepSeconds: number) => Math.max(1, Math.min(most, Math.round(roundSeconds / stepSeconds)));
    const rates: number[] = [];
    let count = 1;
    let enough = false;
    while (!enough) {
      const stepSeconds = await time(steps, count, now);
      // A single step is a round only if it is long enough; else it says how many make one.
      if (count > 1 || stepsOfRound(stepSeconds) === 1) {
        rates.push(batchSize / stepSeconds);
        yield { kind: "round", imagesPerSecond: rates.at(-1)!, fraction: Math.min(1, spent() / seconds) };
      }
      const leaving = Math.max(FOR_PARTS * seconds, (count + 1) * stepSeconds); // another round, and a step to take apart
      enough = rates.length > 0 && spent() + leaving >= seconds;
      count = stepsOfRound(stepSeconds);
    }
    rates.sort((a, b) => a - b);
    const imagesPerSecond = { median: median(rates), least: rates[0]!, most: rates.at(-1)! };
    const stepSeconds = batchSize / imagesPerSecond.median;
    const parts = spent() + stepSeconds < seconds ? await steps.profile(stepsOfRound(stepSeconds)) : null;
    const { dispatches, fault } = steps;
    yield { kind: "measured", speed: { imagesPerSecond, rounds: rates.length, batchSize, parts, dispatches, fault } };
  } catch (error) {
    throw explainOutOfMemory(error, plan.recipe);
  } finally {
    for (const part of [steps, optimizer, network]) part.dispose();
  }
}

/** Seconds of one of the first `count` steps, with their readback; never 0, however coarse the clock. */
async function time(steps: Steps, count: number, now: () => number): Promise<number> {
  const from = now();
  await steps.run(0, count);
  return Math.max(now() - from, LEAST_MILLISECONDS) / 1000 / count;
}

/** A tick of a browser's coarse clock, where a page isn't isolated. */
const LEAST_MILLISECONDS = 0.1;

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
