/**
 * Our own WASM program, compiled from `assembly/`. It works in place on the WASM
 * backend's heap, with its own threads if the heap is shared.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { WasmBackend } from "../host/memory";
import { plainProgram, sharedProgram } from "./binary";
import type { Helpers, ProgramExports } from "./helpers";
import { startHelpers } from "./helpers";

/** Operation numbers, as in `assembly/index.ts`. */
const operations = {
  product: 0,
  convolution: 1,
  kernelGradient: 2,
  flip: 3,
  statistics: 4,
  normalize: 5,
  normalizeGradient: 6,
  groupNorm: 7,
  groupNormGradient: 8,
  sgd: 9,
  adam: 10,
} as const;

export interface WasmProgram {
  /**
   * Runs one operation. All its tensors must already be allocated.
   * @param integers addresses in bytes, extents in elements
   * @param work the approximate number of multiplications: small jobs aren't worth waking a helper thread
   */
  perform(
    operation: keyof typeof operations,
    integers: readonly number[],
    options?: { reals?: readonly number[]; work?: number },
  ): void;
  /** Byte address of a tensor's values; 0 for no tensor. */
  address(tensor: TensorInfo | undefined): number;
  /** A new float32 tensor, not zeroed. */
  allocate(shape: readonly number[]): TensorInfo;
  free(tensor: TensorInfo): void;
}

/** Bytes of a job: the operation and 31 integers, then 8 floats. */
const JOB_BYTES = 192;
const REALS = 128;
/** Waking the helper threads costs about as much as this many multiplications. */
const WORTH_SHARING = 200_000;

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
  const { run, scratchBytes } = (await WebAssembly.instantiate(module, { env: { memory } }))
    .exports as unknown as ProgramExports;

  const address = (tensor: TensorInfo | undefined) => (tensor ? backend.dataIdMap.get(tensor.dataId).memoryOffset : 0);
  const allocate = (shape: readonly number[]) => backend.makeOutput([...shape], "float32");
  const parts = shared ? threads : 1;
  // Never freed: the program lives as long as the backend.
  const job = address(allocate([JOB_BYTES / 4]));
  const scratch = Array.from({ length: parts }, () => address(allocate([scratchBytes() / 4])));
  const helpers: Helpers | null = parts > 1 ? await startHelpers({ module, memory, job, scratch }) : null;

  return {
    address,
    allocate,
    free: ({ dataId }) => backend.disposeData(dataId),
    perform(operation, integers, { reals = [], work = 0 } = {}) {
      // New views each time: when the heap grows, old ones are detached.
      new Int32Array(memory.buffer, job, 1 + integers.length).set([operations[operation], ...integers]);
      if (reals.length > 0) new Float64Array(memory.buffer, job + REALS, reals.length).set(reals);
      if (helpers && work >= WORTH_SHARING) helpers.share(() => run(job, 0, parts, scratch[0]!));
      else run(job, 0, 1, scratch[0]!);
    },
  };
}
