/**
 * The momentum of each layer as fits and records name it, and which of them a policy can give. Both sides read the same
 * rules, so that a record can be compared with its policy.
 */
import type { Expression } from "./expression";
import type { MomentumPolicy } from "./policy";

/**
 * A layer's momentum: a number if constant, the expression if it changes, null if nothing is averaged or the layer has
 * several.
 */
export type LayerMomentum = number | string | null;

export const layerMomentum = (expression: Expression): LayerMomentum =>
  Number.isFinite(Number(expression)) ? Number(expression) : expression;

/** Whether the candidate at `index` is the first or last of several. */
export const isGridEdge = (index: number, candidates: readonly Expression[]): boolean =>
  candidates.length > 1 && (index === 0 || index === candidates.length - 1);

interface LayerMomenta {
  /** The values that a layer can have. */
  values: readonly LayerMomentum[];
  /** Whether any number in [0, 1] is possible too: the policy computes it from the run. */
  computed: boolean;
  /** Those of `values` that are at the edge of the candidates. */
  edges: readonly LayerMomentum[];
}

/** The momenta that `policy` can give a layer. */
export function layerMomentaOf(policy: MomentumPolicy): LayerMomenta {
  const only = (value: LayerMomentum): LayerMomenta => ({ values: [value], computed: false, edges: [] });
  switch (policy.kind) {
    case "schedule":
      return only(layerMomentum(policy.momentum));
    case "recalibrate":
      return only(null);
    case "select": {
      const { by, granularity, parameters, candidates } = policy;
      if (by === "drift") return { values: parameters === "separate" ? [null] : [], computed: true, edges: [] };
      if (granularity === "channel" || parameters === "separate") return only(null);
      const values = candidates.map(layerMomentum);
      return { values, computed: false, edges: values.filter((_, index) => isGridEdge(index, candidates)) };
    }
  }
}
