/**
 * `npm run bench -- --gpu`: training steps on a GPU, by WebGPU in Node, against peers on the same GPU in the same run;
 * and whether it computes what WASM computes.
 */
import type { Recipe } from "@/lib/records";
import type { Speed } from "@/lib/training";
import type { Agreement } from "./agreement";
import type { Measurement } from "./measure";
import { format, median, row } from "./measure";
import type { TorchDevice } from "./programs";
import { figure, program, pyTorch } from "./programs";

const ROUNDS = 3;

interface TimedOnGpu {
  title: string;
  board: string;
  recipe: Pick<Recipe, "model" | "width" | "batchSize">;
  /** Steps of one of PyTorch's rounds. */
  steps: number;
  seconds: number;
}

const timed: TimedOnGpu[] = [
  {
    title: "MLP, batch 64",
    board: "mnist-mlp",
    recipe: { model: "mlp", width: 1, batchSize: 64 },
    steps: 500,
    seconds: 3,
  },
  {
    title: "CNN, batch 128",
    board: "cifar-10-cnn",
    recipe: { model: "cnn", width: 1, batchSize: 128 },
    steps: 200,
    seconds: 3,
  },
  {
    title: "ResNet-50, width 1/8, batch 32",
    board: "cifar-10-cnn",
    recipe: { model: "resnet-50", width: 1 / 8, batchSize: 32 },
    steps: 50,
    seconds: 4,
  },
  {
    title: "ResNet-50, batch 128",
    board: "cifar-10-cnn",
    recipe: { model: "resnet-50", width: 1, batchSize: 128 },
    steps: 10,
    seconds: 6,
  },
];

const torch = ({ recipe, steps }: TimedOnGpu, device: TorchDevice) => ({
  title: device === "cuda" ? "PyTorch" : "PyTorch's CUDA graph",
  once: () => pyTorch(recipe, steps, { device }),
});

const inBrowsers = ({ recipe: { model, batchSize } }: TimedOnGpu) => [
  ...(model === "resnet-50"
    ? []
    : [{ title: "tf.layers on WebGPU", once: () => figure(program("step_layers", "webgpu", model, batchSize)) }]),
  ...(model === "mlp"
    ? [{ title: "jax-js on WebGPU", once: () => figure(program("step_jax", "webgpu", batchSize)) }]
    : []),
];

/** Ours and its peers in turn. */
function* stepsOf(network: TimedOnGpu): Generator<Measurement> {
  const { title, board, recipe, seconds } = network;
  const peers = [torch(network, "cuda"), torch(network, "cuda-graph"), ...inBrowsers(network)];
  const rounds = Array.from({ length: ROUNDS }, () => ({
    ours: program("step_gpu", board, recipe.model, recipe.width, recipe.batchSize, seconds),
    theirs: peers.map(({ once }) => once()),
  }));
  const failed = rounds.find(({ ours }) => ours instanceof Error);
  if (failed) {
    yield { name: title, value: null, unit: "images/s", goal: "", note: (failed.ours as Error).message };
    return;
  }
  const speeds = rounds.map(({ ours }) => JSON.parse(ours as string) as Speed);
  const images = speeds.map(({ imagesPerSecond }) => imagesPerSecond.median);
  const { dispatches, fault, parts } = speeds[0]!;
  const milliseconds = Object.entries(parts ?? {}).map(([part, time]) => `${part} ${format(1000 * time)} ms`);
  yield row(title, images, "images/s", `; ${fault ?? [`${dispatches} dispatches`, ...milliseconds].join(", ")}`);
  for (const [index, peer] of peers.entries()) {
    const figures = rounds.map(({ theirs }) => theirs[index]!);
    const missing = figures.find((each) => typeof each === "string");
    const name = `… against ${peer.title}`;
    yield missing === undefined
      ? {
          name,
          value: median(images) / median(figures as number[]),
          unit: "×",
          goal: "",
          note: `${format(median(figures as number[]))} images/s, ${row("", figures as number[]).note}`,
        }
      : { name, value: null, unit: "×", goal: "", note: missing };
  }
}

/** Prints as it goes: a machine with a GPU may be lent for minutes only. */
export function onGpu(print: (measurements: readonly Measurement[]) => void): void {
  const printed = program("agreement");
  if (printed instanceof Error) {
    console.error(`Nothing is measured. ${printed.message}`);
    process.exit(1);
  }
  const { adapter, boards } = JSON.parse(printed) as Agreement;
  console.log(`${adapter}, which passed the self-test`);
  print(
    boards.map(({ board, predictions, differing, notRepeated }) => ({
      name: `predictions unlike WASM's: ${board}`,
      value: differing,
      unit: `of ${predictions.toLocaleString("en")}`,
      goal: "",
      note: `in a second run on WebGPU ${notRepeated} unlike the first's`,
    })),
  );
  for (const network of timed) for (const measurement of stepsOf(network)) print([measurement]);
}
