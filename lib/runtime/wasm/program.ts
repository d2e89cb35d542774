/**
 * Our own WASM program, compiled from `assembly/`. It works in place on the WASM
 * backend's heap, with its own threads if the heap is shared.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { WasmBackend } from "./backend";
import { plainProgram, sharedProgram } from "./binary";
import type { ProgramExports } from "./helpers";
import { startHelpers } from "./helpers";

/** Operation numbers, as in `assembly/index.ts`. */
const operations = {
  product: 0,
  convolution: 1,
  kernelGradient: 2,
  flip: 3,
  statisticSums: 4,
  normalize: 5,
  normalizeGradient: 6,
  groupNorm: 7,
  groupNormGradient: 8,
  sgd: 9,
  adam: 10,
  maxPool: 11,
  maxPoolGradient: 12,
  sum: 13,
  average: 14,
  averageGradient: 15,
  crossEntropy: 16,
  beginStep: 17,
  gatherBatch: 18,
  store: 19,
  statistics: 20,
  normalizeGradientSums: 21,
  normalizeGradientFactors: 22,
  groupNormParameters: 23,
  multiplyAndAdd: 24,
  winogradKernel: 25,
  winograd: 26,
  winogradGradient: 27,
  winogradKernelGradient: 28,
} as const;

/** One operation on tensors that are already allocated. */
export interface Job {
  operation: keyof typeof operations;
  /** Addresses in bytes, extents in elements. */
  integers: readonly number[];
  reals: readonly number[];
  /** The approximate number of multiplications: threads don't share a small job. */
  work: number;
}

/** A list of jobs, laid out in memory, to be run again and again. */
export interface JobList {
  run(): void;
  dispose(): void;
}

export interface WasmProgram {
  /** Runs one operation. */
  perform(operation: Job["operation"], integers: readonly number[], options?: Partial<Job>): void;
  /** All jobs that `work` performs, in order. */
  record(work: () => void): Job[];
  /** Jobs that one call runs, each after the one before it. */
  listOf(jobs: readonly Job[]): JobList;
  /** Byte address of a tensor's values; 0 for no tensor. */
  address(tensor: TensorInfo | undefined): number;
  /** A new tensor, not zeroed. */
  allocate(shape: readonly number[], dtype?: "float32" | "int32"): TensorInfo;
  /** Whether `allocate` is at work. */
  readonly allocating: boolean;
  free(tensor: TensorInfo): void;
  /** Another tensor with the same memory, which is freed with the last of them. */
  share(tensor: TensorInfo): TensorInfo;
}

/** Bytes of a job: the operation, 30 integers, whether it is shared, then 8 floats. */
const JOB_BYTES = 192;
const SHARED = 31;
const REALS = 128;
/** Sharing a job costs about as much as this many multiplications. */
const WORTH_SHARING = 20_000;

/** A list with less work is not worth it: what threads write, the other's cache must fetch. */
const LIST_WORTH_SHARING = 3_000_000;

/**
 * Starts the program on the backend's heap.
 * @param threads total number of threads, used if the heap is shared
 */
export async function startWasmProgram(backend: WasmBackend, threads: number): Promise<WasmProgram> {
  const memory = backend.wasm.wasmMemory ?? backend.wasm.asm.memory;
  const shared = typeof SharedArrayBuffer !== "undefined" && memory.buffer instanceof SharedArrayBuffer;
  const module = await WebAssembly.compile(
    Uint8Array.from(atob(shared ? sharedProgram : plainProgram), (character) => character.charCodeAt(0)),
  );
  const { run, scratchBytes, barrierBytes } = (await WebAssembly.instantiate(module, { env: { memory } }))
    .exports as unknown as ProgramExports;

  const address = (tensor: TensorInfo | undefined) => (tensor ? backend.dataIdMap.get(tensor.dataId).memoryOffset : 0);
  let allocating = false;
  const allocate: WasmProgram["allocate"] = (shape, dtype = "float32") => {
    allocating = true;
    try {
      return backend.makeOutput([...shape], dtype);
    } finally {
      allocating = false;
    }
  };
  const free: WasmProgram["free"] = ({ dataId }) => backend.disposeData(dataId);
  const parts = shared ? threads : 1;
  // Never freed: the program lives as long as the backend.
  const single = address(allocate([JOB_BYTES / 4]));
  const barrier = address(allocate([barrierBytes() / 4]));
  const scratch = Array.from({ length: parts }, () => address(allocate([scratchBytes() / 4])));
  const helpers = parts > 1 ? await startHelpers({ module, memory, barrier, scratch }) : null;

  const isShared = ({ work }: Job) => helpers !== null && work >= WORTH_SHARING;
  const runList = (list: number, count: number, threaded: boolean) => {
    if (helpers && threaded) helpers.share(list, count, (parts) => run(list, count, 0, parts, scratch[0]!, barrier));
    else run(list, count, 0, 1, scratch[0]!, barrier);
  };
  const write = (job: Job, at: number) => {
    // New views each time: when the heap grows, old ones are detached.
    const integers = new Int32Array(memory.buffer, at, REALS / 4);
    integers.set([operations[job.operation], ...job.integers]);
    integers[SHARED] = Number(isShared(job));
    if (job.reals.length > 0) new Float64Array(memory.buffer, at + REALS, job.reals.length).set(job.reals);
  };
  let recorded: Job[] | null = null;

  return {
    address,
    allocate,
    get allocating() {
      return allocating;
    },
    free,
    share({ dataId, shape, dtype }) {
      backend.incRef(dataId);
      return { dataId, shape, dtype };
    },
    perform(operation, integers, { reals = [], work = 0 } = {}) {
      const job = { operation, integers, reals, work };
      recorded?.push(job);
      write(job, single);
      runList(single, 1, isShared(job));
    },
    record(work) {
      recorded = [];
      try {
        work();
        return recorded;
      } finally {
        recorded = null;
      }
    },
    listOf(jobs) {
      const list = allocate([(jobs.length * JOB_BYTES) / 4]);
      for (const [index, job] of jobs.entries()) write(job, address(list) + index * JOB_BYTES);
      const threaded = jobs.reduce((sum, { work }) => sum + work, 0) >= LIST_WORTH_SHARING;
      return { run: () => runList(address(list), jobs.length, threaded), dispose: () => free(list) };
    },
  };
}
