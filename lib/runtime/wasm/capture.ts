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
