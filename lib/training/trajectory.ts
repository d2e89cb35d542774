/**
 * A trajectory: what a training run leaves behind, final weights and trace, in
 * one safetensors file. Enough to score any policy that is fitted after the
 * run, exactly as if it had been kept in training.
 */
import { z } from "zod";
import { fromTrace, type MomentumPolicy, type Trace } from "@/lib/dmbn";
import type { Dataset } from "@/lib/datasets";
import { Network, type Weights } from "@/lib/models";
import { planRun, type RunPlan } from "./plan";
import { recipeSchema, seedSchema, variantSchema } from "./recipe";
import type { TrainingRun } from "./run";
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from "./safetensors";
import { allOf, type ScoredPolicy, scorePolicies, type Scorer, scorerOn, type ScoringProgress } from "./scoring";
import { DMBENCH_VERSION } from "./version";

const FORMAT = "dmbench-trajectory-1";

const headerSchema = z.object({
  format: z.literal(FORMAT),
  recipe: recipeSchema,
  variant: variantSchema,
  seed: seedSchema,
  dataset: z.object({ slug: z.string(), version: z.string(), hash: z.string(), subset: z.string().nullable() }),
  steps: z.int().min(1),
  layers: z.array(z.object({ name: z.string(), channels: z.int().min(1), count: z.int().min(1) })),
  dmbench: z.string(),
  backend: z.string(),
});

export type TrajectoryHeader = z.infer<typeof headerSchema>;

export interface Trajectory {
  header: TrajectoryHeader;
  weights: Weights;
  trace: Trace;
}

/** A file that is no trajectory, or one of other data than it is scored on. */
export class TrajectoryError extends Error {
  override name = "TrajectoryError";
}

/**
 * What a finished run leaves behind. GPU → CPU.
 * @throws TrajectoryError where the run kept no trace
 */
export async function trajectoryOf(run: TrainingRun, backend: string): Promise<Trajectory> {
  const { trace, plan, network } = run;
  if (!trace) throw new TrajectoryError("the trace of this run was too large to keep, so it can't be replayed");
  const { info, hash, subset } = plan.dataset;
  return {
    header: {
      format: FORMAT,
      recipe: plan.recipe,
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

/** The file: `weights/<parameter>`, `trace/<layer>.mean` and `.variance` `[steps, channels]`; the header as JSON in its metadata. */
export function encodeTrajectory({ header, weights, trace }: Trajectory): Uint8Array<ArrayBuffer> {
  const tensors: NamedTensor[] = [
    ...Object.entries(weights).map(([name, values]) => ({ name: `weights/${name}`, shape: [values.length], values })),
    ...trace.layers.flatMap(({ name, channels, mean, variance }) => [
      { name: `trace/${name}.mean`, shape: [trace.steps, channels], values: mean },
      { name: `trace/${name}.variance`, shape: [trace.steps, channels], values: variance },
    ]),
  ];
  return encodeSafetensors(tensors, { trajectory: JSON.stringify(header) });
}

/**
 * Reads a trajectory file.
 * @throws TrajectoryError or SafetensorsError naming what is wrong
 */
export function decodeTrajectory(file: Uint8Array): Trajectory {
  const { tensors, metadata } = decodeSafetensors(file);
  const parsed = headerSchema.safeParse(jsonOrNull(metadata["trajectory"]));
  if (!parsed.success) throw new TrajectoryError(`not a trajectory: ${z.prettifyError(parsed.error)}`);
  const header = parsed.data;
  const floats = new Map(tensors.flatMap(({ name, values }) => (values instanceof Float32Array ? [[name, values] as const] : [])));
  const traced = (name: string, channels: number) => {
    const values = floats.get(`trace/${name}`);
    if (values?.length !== header.steps * channels) throw new TrajectoryError(`trace/${name}: expected ${header.steps} × ${channels} values, found ${values?.length ?? "none"}`);
    return values;
  };
  return {
    header,
    weights: Object.fromEntries([...floats].flatMap(([name, values]) => (name.startsWith("weights/") ? [[name.slice("weights/".length), values]] : []))),
    trace: {
      steps: header.steps,
      layers: header.layers.map((layer) => ({
        ...layer,
        mean: traced(`${layer.name}.mean`, layer.channels),
        variance: traced(`${layer.name}.variance`, layer.channels),
      })),
    },
  };
}

/** A trajectory with its network on the backend in use, ready to score; the caller disposes it. */
export interface LoadedTrajectory {
  plan: RunPlan;
  trajectory: Trajectory;
  network: Network;
  /** Scores policies on the whole test split, in the order given. */
  score(policies: readonly MomentumPolicy[], options?: { onProgress?: (progress: ScoringProgress) => void; signal?: AbortSignal }): Promise<ScoredPolicy[]>;
  /** For scoring one policy after another, as somebody types it. The caller disposes it before the trajectory. */
  scorer(): Scorer;
  dispose(): void;
}

/**
 * @throws TrajectoryError where `dataset` is not the data that the run was trained on, or the file does not fit its own network
 */
export function loadTrajectory(trajectory: Trajectory, dataset: Dataset): LoadedTrajectory {
  const { header, weights, trace } = trajectory;
  if (dataset.hash !== header.dataset.hash) {
    throw new TrajectoryError(`trained on ${header.dataset.slug} with SHA-256 ${header.dataset.hash}, but the data here has ${dataset.hash}${dataset.subset ? ` (${dataset.subset})` : ""}`);
  }
  const plan = planRun({ recipe: header.recipe, variant: header.variant, seed: header.seed, dataset });
  if (header.steps !== plan.shape.steps) throw new TrajectoryError(`expected ${plan.shape.steps} steps by its recipe, found ${header.steps}`);
  const network = new Network(plan.graph, weights);
  const expected = network.batchNorms.map(({ name, channels }) => `${name}:${channels}`).join(" ");
  const found = header.layers.map(({ name, channels }) => `${name}:${channels}`).join(" ");
  if (found !== expected) {
    network.dispose();
    throw new TrajectoryError(`expected a trace of layers ${expected}, found ${found}`);
  }
  const source = fromTrace(trace, plan.shape);
  const examples = {
    calibration: { dataset, split: dataset.train, indices: plan.indices.calibration },
    test: { dataset, split: dataset.test, indices: allOf(dataset.test) },
  };
  return {
    plan,
    trajectory,
    network,
    score: (policies, options = {}) => scorePolicies(network, source, policies, { ...examples, ...options }),
    scorer: () => scorerOn(network, source, examples),
    dispose: () => network.dispose(),
  };
}

function jsonOrNull(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
