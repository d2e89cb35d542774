/**
 * Evaluation of a run in progress: accuracy on validation data, and each layer's
 * shift and DMBN choice if training stopped here. It only reads the weights, so
 * it costs nothing but time.
 */
import type { LayerMomentum } from "@/lib/dmbn";
import { fitPolicy, totalShift } from "@/lib/dmbn";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { builtInPolicies } from "@/lib/dmbn/policy";
import { evaluationExamples } from "@/lib/records";
import type { TrainingRun } from "./run";
import { calibrationOn, predict } from "./scoring";

const documentOf = (slug: string): MomentumPolicy => builtInPolicies.find((policy) => policy.slug === slug)!.document;

/** The policies that an observation fits. A run without a trace must follow them from the start. */
export const observedPolicies = { reference: documentOf("pytorch-default"), chosen: documentOf("dmbn") };

export interface Observation {
  step: number;
  /** Under the reference policy (β = 0.9), on at most `evaluationExamples`; null if the recipe holds none back. */
  validationAccuracy: number | null;
  /** By batch-norm layer, in forward order. */
  layers: {
    layer: string;
    /** Total shift under the reference policy. */
    shift: number;
    /** DMBN's choice if training stopped now. */
    momentum: LayerMomentum;
  }[];
}

/** Evaluates the run at its current step. GPU → CPU, one readback per layer. */
export async function observe(run: TrainingRun): Promise<Observation> {
  const { dataset, indices } = run.plan;
  const part = (positions: Uint32Array) => ({
    dataset,
    split: dataset.train,
    indices: positions.subarray(0, evaluationExamples),
  });
  const { source } = run;
  const calibration = calibrationOn(run.network, part(indices.calibration));
  try {
    const reference = await fitPolicy(observedPolicies.reference, source, calibration);
    const chosen = await fitPolicy(observedPolicies.chosen, source, calibration);
    const validation = part(indices.validation);
    const [answers] =
      validation.indices.length > 0 ? await predict(run.network, validation, [reference.statistics]) : [];
    const right = answers?.predictions.reduce(
      (count, predicted, index) => count + Number(predicted === dataset.train.labels[validation.indices[index]!]),
      0,
    );
    return {
      step: run.step,
      validationAccuracy: right === undefined ? null : right / validation.indices.length,
      layers: run.network.batchNorms.map(({ name }, layer) => ({
        layer: name,
        shift: totalShift(reference.shift[layer]!),
        momentum: chosen.momentumPerLayer[layer]!,
      })),
    };
  } finally {
    calibration.dispose();
  }
}
