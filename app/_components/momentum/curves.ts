/** β over a run, as charts draw it. */
import type { MomentumPolicy, RunShape } from "@/lib/dmbn/policy";
import { momentumSchedule, variablesOf } from "@/lib/dmbn/policy";

export interface Curve {
  steps: number[];
  /** β at each of the steps. */
  values: number[];
}

/**
 * β at evenly spaced steps: one curve if all layers share it, else one per layer.
 * Values outside [0, 1] are drawn at the edge.
 */
export function momentumCurves(expression: string, run: RunShape, points = 160): Curve[] {
  const names = variablesOf(expression);
  const momentum = momentumSchedule(expression, run);
  const count = Math.min(points, run.steps);
  const steps = [
    ...new Set(
      Array.from({ length: count }, (_, index) => 1 + Math.round((index * (run.steps - 1)) / Math.max(1, count - 1))),
    ),
  ];
  const apart = names.has("layer") || names.has("channels");
  return run.layers
    .slice(0, apart ? undefined : 1)
    .map((_, layer) => ({ steps, values: steps.map((step) => Math.min(1, Math.max(0, momentum(step, layer) || 0))) }));
}

/** The curve of a policy's first layer; null if the policy follows no schedule. */
export const policyCurve = (policy: MomentumPolicy, run: RunShape): Curve | null =>
  policy.kind === "schedule" ? momentumCurves(policy.momentum, run)[0]! : null;
