/**
 * Memory of a training step, computed from the graph before anything runs, and the
 * error for a backend that has less or has run out.
 */
import type { Graph } from "@/lib/models";
import type { Recipe } from "@/lib/records";
import type { RunPlan } from "./plan";

/** Memory limits of a backend; infinite if it reports none. */
export interface MemoryLimits {
  /** The largest single tensor. */
  tensorBytes: number;
  /** All tensors together. */
  totalBytes: number;
  /** Whether the tensors of a step share memory where they are needed at different times. Default: no. */
  sharing?: boolean;
}

/** The backend has too little memory for the run. */
export class OutOfMemory extends Error {
  override name = "OutOfMemory";
}

const BYTES = 4; // float32
const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

/** Values that an optimizer keeps for each parameter: SGD's velocity, Adam's two moments. */
const stateSize: Record<Recipe["optimizer"], number> = { sgd: 1, adam: 2 };

/**
 * A step's bytes: the batch, every layer's output, the weights, their gradients and the optimizer's state. Where tensors
 * share memory, gradients of outputs lie where outputs were, and this is what a step takes; elsewhere they all live until
 * the step ends, and it is a lower bound, since kernels make temporary copies.
 */
export function stepBytes(
  { inputShape, nodes }: Graph,
  { batchSize, optimizer }: Pick<Recipe, "batchSize" | "optimizer">,
  sharing = false,
): number {
  const outputs = nodes.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const parameters = nodes.flatMap((node) => node.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const values = sizeOf(inputShape) + outputs * (sharing ? 1 : 2);
  return BYTES * (batchSize * values + parameters * (2 + stateSize[optimizer]));
}

/** Bytes that training takes: a step, and the images of the training split. */
export const trainingBytes = ({ graph, recipe, dataset }: RunPlan, sharing = false): number =>
  stepBytes(graph, recipe, sharing) + dataset.train.images.length;

/** What training takes on a backend, in words: `about 3.4 GiB`, or `at least` so much where no tensors share memory. */
export const describeMemory = (plan: RunPlan, { sharing = false }: MemoryLimits): string =>
  `${sharing ? "about" : "at least"} ${binary(trainingBytes(plan, sharing))}`;

/** Lower bound of a step's largest tensor, in bytes. */
function largestTensor({ inputShape, nodes }: Graph, { batchSize }: Pick<Recipe, "batchSize">): number {
  const values = [{ shape: inputShape }, ...nodes].map(({ shape }) => batchSize * sizeOf(shape));
  const parameters = nodes.flatMap((node) => node.parameters).map(({ shape }) => sizeOf(shape));
  return BYTES * [...values, ...parameters].reduce((most, size) => Math.max(most, size));
}

/** A step takes up to this many times the lower bound. */
const SPARE = 1.75;

/** @throws OutOfMemory, suggesting a batch size that fits, if a step can't fit into the backend's memory */
export function checkMemory({ graph, recipe }: RunPlan, { tensorBytes, totalBytes, sharing }: MemoryLimits): void {
  const step = stepBytes(graph, recipe, sharing);
  const tensor = largestTensor(graph, recipe);
  if (step <= totalBytes && tensor <= tensorBytes) return;
  const problem =
    step > totalBytes
      ? `a step needs ${gigabytes(step)} of memory at least, and this backend has ${gigabytes(totalBytes)}`
      : `its largest tensor needs ${gigabytes(tensor)}, and this backend takes ${gigabytes(tensorBytes)} at most`;
  const fits = powersBelow(recipe.batchSize).find(
    (batchSize) =>
      SPARE * stepBytes(graph, { ...recipe, batchSize }, sharing) <= totalBytes &&
      largestTensor(graph, { batchSize }) <= tensorBytes,
  );
  throw new OutOfMemory(
    `batchSize ${recipe.batchSize}: ${problem}. ` +
      (fits ? `A batch size of ${fits} fits.` : "No batch size fits: lower the width, or train on another backend."),
  );
}

/** Messages of out-of-memory errors from V8, Emscripten and WebGPU. */
const outOfMemoryMessage = new RegExp(
  [
    "out of memory",
    "memory access out of bounds",
    "array buffer allocation failed",
    "invalid typed array length",
    "cannot enlarge memory",
    "aborted\\(oom\\)",
    "exceeds the max(imum)? buffer",
  ].join("|"),
  "i",
);

/** An `OutOfMemory` with a remedy if `error` says that memory ran out; else `error` itself. */
export function explainOutOfMemory(error: unknown, { batchSize }: Recipe): unknown {
  if (!(error instanceof Error) || error instanceof OutOfMemory || !outOfMemoryMessage.test(error.message))
    return error;
  const [next] = powersBelow(batchSize);
  return new OutOfMemory(
    `memory ran out at batch size ${batchSize} (${error.message}). ` +
      `Try a ${next ? `batch size of ${next}` : "smaller width"}, or a smaller calibration split.`,
  );
}

/** Powers of two below `size`, the largest first. */
const powersBelow = (size: number): number[] =>
  Array.from({ length: Math.max(0, Math.ceil(Math.log2(size))) }, (_, power) => 2 ** power).reverse();

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toPrecision(2)} GiB`;

const binary = (bytes: number): string =>
  bytes < 2 ** 30 ? `${Math.max(1, Math.round(bytes / 2 ** 20))} MiB` : gigabytes(bytes);
