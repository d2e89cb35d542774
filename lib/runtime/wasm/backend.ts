/** TensorFlow.js's WASM backend, as far as our program works on its heap. */
import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";

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
