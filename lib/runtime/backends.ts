/**
 * The TensorFlow.js backends that we run on, each with our kernels: WebGPU, WASM
 * (with threads if the page is cross-origin isolated) and plain CPU.
 */
import "@tensorflow/tfjs-backend-cpu";
import { getThreadsCount, setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { backend, env, getBackend, setBackend } from "@tensorflow/tfjs-core";
import { registerHostKernels } from "./host/kernels";
import type { WasmBackend } from "./wasm/backend";
import { addCapture } from "./wasm/capture";
import { registerWasmKernels } from "./wasm/kernels";
import { startWasmProgram } from "./wasm/program";
import { allowThreads, loadThreadsFrom } from "./wasm/threads";
import { registerWebGPU } from "./webgpu/device";
import { registerWebGPUKernels } from "./webgpu/kernels";

export type BackendName = "webgpu" | "wasm" | "cpu";

export interface BackendInfo {
  name: BackendName;
  /** A description from the browser or driver. */
  adapter: string;
  threads: number;
  /** Whether the GPU is emulated in software: correct, but slower than the CPU itself. */
  emulated: boolean;
  limits: MemoryLimits;
  /** Calls the listener once, when the device is lost or on an uncaught GPU error; never on other backends. */
  onFault(listener: (reason: string) => void): void;
}

/** Memory limits of a backend; infinite if it reports none. */
export interface MemoryLimits {
  /** The largest single tensor. */
  tensorBytes: number;
  /** All tensors together. */
  totalBytes: number;
  /** Whether the tensors of a step share memory where they are needed at different times. Default: no. */
  sharing?: boolean;
}

export interface BackendOptions {
  /** Where to load the three .wasm files of the WASM backend: a URL prefix, or a URL for each file name. */
  wasmPaths: string | Record<string, string>;
  /**
   * Absolute URL of the published `tfjs-backend-wasm-threaded-simd.js`, for pages whose bundler rewrites the backend.
   * Its threads load this file.
   */
  wasmThreadProgram?: string;
  /** Number of threads for WASM, if it can have any; default: one per core. */
  threads?: number | undefined;
}

/**
 * Starts a backend with our kernels and makes it the current one.
 * @throws Error with the reason if it can't be started
 */
export async function startBackend(name: BackendName, options: BackendOptions): Promise<BackendInfo> {
  const info = await prepare(name, options);
  // A failed setBackend may silently leave another backend current.
  if (!(await setBackend(name)) || getBackend() !== name) throw new Error(`the ${name} backend did not start`);
  if (name === "wasm") {
    const count = Math.max(1, getThreadsCount());
    if (!(await env().getAsync("WASM_HAS_SIMD_SUPPORT"))) throw new Error(SIMD_MISSING);
    if (!programStarted) {
      const wasm = backend() as WasmBackend;
      const program = await startWasmProgram(wasm, count);
      registerWasmKernels(program);
      addCapture(wasm, program);
    }
    programStarted = true;
    return {
      ...info,
      adapter: `SIMD on, ${count} thread${count === 1 ? "" : "s"}`,
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
        limits: {
          tensorBytes: Math.min(maxBufferSize, maxStorageBufferBindingSize),
          totalBytes: Infinity,
          sharing: true,
        },
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
      registerHostKernels();
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

const SIMD_MISSING =
  "expected WebAssembly with SIMD, which our kernels are written for, found none: " +
  "update this browser (Chrome 91, Firefox 89, Safari 16.4 or later), or train on the CPU backend";

/** The published builds have one heap for all tensors, with 32-bit addresses. */
const WASM_HEAP_BYTES = 2 ** 32;

/** The WASM backend reads its paths and number of threads only once. */
let wasmStarted = false;
let programStarted = false;
