/** The record of a finished run, the same from the browser and from the command line. */
import { version_core as tfjsVersion } from "@tensorflow/tfjs-core";
import type { Dataset } from "@/lib/datasets";
import type { BatchNormLayer } from "@/lib/dmbn";
import type { BuiltInPolicy } from "@/lib/dmbn/policy";
import { policyHash } from "@/lib/dmbn/policy";
import { evaluate } from "@/lib/evaluation";
import { parameterCount } from "@/lib/models";
import type { Manifest, RunRecord, ScoreRecord } from "@/lib/records";
import { DMBENCH_VERSION, lossSteps } from "@/lib/records";
import type { Observation } from "./observe";
import type { TrainingRun } from "./run";
import type { ScoredPolicy } from "./scoring";

export interface FinishedRun {
  run: TrainingRun;
  benchmark: RunRecord["benchmark"];
  policies: readonly Pick<BuiltInPolicy, "slug" | "document">[];
  /** In the order of `policies`. */
  scored: readonly ScoredPolicy[];
  /** Loss of every step. */
  losses: readonly number[];
  observations: readonly Observation[];
  backend: Manifest["backend"];
  /** The name of the browser or runtime, as it reports it. */
  platform: string;
  timings: RunRecord["timings"];
}

/** The record, and each method's predictions in the order of the test split. */
export function recordOf({
  run,
  benchmark,
  policies,
  scored,
  losses,
  observations,
  backend,
  platform,
  timings,
}: FinishedRun): { record: RunRecord; predictions: Record<string, Uint8Array> } {
  const { variant, dataset } = run.plan;
  const layers = run.network.batchNorms;
  const methodOf = (slug: string) => `${variant}/${slug}`;
  const scores = scored.map((policyScore, index): ScoreRecord => {
    const { slug, document } = policies[index]!;
    return {
      method: methodOf(slug),
      variant,
      policy: { slug, hash: policyHash(document), document },
      ...figuresOf(policyScore, dataset, layers),
    };
  });
  const manifest = manifestOf(run, { backend, platform });
  const curves: RunRecord["curves"] = {
    loss: thinnedLosses(losses),
    validationAccuracy: observations.flatMap(({ step, validationAccuracy: value }) =>
      value === null ? [] : [{ step, value }],
    ),
    shift: layers.map(({ name }, layer) => ({
      layer: name,
      points: observations.map(({ step, layers }) => ({ step, value: layers[layer]!.shift })),
    })),
  };
  const predictions = Object.fromEntries(
    scored.map(({ predictions }, index) => [methodOf(policies[index]!.slug), predictions]),
  );
  return { record: { format: 2, benchmark, manifest, scores, curves, timings }, predictions };
}

/** What a run was, and where it was computed. */
export function manifestOf(
  { plan, network }: Pick<TrainingRun, "plan" | "network">,
  { backend, platform }: Pick<FinishedRun, "backend" | "platform">,
): Manifest {
  const { recipe, variant, seed, dataset, shape } = plan;
  return {
    recipe,
    variant,
    seed,
    steps: shape.steps,
    parameters: parameterCount(plan.graph),
    batchNormChannels: network.batchNorms.reduce((sum, { channels }) => sum + channels, 0),
    dataset: { slug: dataset.info.slug, version: dataset.info.version, subset: dataset.subset, hash: dataset.hash },
    backend,
    software: { dmbench: DMBENCH_VERSION, tfjs: tfjsVersion, platform },
  };
}

/**
 * The figures of one scored policy.
 * @param layers the network's batch norms
 */
export function figuresOf(
  { fit, predictions, probabilities }: ScoredPolicy,
  { info, test }: Dataset,
  layers: readonly BatchNormLayer[],
): Omit<ScoreRecord, "method" | "variant" | "policy"> {
  return {
    momentumPerLayer: fit.momentumPerLayer,
    edgeOfGrid: fit.edgeOfGrid,
    ...evaluate({ labels: test.labels, predictions, classes: info.classes.length }),
    ...probabilities,
    esm: fit.shift.map((shift, layer) => ({ layer: layers[layer]!.name, ...shift })),
  };
}

/** Averages over the intervals that end at `lossSteps`. */
export function thinnedLosses(losses: readonly number[]): { step: number; value: number }[] {
  return lossSteps(losses.length).map((step, index, steps) => {
    const part = losses.slice(index === 0 ? 0 : steps[index - 1]!, step);
    return { step, value: part.reduce((sum, loss) => sum + loss, 0) / part.length };
  });
}
