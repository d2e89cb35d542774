/** Multilayer perceptrons: Dense-Norm-ReLU for each width, then Dense. */
import { dense } from "./dense";
import type { Graph } from "./graph";
import { GraphBuilder, INPUT } from "./graph";
import type { Layer, Shape } from "./layer";
import type { NormChoice } from "./norm-choice";
import { normFor } from "./norm-choice";
import { scaledTo } from "./plain-norms";
import { flatten } from "./pooling";

/** @param inputShape `[height, width, channels]` or `[features]` */
export function mlp(inputShape: Shape, logits: Layer, widths: readonly number[], norm: NormChoice): Graph {
  const builder = new GraphBuilder(inputShape);
  let x = inputShape.length === 1 ? INPUT : builder.add("flatten", flatten(), INPUT);
  widths.forEach((fullWidth, index) => {
    const units = scaledTo(fullWidth, norm.width);
    x = builder.add(`dense${index + 1}`, dense(units), x);
    x = builder.add(`norm${index + 1}`, normFor({ alternating: index }, units, false, norm), x);
  });
  builder.add("logits", logits, x);
  return builder.graph();
}
