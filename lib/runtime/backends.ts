/**
 * The backends of TensorFlow.js that we run on, each with our kernels: WebGPU,
 * WASM (with threads where the page is cross-origin isolated) and plain CPU.
 */
import "@tensorflow/tfjs-backend-cpu";
import { getThreadsCount, setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { backend, env, getBackend, setBackend } from "@tensorflow/tfjs-core";
import { registerHostKernels } from "./host/kernels";
import type { WasmBackend } from "./host/memory";
import { registerWasmKernels } from "./wasm/kernels";
import { startWasmProgram } from "./wasm/program";
import { allowThreads, loadThreadsFrom } from "./wasm/threads";
import { registerWebGPU } from "./webgpu/device";
import { registerWebGPUKernels } from "./webgpu/kernels";

export type BackendName = "webgpu" | "wasm" | "cpu";

export interface BackendInfo {
  name: BackendName;
  /** What the browser or driver says of itself. */
  adapter: string;
  threads: number;
  /** A GPU that the CPU plays: right, and slower than the CPU itself. */
  emulated: boolean;
  limits: MemoryLimits;
  /** Tells of a lost device or an uncaught GPU error, once; never on the other backends. */
  onFault(listener: (reason: string) => void): void;
}

/** What a backend can hold; infinite where it doesn't say. */
export interface MemoryLimits {
  /** In one tensor. */
  tensorBytes: number;
  /** In all together. */
  totalBytes: number;
}

export interface BackendOptions {
  /** Where the three .wasm files of the WASM backend are: a URL prefix, or a URL for each file name. */
  wasmPaths: string | Record<string, string>;
  /**
   * Absolute URL of `tfjs-backend-wasm-threaded-simd.js` as published: where a bundler has rewritten the backend, its
   * threads start from this.
   */
  wasmThreadProgram?: string;
  /** For WASM, where threads can be had; default: one for each of the machine's cores. */
  threads?: number;
}

/**
 * Puts a backend in use, with our kernels.
 * @throws Error that says why it can't be had
 */
export async function startBackend(name: BackendName, options: BackendOptions): Promise<BackendInfo> {
  const info = await prepare(name, options);
  // A failed setBackend may leave another one in its place without a word.
  if (!(await setBackend(name)) || getBackend() !== name) throw new Error(`the ${name} backend did not start`);
  if (name === "wasm") {
    const count = Math.max(1, getThreadsCount());
    if (!programStarted) registerWasmKernels(await startWasmProgram(backend() as WasmBackend, count));
    programStarted = true;
    registerHostKernels("wasm"); // those that the program has not: the loss
    return {
      ...info,
      adapter: `SIMD ${(await env().getAsync("WASM_HAS_SIMD_SUPPORT")) ? "on" : "off"}, ${count} thread${count === 1 ? "" : "s"}`,
      threads: count,
    };
  }
  return info;
}

async function prepare(
  name: BackendName,
  { wasmPaths, wasmThreadProgram, threads }: BackendOptions,
): Promise<BackendInfo> {
  const never = () => {};
  switch (name) {
    case "webgpu": {
      const { device, adapter, emulated, onFault } = await registerWebGPU();
      registerWebGPUKernels();
      const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
      return {
        name,
        adapter,
        threads: 1,
        emulated,
        limits: { tensorBytes: Math.min(maxBufferSize, maxStorageBufferBindingSize), totalBytes: Infinity },
        onFault,
      };
    }
    case "wasm":
      if (!wasmStarted) {
        setWasmPaths(wasmPaths);
        if (wasmThreadProgram) loadThreadsFrom(wasmThreadProgram);
        const cores = threads ?? (globalThis.navigator as Navigator | undefined)?.hardwareConcurrency ?? 1;
        allowThreads(cores);
        setThreadsCount(cores);
        wasmStarted = true;
      }
      return {
        name,
        adapter: "",
        threads: 1,
        emulated: false,
        limits: { tensorBytes: WASM_HEAP_BYTES, totalBytes: WASM_HEAP_BYTES },
        onFault: never,
      };
    case "cpu":
      registerHostKernels("cpu");
      return {
        name,
        adapter: "JavaScript",
        threads: 1,
        emulated: false,
        limits: { tensorBytes: Infinity, totalBytes: Infinity },
        onFault: never,
      };
  }
}

/** 32-bit addresses, as the published programs are built: one heap for every tensor. */
const WASM_HEAP_BYTES = 2 ** 32;

/** The WASM backend reads its paths and threads once. */
let wasmStarted = false;
let programStarted = false;
