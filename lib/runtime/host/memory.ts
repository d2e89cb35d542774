/**
 * Tensor memory of the backends whose data JavaScript can read directly: the CPU
 * backend's arrays and the WASM backend's heap, so that kernels that loop over
 * typed arrays are written once for both.
 */
import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";

export interface HostMemory {
  /** A new float32 tensor, not zeroed. Allocate all tensors before viewing any: growing the heap detaches views. */
  allocate(shape: number[]): TensorInfo;
  /** The tensor's own memory, not a copy. */
  floats(tensor: TensorInfo): Float32Array;
  integers(tensor: TensorInfo): Int32Array;
}

/** By kernel name: inputs and attributes → outputs, newly allocated. */
export type HostKernels<Attributes> = Record<
  string,
  (inputs: Record<string, TensorInfo | undefined>, attributes: Attributes, memory: HostMemory) => TensorInfo[]
>;

type TypedArrayOf = (tensor: TensorInfo) => Float32Array | Int32Array;

/** The part of the CPU backend that we use; its types are not exported. */
interface CpuBackend extends KernelBackend {
  makeTensorInfo(shape: number[], dtype: "float32", values: Float32Array): TensorInfo;
  data: { get(dataId: object): { values: Float32Array | Int32Array } };
}

/** The part of the WASM backend that we use. */
export interface WasmBackend extends KernelBackend {
  makeOutput(shape: number[], dtype: "float32" | "int32"): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array;
  dataIdMap: { get(dataId: object): { memoryOffset: number } };
  /** Emscripten's module. With threads its memory is `wasmMemory`, without `asm.memory`. */
  wasm: {
    wasmMemory?: WebAssembly.Memory;
    asm: { memory: WebAssembly.Memory };
    HEAPU8: Uint8Array;
    _free(address: number): void;
  };
  /** Ours: called before each part of a captured step. */
  beforeWork?: () => void;
}

const memory = (allocate: HostMemory["allocate"], view: TypedArrayOf): HostMemory => ({
  allocate,
  floats: (tensor) => view(tensor) as Float32Array,
  integers: (tensor) => view(tensor) as Int32Array,
});

/** By backend: how a kernel accesses its tensors. Every kernel call passes the backend object. */
export const hostMemories = {
  cpu: (backend: unknown) => {
    const cpu = backend as CpuBackend;
    return memory(
      (shape) =>
        cpu.makeTensorInfo(shape, "float32", new Float32Array(shape.reduce((size, extent) => size * extent, 1))),
      (tensor) => cpu.data.get(tensor.dataId).values,
    );
  },
  wasm: (backend: unknown) => {
    const wasm = backend as WasmBackend;
    return memory(
      (shape) => wasm.makeOutput(shape, "float32"),
      (tensor) => wasm.typedArrayFromHeap(tensor),
    );
  },
} satisfies Record<string, (backend: unknown) => HostMemory>;
