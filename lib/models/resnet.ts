/**
 * ResNet-50 in its CIFAR form: a 3×3 stem of stride 1 without pooling, then
 * bottlenecks [3, 4, 6, 3] with expansion 4. He et al. 2016, §4.1 and §4.2.
 */
import { convolution } from "./convolution";
import type { Graph, NodeId } from "./graph";
import { GraphBuilder, INPUT } from "./graph";
import type { Layer, Shape } from "./layer";
import type { NormChoice, NormPlace } from "./norm-choice";
import { normFor } from "./norm-choice";
import { scaledTo } from "./plain-norms";
import { globalAveragePool } from "./pooling";
import { EXPANSION, stages } from "./residual-norms";

/** @param inputShape `[height, width, channels]` */
export function resnet50(inputShape: Shape, logits: Layer, norm: NormChoice): Graph {
  const builder = new GraphBuilder(inputShape);
  const scaled = (width: number) => scaledTo(width, norm.width);
  const normed = (name: string, place: NormPlace, relu: boolean, ...inputs: NodeId[]) =>
    builder.add(name, normFor(place, builder.shapeOf(inputs[0]!).at(-1)!, true, norm, relu), ...inputs);

  const bottleneck = (name: string, width: number, stride: number, input: NodeId): NodeId => {
    let x = builder.add(`${name}.conv1`, convolution(width, { size: 1 }), input);
    x = normed(`${name}.norm1`, { bottleneck: "first" }, true, x);
    x = builder.add(`${name}.conv2`, convolution(width, { size: 3, stride }), x);
    x = normed(`${name}.norm2`, { bottleneck: "second" }, true, x);
    x = builder.add(`${name}.conv3`, convolution(EXPANSION * width, { size: 1 }), x);
    let shortcut = input;
    if (stride !== 1 || builder.shapeOf(input).at(-1) !== EXPANSION * width) {
      shortcut = builder.add(`${name}.shortcut`, convolution(EXPANSION * width, { size: 1, stride }), input);
      shortcut = normed(`${name}.shortcut-norm`, { bottleneck: "shortcut" }, false, shortcut);
    }
    return normed(`${name}.norm3`, { bottleneck: "third" }, true, x, shortcut);
  };

  let x = builder.add("stem", convolution(scaled(64), { size: 3 }), INPUT);
  x = normed("stem-norm", { bottleneck: "stem" }, true, x);
  stages.forEach(({ width, blocks, stride }, stage) => {
    for (let block = 0; block < blocks; block++)
      x = bottleneck(`stage${stage + 1}.${block + 1}`, scaled(width), block === 0 ? stride : 1, x);
  });
  x = builder.add("pool", globalAveragePool(), x);
  builder.add("logits", logits, x);
  return builder.graph();
}
