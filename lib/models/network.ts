/**
 * A network with weights: its training pass, its gradients, and inference that
 * stops before each batch norm, where the caller chooses the statistics.
 */
import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import { add, dispose, tensor, tidy, variable } from "@tensorflow/tfjs-core";
import type {
  BatchNormLayer,
  BatchNormNetwork,
  ChannelStatistics,
  InferenceCursor,
  RunningStatistics,
} from "@/lib/dmbn";
import { channelStatistics, normalize } from "@/lib/dmbn";
import type { Weights } from "@/lib/records";
import type { Graph, NodeId } from "./graph";
import { INPUT } from "./graph";
import { initialValues } from "./initialization";
import type { Activation } from "./layer";
import type { BatchNorm } from "./norm";
import { isBatchNorm } from "./norm";

/** Every layer's activations in training mode; `gradients` reads them. */
export interface Tape {
  input: Tensor;
  activations: Activation[];
  logits: Tensor;
}

/** A batch norm in a graph. */
export interface BatchNormNode extends BatchNormLayer {
  node: NodeId;
  /** Values of a channel in one example: 1 after a dense layer, height × width after a convolution. */
  positions: number;
}

/** The batch norms of a graph, in forward order. */
export function batchNormsOf({ nodes }: Graph): BatchNormNode[] {
  return nodes.flatMap(({ name, layer, shape }, node) =>
    isBatchNorm(layer)
      ? [
          {
            name,
            node,
            channels: shape.at(-1)!,
            positions: shape.slice(0, -1).reduce((product, extent) => product * extent, 1),
          },
        ]
      : [],
  );
}

export class Network implements BatchNormNetwork {
  readonly batchNorms: readonly BatchNormNode[];
  readonly parameters: readonly Variable[];
  readonly #byNode: Variable[][];
  /** By node: whether it or a node before it has parameters. If not, no gradient is propagated to it. */
  readonly #trainable: boolean[] = [];

