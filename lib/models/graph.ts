/**
 * A network's definition: layers in topological order, each naming the nodes it
 * reads. Pure data and shapes, no tensors; `Network` gives it weights.
 */
import type { Layer, ParameterSpec, Shape } from "./layer";

/** Index of a node; −1 is the network's input. */
export type NodeId = number;
export const INPUT: NodeId = -1;

export interface Node {
  name: string;
  layer: Layer;
  inputs: NodeId[];
  /** Output shape without the batch axis. */
  shape: number[];
  /** Parameters, named `node.parameter`. */
  parameters: ParameterSpec[];
}

export interface Graph {
  inputShape: Shape;
  nodes: readonly Node[];
}

/** Number of trainable values. */
export const parameterCount = ({ nodes }: Graph): number =>
  nodes
    .flatMap(({ parameters }) => parameters)
    .reduce((sum, { shape }) => sum + shape.reduce((size, extent) => size * extent, 1), 0);

/** Builds a graph node by node; the last node is the network's output. */
export class GraphBuilder {
  readonly #nodes: Node[] = [];

  constructor(readonly inputShape: Shape) {}

  /** Shape of a node's output, without the batch axis. */
  shapeOf(id: NodeId): Shape {
    return id === INPUT ? this.inputShape : this.#nodes[id]!.shape;
  }

  /** Adds `layer` reading `inputs`, under a name that is unique in the graph. */
  add(name: string, layer: Layer, ...inputs: NodeId[]): NodeId {
    if (this.#nodes.some((node) => node.name === name)) throw new Error(`two nodes are named ${name}`);
    const shapes = inputs.map((id) => this.shapeOf(id));
    const parameters = layer.parameters(shapes).map((spec) => ({ ...spec, name: `${name}.${spec.name}` }));
    this.#nodes.push({ name, layer, inputs, shape: layer.outputShape(shapes), parameters });
    return this.#nodes.length - 1;
  }

  graph(): Graph {
    return { inputShape: this.inputShape, nodes: this.#nodes };
  }
}
