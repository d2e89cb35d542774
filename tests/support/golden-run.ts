/** Whole training runs of the golden numbers, with our networks and optimizer on PyTorch's data and weights. */
import { dispose, stack, tensor, tensor1d, tidy } from "@tensorflow/tfjs-core";
import type { Trace } from "@/lib/dmbn";
import { Bank, TraceRecorder } from "@/lib/dmbn";
import type { Graph } from "@/lib/models";
import { GraphBuilder, INPUT, Network } from "@/lib/models";
import { convolution } from "@/lib/models/convolution";
import { dense } from "@/lib/models/dense";
import { batchNormLayer, groupNormLayer } from "@/lib/models/norm";
import { globalAveragePool, maxPool } from "@/lib/models/pooling";
import { sgd } from "@/lib/training/optimizer";
import { packReport, readReport } from "@/lib/training/steps/readback";
import { trainStep } from "@/lib/training/steps/step";
import type { GoldenArray } from "./golden";
import { golden } from "./golden";

type LayerRow = [kind: string, ...numbers: (number | string)[]];

interface Outcome {
  testLogits: GoldenArray;
  testPredictions: number[];
}

interface Selection extends Outcome {
  momentum: (number | number[])[];
  esmTable: (number[] | null)[];
  population: { mean: GoldenArray; varianceBiased: GoldenArray }[];
}

export interface GoldenRun {
  layers: LayerRow[];
  epsilon: number;
  candidates: number[];
  batchSize: number;
  learningRate: number;
  sgdMomentum: number;
  order: number[][];
  initialWeights: Record<string, GoldenArray>;
  finalWeights: Record<string, GoldenArray>;
  losses: number[];
  train: { x: GoldenArray; y: number[] };
  calibrationCount: number;
  test: { x: GoldenArray; y: number[] };
  trace: { mean: GoldenArray; varianceUnbiased: GoldenArray }[];
  bank: { mean: GoldenArray; variance: GoldenArray }[];
  selection: {
    sequential: Selection;
    independent: Selection;
    perChannel: Selection;
    precise: Outcome & { statistics: { mean: GoldenArray; variance: GoldenArray }[] };
    static: Record<string, Outcome>;
  };
}

export const loadRun = (name: string) => golden<GoldenRun>(name);

/** Our graph of a golden run's layers; a rectifier and a residual join the norm before them. Nodes are named by row. */
function graphOf({ layers, epsilon, train }: GoldenRun): Graph {
  const builder = new GraphBuilder(train.x.shape.slice(1));
  let x = INPUT;
  let saved = INPUT;
  layers.forEach(([kind, ...numbers], row) => {
    const [a, b, size, stride] = numbers as number[];
    const following = layers.slice(row + 1, row + 3).map(([next]) => next);
    const residual = following[0] === "add";
    const relu = following[residual ? 1 : 0] === "relu";
    const inputs = residual ? [x, saved] : [x];
    const name = String(row);
    if (kind === "dense") x = builder.add(name, dense(b!, { bias: numbers[2] === "bias" }), x);
    else if (kind === "conv") x = builder.add(name, convolution(b!, { size: size!, stride: stride! }), x);
    else if (kind === "bn") x = builder.add(name, batchNormLayer({ epsilon, relu }), ...inputs);
    else if (kind === "ln") x = builder.add(name, groupNormLayer({ groups: 1, epsilon, relu }), ...inputs);
    else if (kind === "gn") x = builder.add(name, groupNormLayer({ groups: b!, epsilon, relu }), ...inputs);
    else if (kind === "pool") x = builder.add(name, maxPool(), x);
    else if (kind === "gap") x = builder.add(name, globalAveragePool(), x);
    else if (kind === "save") saved = x;
    else if (kind !== "relu" && kind !== "add") throw new Error(`the golden run has an unknown layer ${kind} (${a})`);
  });
  return builder.graph();
}

export interface Trained {
  network: Network;
  losses: number[];
  trace: Trace;
  bank: Bank;
}

/** Trains our network as the golden run was trained, and maintains the bank of its candidates along the way. */
export async function trainAs(run: GoldenRun): Promise<Trained> {
  const weights = Object.fromEntries(
    Object.entries(run.initialWeights).map(([name, { data }]) => [name, Float32Array.from(data)]),
  );
  const network = new Network(graphOf(run), weights);
  const optimizer = sgd(network.parameters, { momentum: run.sgdMomentum, weightDecay: 0 });
  const recorder = new TraceRecorder(network.batchNorms, run.order.length);
  const bank = new Bank(
    network.batchNorms,
    run.candidates.map((beta) => ({ momentum: () => beta })),
  );
  const steps = run.order.map((indices) =>
    tidy(() => {
      const labels = tensor1d(
        indices.map((index) => run.train.y[index]!),
        "int32",
      );
      const { loss, statistics } = trainStep(
        { network, optimizer },
        rowsOf(run.train.x, indices),
        labels,
        optimizer.rates(run.learningRate, 1),
      );
      return packReport(loss, statistics);
    }),
  );
  const reports = tidy(() => stack(steps));
  const values = await reports.data<"float32">(); // once: a readback takes long in Node
  dispose([reports, ...steps]);
  const size = values.length / steps.length;
  const losses = steps.map((_, step) => {
    const { loss, batches } = readReport(
      values.slice(step * size, (step + 1) * size),
      network.batchNorms,
      run.batchSize,
    );
    recorder.write(batches);
    bank.update(batches);
    return loss;
  });
  optimizer.dispose();
  return { network, losses, trace: recorder.trace(), bank };
}

/** Rows of a golden array as a tensor; the caller disposes it. */
export function rowsOf({ shape, data }: GoldenArray, indices: readonly number[]) {
  const size = shape.slice(1).reduce((product, extent) => product * extent, 1);
  return tensor(
    indices.flatMap((index) => data.slice(index * size, (index + 1) * size)),
    [indices.length, ...shape.slice(1)],
    "float32",
  );
}

export const range = (count: number) => Array.from({ length: count }, (_, index) => index);