  /** @param weights by parameter name; `seededWeights` gives fresh ones */
  constructor(
    readonly graph: Graph,
    weights: Weights,
  ) {
    this.#byNode = graph.nodes.map((node) =>
      node.parameters.map(({ name, shape }) => {
        const values = weights[name];
        const size = shape.reduce((product, extent) => product * extent, 1);
        if (values?.length !== size)
          throw new RangeError(
            `weight ${name} expects ${size} values of shape [${shape}], got ${values?.length ?? "none"}`,
          );
        return tidy(() => variable(tensor(values, shape), true, undefined));
      }),
    );
    this.parameters = this.#byNode.flat();
    for (const { parameters, inputs } of graph.nodes)
      this.#trainable.push(parameters.length > 0 || inputs.some((input) => this.#trainable[input]));
    this.batchNorms = batchNormsOf(graph);
  }

  /** Runs in training mode; the caller disposes the tape, usually by `tidy`. */
  train(input: Tensor): Tape {
    const activations: Activation[] = [];
    const outputOf = (id: NodeId) => (id === INPUT ? input : activations[id]!.y);
    this.graph.nodes.forEach(({ layer, inputs }, id) => {
      activations.push(layer.forward(inputs.map(outputOf), this.#byNode[id]!));
    });
    return { input, activations, logits: activations.at(-1)!.y };
  }

  /** Mean and biased variance `[2, channels]` of each batch norm's batch, in forward order. */
  batchStatistics(tape: Tape): ChannelStatistics[] {
    return this.batchNorms.map(({ node }) => tape.activations[node]!.saved[0] as ChannelStatistics);
  }

  /** Gradients by parameter, in the order of `parameters`. */
  gradients(tape: Tape, dlogits: Tensor): Tensor[] {
    const { nodes } = this.graph;
    const byParameter: Tensor[][] = nodes.map(() => []);
    /** Gradients of each node's output, one from each node that reads it; to be added. */
    const byOutput: Tensor[][] = nodes.map(() => []);
    byOutput[nodes.length - 1]!.push(dlogits);
    for (let id = nodes.length - 1; id >= 0; id--) {
      const { layer, inputs } = nodes[id]!;
      if (!this.#trainable[id]) continue;
      const [dy, more] =
        byOutput[id]!.length === 2 && layer.takesSum
          ? byOutput[id]!
          : byOutput[id]!.reduce<Tensor[]>(([sum], term) => [sum ? add(sum, term) : term], []);
      if (!dy) throw new Error(`layer ${nodes[id]!.name} leads nowhere`);
      const values = inputs.map((input) => (input === INPUT ? tape.input : tape.activations[input]!.y));
      const gradients = layer.backward(
        dy,
        values,
        tape.activations[id]!,
        this.#byNode[id]!,
        this.#trainable[inputs[0]!] ?? false,
        more,
      );
      byParameter[id] = gradients.parameters;
      inputs.forEach((input, index) => {
        const gradient = gradients.inputs[index];
        if (input === INPUT || !gradient) return;
        byOutput[input]!.push(gradient);
      });
    }
    return byParameter.flat();
  }

  /**
   * Starts inference on `x` `[batch, …]` and runs to the first batch norm. The
   * caller disposes the cursor, and may dispose `x` right away.
   */
  start(x: Tensor): InferenceCursor {
    return new Cursor(this, new Map([[INPUT, x.clone()]]), 0).run();
  }

  /** Copies of all weights, by name. GPU → CPU. */
  async weights(): Promise<Weights> {
    const names = this.graph.nodes.flatMap((node) => node.parameters.map(({ name }) => name));
    const values = await Promise.all(this.parameters.map((parameter) => parameter.data<"float32">()));
    return Object.fromEntries(names.map((name, index) => [name, values[index]!.slice()]));
  }

  dispose(): void {
    dispose(this.parameters as Variable[]);
  }

  /** Parameters of a node, in its layer's order. */
  parametersOf(id: NodeId): readonly Variable[] {
    return this.#byNode[id]!;
  }
}

/**
 * Fresh weights for a graph: He-normal kernels, scales 1, offsets and biases 0; the same seed gives the same weights
 * everywhere.
 */
export function seededWeights(graph: Graph, seed: number): Weights {
  return Object.fromEntries(
    initialValues(
      graph.nodes.flatMap((node) => node.parameters),
      seed,
    ),
  );
}

/** Inference in progress: the values that later layers still need. */
class Cursor implements InferenceCursor {
  constructor(
    readonly network: Network,
    readonly values: Map<NodeId, Tensor>,
    private next: NodeId,
    public layer = 0,
  ) {}

  /** Input of the batch norm `layer`, or the logits at the end. */
  get value(): Tensor {
    const { nodes } = this.network.graph;
    const node = nodes[this.next];
    return this.values.get(node ? node.inputs[0]! : nodes.length - 1)!;
  }

  fork(): InferenceCursor {
    const values = new Map([...this.values].map(([id, value]) => [id, value.clone()]));
    return new Cursor(this.network, values, this.next, this.layer);
  }

  get epsilon(): number {
    return this.#norm().options.epsilon;
  }

  advance(statistics: RunningStatistics | ChannelStatistics): void {
    const y = this.output(statistics);
    this.#settle(this.network.batchNorms[this.layer]!.node, y);
    this.layer++;
    this.run();
  }

  output(statistics: RunningStatistics | ChannelStatistics): Tensor {
    const { options } = this.#norm();
    const { node } = this.network.batchNorms[this.layer]!;
    const [x, residual] = this.network.graph.nodes[node]!.inputs.map((input) => this.values.get(input)!);
    const [scale, offset] = this.network.parametersOf(node);
    return tidy(() =>
      normalize(x!, channelStatistics(statistics), scale!, offset!, { ...options, residual: residual ?? null }),
    );
  }

  dispose(): void {
    dispose([...this.values.values()]);
    this.values.clear();
  }

  /** Runs to the next batch norm, or to the end. */
  run(): this {
    const { nodes } = this.network.graph;
    while (this.next < nodes.length && !isBatchNorm(nodes[this.next]!.layer)) {
      const { layer, inputs } = nodes[this.next]!;
      const y = tidy(
        () =>
          layer.forward(
            inputs.map((input) => this.values.get(input)!),
            this.network.parametersOf(this.next),
          ).y,
      );
      this.#settle(this.next, y);
    }
    return this;
  }

  #norm(): BatchNorm {
    const node = this.network.batchNorms[this.layer]?.node;
    if (node === undefined) throw new Error("inference has already reached the logits");
    return this.network.graph.nodes[node]!.layer as BatchNorm;
  }

  /** Stores a node's value and frees the values that no later node reads. */
  #settle(id: NodeId, y: Tensor): void {
    this.values.set(id, y);
    this.next = id + 1;
    for (const [stored, value] of this.values) {
      const needed =
        stored === id || this.network.graph.nodes.slice(this.next).some((node) => node.inputs.includes(stored));
      if (needed) continue;
      value.dispose();
      this.values.delete(stored);
    }
  }
}
