/**
 * A trajectory: a training run's final weights and trace, in one safetensors
 * file. Enough to score any policy that is fitted after the run, exactly as if
 * it had been followed during training.
 */
import type { Dataset } from "@/lib/datasets";
import { fromTrace } from "@/lib/dmbn";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { scheduleOn } from "@/lib/dmbn/policy";
import { Network } from "@/lib/models";
import type { Trajectory } from "@/lib/records";
import { DMBENCH_VERSION, encodeTrajectory, recipeSchema, TRAJECTORY_FORMAT, TrajectoryError } from "@/lib/records";
import type { RunPlan } from "./plan";
import { planRun } from "./plan";
import type { StepProgress } from "./run";
import { TrainingRun } from "./run";
import type { ScoredPolicy, Scorer } from "./scoring";
import { examplesOf, scorePolicies, scorerOn, scoring } from "./scoring";

/**
 * The trajectory of a finished run. GPU → CPU.
 * @throws TrajectoryError if the run has no trace
 */
export async function trajectoryOf(run: TrainingRun, backend: string): Promise<Trajectory> {
  const { trace, plan, network } = run;
  if (!trace) throw new TrajectoryError("the trace of this run was too large to keep, so it can't be replayed");
  const { info, hash, subset } = plan.dataset;
  return {
    header: {
      format: TRAJECTORY_FORMAT,
      recipe: recipeSchema.parse(plan.recipe), // the schema's order: the same run gives the same file
      variant: plan.variant,
      seed: plan.seed,
      dataset: { slug: info.slug, version: info.version, hash, subset },
      steps: trace.steps,
      layers: trace.layers.map(({ name, channels, count }) => ({ name, channels, count })),
      dmbench: DMBENCH_VERSION,
      backend,
    },
    weights: await network.weights(),
    trace,
  };
}

/** The file of a finished run's trajectory; null if the run has no trace, or the file is larger. GPU → CPU. */
export async function trajectoryFile(
  run: TrainingRun,
  backend: string,
  limitBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!run.trace) return null;
  const file = encodeTrajectory(await trajectoryOf(run, backend));
  return file.length <= limitBytes ? file : null;
}

/**
 * Trains a run to its end and returns its trajectory, yielding progress. Leaving the loop stops it.
 * @param backend the name of the current backend
 * @throws TrainingDiverged
 */
export async function* recordTrajectory(
  plan: RunPlan,
  backend: string,
): AsyncGenerator<StepProgress, Trajectory, void> {
  const run = new TrainingRun(plan);
  try {
    yield* run.steps();
    return await trajectoryOf(run, backend);
  } finally {
    run.dispose();
  }
}

/** A trajectory whose network is on the current backend, ready to score policies. The caller disposes it. */
export interface LoadedTrajectory {
  plan: RunPlan;
  trajectory: Trajectory;
  network: Network;
  /** Scores policies on the whole test split; results are in their order. */
  score(policies: readonly MomentumPolicy[]): Promise<ScoredPolicy[]>;
  /** Like `score`, but yields the fraction done, from 0 to 1. */
  scoring(policies: readonly MomentumPolicy[]): AsyncGenerator<number, ScoredPolicy[], void>;
  /** For trying policies one after another. The caller disposes it before the trajectory. */
  scorer(): Scorer;
  dispose(): void;
}

/**
 * Loads a trajectory onto the current backend.
 * @throws TrajectoryError if `dataset` isn't the data of the run, or the trace doesn't match the network
 */
export function loadTrajectory(trajectory: Trajectory, dataset: Dataset): LoadedTrajectory {
  const { header, weights, trace } = trajectory;
  if (dataset.hash !== header.dataset.hash) {
    throw new TrajectoryError(
      `trained on ${header.dataset.slug} with SHA-256 ${header.dataset.hash}, ` +
        `but the data here has ${dataset.hash}${dataset.subset ? ` (${dataset.subset})` : ""}`,
    );
  }
  const plan = planRun({ recipe: header.recipe, variant: header.variant, seed: header.seed, dataset });
  if (header.steps !== plan.shape.steps)
    throw new TrajectoryError(`expected ${plan.shape.steps} steps by its recipe, found ${header.steps}`);
  const network = new Network(plan.graph, weights);
  const expected = network.batchNorms.map(({ name, channels }) => `${name}:${channels}`).join(" ");
  const traced = header.layers.map(({ name, channels }) => `${name}:${channels}`).join(" ");
  if (traced !== expected) {
    network.dispose();
    throw new TrajectoryError(`expected a trace of layers ${expected}, found ${traced}`);
  }
  const source = fromTrace(trace, scheduleOn(plan.shape));
  const examples = examplesOf(plan);
  return {
    plan,
    trajectory,
    network,
    score: (policies) => scorePolicies(network, source, policies, examples),
    scoring: (policies) => scoring(network, source, policies, examples),
    scorer: () => scorerOn(network, source, examples),
    dispose: () => network.dispose(),
  };
}
