/** Networks of the benchmark: graphs of layers by name, and `Network`, a graph with weights. */

import type { ModelName, Variant } from "@/lib/records";
import { cnn } from "./cnn";
import { dense } from "./dense";
import type { Graph } from "./graph";
import type { Shape } from "./layer";
import { mlp } from "./mlp";
import { plainWidths } from "./plain-norms";
import { resnet50 } from "./resnet";

export { type Graph, GraphBuilder, INPUT, parameterCount } from "./graph";
export { type BatchNormNode, batchNormsOf, Network, seededWeights, type Tape } from "./network";

export interface ModelChoice {
  model: ModelName;
  /** Multiplies every hidden width. */
  width: number;
  epsilon: number;
  /** Where the last layer starts; left out: He-normal, as all others. */
  logits?: "zeros" | undefined;
}

/** The graph of a model in a variant, for images of `inputShape`. */
export function buildGraph(
  { model, width, epsilon, logits }: ModelChoice,
  variant: Variant,
  inputShape: Shape,
  classes: number,
): Graph {
  const norm = { variant, epsilon, width };
  const last = dense(classes, { bias: true, zeros: logits === "zeros" });
  switch (model) {
    case "mlp":
      return mlp(inputShape, last, plainWidths.mlp, norm);
    case "mlp-deep":
      return mlp(inputShape, last, plainWidths["mlp-deep"], norm);
    case "cnn":
      return cnn(inputShape, last, norm);
    case "resnet-50":
      return resnet50(inputShape, last, norm);
  }
}
