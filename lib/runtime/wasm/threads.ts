/**
 * Threads of the WASM backend. It starts them from the source text of its own
 * program, `factory.toString()`; a bundler has rewritten the copy it carries, so
 * that its text no longer stands alone. The published file is named instead.
 */
import program from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js";

/**
 * Lets the threads load the published program; call before the backend starts.
 * @param url absolute address of `tfjs-backend-wasm-threaded-simd.js`
 */
export function loadThreadsFrom(url: string): void {
  // The backend writes `var WasmBackendModuleThreadedSimd = ` before it; the file declares that name itself.
  program.toString = () => `undefined; importScripts(${JSON.stringify(url)});`;
}

/**
 * Lets the backend start `threads` threads: it takes one for two of the cores it
 * is told of, so in a browser it is told of twice as many. Call before it starts.
 */
export function allowThreads(threads: number): void {
  const { navigator } = globalThis;
  if (navigator?.hardwareConcurrency)
    Object.defineProperty(navigator, "hardwareConcurrency", { value: 2 * threads, configurable: true });
}
