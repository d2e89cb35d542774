/**
 * The memory of a training step: what it takes at least, computed from the
 * graph, and what to say where a backend has less or has run out of it.
 */
import type { Graph } from "@/lib/models";
import type { Recipe } from "@/lib/records";
import type { RunPlan } from "./plan";

/** What a backend can hold; infinite where it doesn't say. */
export interface MemoryLimits {
  /** In one tensor. */
  tensorBytes: number;
  /** In all together. */
  totalBytes: number;
}

/** A run that a backend has no memory for. */
export class OutOfMemory extends Error {
  override name = "OutOfMemory";
}

const BYTES = 4; // float32
const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

/**
 * Bytes of one step at least: the batch, every layer's output and its gradient
 * (all are kept until the step ends), weights, their gradients and the optimizer's memory.
 */
export function stepBytes(
  { inputShape, nodes }: Graph,
  { batchSize, optimizer }: Pick<Recipe, "batchSize" | "optimizer">,
): number {
  const outputs = nodes.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const parameters = nodes.flatMap((node) => node.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return BYTES * (batchSize * (sizeOf(inputShape) + 2 * outputs) + parameters * (optimizer === "adam" ? 4 : 3));
}

/** Bytes of the largest tensor of a step at least. */
function largestTensor({ inputShape, nodes }: Graph, { batchSize }: Pick<Recipe, "batchSize">): number {
  const parameters = nodes.flatMap((node) => node.parameters).map(({ shape }) => sizeOf(shape));
  return (
    BYTES *
    Math.max(batchSize * sizeOf(inputShape), ...nodes.map(({ shape }) => batchSize * sizeOf(shape)), ...parameters)
  );
}

/** A step takes up to this many times the least: copies that kernels make on the way. */
const SPARE = 1.75;

/** @throws OutOfMemory, with a batch size that fits, where a step can't fit into what the backend has */
export function checkMemory({ graph, recipe }: RunPlan, { tensorBytes, totalBytes }: MemoryLimits): void {
  const step = stepBytes(graph, recipe);
  const tensor = largestTensor(graph, recipe);
  if (step <= totalBytes && tensor <= tensorBytes) return;
  const what =
    step > totalBytes
      ? `a step needs ${gigabytes(step)} of memory at least, and this backend has ${gigabytes(totalBytes)}`
      : `its largest tensor needs ${gigabytes(tensor)}, and this backend takes ${gigabytes(tensorBytes)} at most`;
  const fits = powersBelow(recipe.batchSize).find(
    (batchSize) =>
      SPARE * stepBytes(graph, { ...recipe, batchSize }) <= totalBytes &&
      largestTensor(graph, { batchSize }) <= tensorBytes,
  );
  throw new OutOfMemory(
    `batchSize ${recipe.batchSize}: ${what}. ${fits ? `A batch size of ${fits} fits.` : "No batch size fits: lower the width, or train on another backend."}`,
  );
}

/** What backends, browsers and Node say when memory ends: V8, Emscripten's heap, WebGPU. */
const spent =
  /out of memory|memory access out of bounds|array buffer allocation failed|invalid typed array length|cannot enlarge memory|aborted\(oom\)|exceeds the max(imum)? buffer/i;

/** `error`, or what to do about it where it says that memory ran out. */
export function explained(error: unknown, { batchSize }: Recipe): unknown {
  if (!(error instanceof Error) || error instanceof OutOfMemory || !spent.test(error.message)) return error;
  const [next] = powersBelow(batchSize);
  return new OutOfMemory(
    `memory ran out at batch size ${batchSize} (${error.message}). ${next ? `Try a batch size of ${next}, or a smaller calibration split.` : "Try a smaller width, or a smaller calibration split."}`,
  );
}

/** Powers of two below `size`, the largest first. */
const powersBelow = (size: number): number[] =>
  Array.from({ length: Math.max(0, Math.ceil(Math.log2(size))) }, (_, power) => 2 ** power).reverse();

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toPrecision(2)} GiB`;
