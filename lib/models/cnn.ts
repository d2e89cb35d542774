/** A plain CNN: 3×3 convolutions of 32, 32, pool, 64, 64, pool, each Norm-ReLU, then Dense. */
import { convolution } from "./convolution";
import type { Graph } from "./graph";
import { GraphBuilder, INPUT } from "./graph";
import type { Layer, Shape } from "./layer";
import type { NormChoice } from "./norm-choice";
import { normFor } from "./norm-choice";
import { plainWidths, scaledTo } from "./plain-norms";
import { flatten, maxPool } from "./pooling";

const stages = [plainWidths.cnn.slice(0, 2), plainWidths.cnn.slice(2)];

/** @param inputShape `[height, width, channels]` */
export function cnn(inputShape: Shape, logits: Layer, norm: NormChoice): Graph {
  const builder = new GraphBuilder(inputShape);
  let x = INPUT;
  let index = 0;
  stages.forEach((stage, stageIndex) => {
    for (const fullWidth of stage) {
      const filters = scaledTo(fullWidth, norm.width);
      x = builder.add(`conv${index + 1}`, convolution(filters, { size: 3 }), x);
      x = builder.add(`norm${index + 1}`, normFor({ alternating: index }, filters, true, norm), x);
      index++;
    }
    x = builder.add(`pool${stageIndex + 1}`, maxPool(), x);
  });
  x = builder.add("flatten", flatten(), x);
  builder.add("logits", logits, x);
  return builder.graph();
}
