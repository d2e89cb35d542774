/** The memory badge of a policy or of a chosen momentum: its step on the ramp, and its label. */
import type { MomentumPolicy, RunShape } from "@/lib/dmbn/policy";
import { estimatorsOf, momentumSchedule, PolicyError, variablesOf } from "@/lib/dmbn/policy";
import type { MemoryBadge } from "./momentum";

/** Canonical spelling of the cumulative average. */
const cumulative = "1 - 1 / step";

/**
 * A policy's badge: its constant, the memory it ends with, or no step of the ramp where β is chosen or nothing is
 * averaged; and the variance that it averages.
 */
export function memoryBadge(policy: MomentumPolicy, run: RunShape): MemoryBadge {
  switch (policy.kind) {
    case "schedule": {
      const badge = expressionBadge(policy.momentum, run);
      const names = variablesOf(policy.momentum);
      const label = names.has("layer") || names.has("channels") ? `${badge.label} in the first layer` : badge.label;
      return { ...badge, label, variance: policy.variance };
    }
    case "select":
      return {
        memory: null,
        label: policy.by === "drift" ? "computed per layer" : `chosen per ${policy.granularity}`,
        ...(estimatorsOf(policy).length > 1 ? {} : { variance: policy.variance }),
      };
    case "recalibrate":
      return { memory: null, label: "measured anew" };
  }
}

/**
 * The badge of a layer's momentum as a run records it: a number, a candidate's expression, or null. Never throws: a
 * stored text that is no expression is called unreadable.
 * @param layer its index in forward order, from 0
 */
export function layerBadge(momentum: number | string | null, run: RunShape, layer = 0): MemoryBadge {
  if (momentum === null) return { memory: null, label: "–" };
  try {
    return expressionBadge(String(momentum), run, layer);
  } catch (error) {
    if (error instanceof PolicyError) return { memory: null, label: "unreadable" };
    throw error;
  }
}

function expressionBadge(expression: string, run: RunShape, layer = 0): MemoryBadge {
  if (expression === cumulative) return { memory: "cumulative", label: "1 − 1/t" };
  const momentum = momentumSchedule(expression, run);
  const first = clamp(momentum(1, layer));
  const last = clamp(momentum(run.steps, layer));
  if (Number.isNaN(first + last)) return { memory: null, label: "undefined on this run" };
  return { memory: last, label: first === last ? printed(last) : `${printed(first)} to ${printed(last)}` };
}

/** Publication checks a schedule on the benchmarks' own runs; on a run of another shape it could leave [0, 1]. */
const clamp = (value: number): number => Math.min(1, Math.max(0, value));
/** Just enough decimals to give 1 − β two digits: 0.37, 0.979, 0.9964. */
function printed(value: number): string {
  const rest = 1 - value;
  return rest < 1e-9 ? "1" : String(Number(value.toFixed(Math.max(2, 1 - Math.floor(Math.log10(rest) + 1e-9)))));
}
