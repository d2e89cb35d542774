/** Capture and replay of training steps on the WASM backend: see `lib/training/steps/capture.ts`. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { util } from "@tensorflow/tfjs-core";
import type { WasmBackend } from "./backend";
import type { Job, WasmProgram } from "./program";

/** The data set of a run may take this many bytes of the heap of 4 GiB. */
const TENSOR_BYTES = 2 ** 30;

/** Multiplications between two calls of `beforeWork`: a tenth of a second, or less than a step. */
const WORK_PER_LIST = 2e9;

/** Lets the backend capture steps that only our program computes. */
export function addCapture(backend: WasmBackend, program: WasmProgram): void {
  Object.assign(backend, {
    tensorBytes: TENSOR_BYTES,
    capture: (step: () => void) => capture(backend, program, step),
    overwrite: (tensor: TensorInfo, values: Float32Array | Int32Array) =>
      backend.typedArrayFromHeap(tensor).set(values),
    floats: (tensor: TensorInfo) => backend.typedArrayFromHeap(tensor),
    finished: async () => {},
  });
}

function capture(backend: WasmBackend, program: WasmProgram, step: () => void) {
  const { wasm } = backend;
  const { _free: free } = wasm;
  const { write, readSync } = backend;
  let fault: string | null = null;
  // The step keeps what it frees: other tensors there would be overwritten by a replay.
  const kept: number[] = [];
  wasm._free = (address) => void kept.push(address);
  backend.write = (values, shape, dtype) => {
    if (values) fault ??= `it uploads ${util.sizeFromShape(shape)} values`;
    else if (!program.allocating) fault ??= `a kernel of TensorFlow.js's own makes ${dtype} [${shape}]`;
    return write.call(backend, values, shape, dtype);
  };
  backend.readSync = (...tensor) => {
    fault ??= "it reads something back";
    return readSync.apply(backend, tensor);
  };
  const release = () => {
    for (const address of kept.splice(0)) free.call(wasm, address);
  };
  let jobs: Job[];
  try {
    jobs = program.record(step);
  } catch (error) {
    release();
    throw error;
  } finally {
    Object.assign(wasm, { _free: free });
    Object.assign(backend, { write, readSync });
  }
  if (fault !== null) {
    release();
    return fault;
  }
  const lists = divided(jobs).map(program.listOf);
  return {
    dispatches: jobs,
    replay(times: number) {
      for (let time = 0; time < times; time++) {
        for (const list of lists) {
          backend.beforeWork?.();
          list.run();
        }
      }
    },
    profile: async (times: number, now: () => number) => profile(program, jobs, times, now),
    dispose() {
      for (const list of lists) list.dispose();
      release();
    },
  };
}

/** Lists of about `WORK_PER_LIST` at most, unless a single job is more. */
function divided(jobs: readonly Job[]): Job[][] {
  const lists: Job[][] = [];
  let work = Infinity;
  for (const job of jobs) {
    if (work + job.work > WORK_PER_LIST) {
      lists.push([]);
      work = 0;
    }
    lists.at(-1)!.push(job);
    work += job.work;
  }
  return lists;
}

/** What jobs are about; the others are the rest. */
const parts: Partial<Record<Job["operation"], "products" | "norms" | "loss" | "optimizer">> = {
  product: "products",
  convolution: "products",
  kernelGradient: "products",
  flip: "products",
  winogradKernel: "products",
  winograd: "products",
  winogradGradient: "products",
  winogradKernelGradient: "products",
  statisticSums: "norms",
  statistics: "norms",
  normalize: "norms",
  normalizeGradient: "norms",
  normalizeGradientSums: "norms",
  normalizeGradientFactors: "norms",
  groupNorm: "norms",
  groupNormGradient: "norms",
  groupNormParameters: "norms",
  crossEntropy: "loss",
  sgd: "optimizer",
  adam: "optimizer",
};

/** Seconds of a step by what its jobs are about; neighbours of one kind run as one list. */
function profile(program: WasmProgram, jobs: readonly Job[], times: number, now: () => number) {
  const groups: { part: keyof typeof seconds; jobs: Job[] }[] = [];
  const seconds = { products: 0, norms: 0, loss: 0, optimizer: 0, rest: 0 };
  for (const job of jobs) {
    const part = parts[job.operation] ?? "rest";
    if (groups.at(-1)?.part === part) groups.at(-1)!.jobs.push(job);
    else groups.push({ part, jobs: [job] });
  }
  const lists = groups.map(({ part, jobs }) => ({ part, list: program.listOf(jobs) }));
  for (let time = 0; time < times; time++) {
    for (const { part, list } of lists) {
      const from = now();
      list.run();
      seconds[part] += (now() - from) / 1000 / times;
    }
  }
  for (const { list } of lists) list.dispose();
  return seconds;
}
