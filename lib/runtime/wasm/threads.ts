/**
 * Threads of the WASM backend. The backend starts them from the source text of its
 * program, `factory.toString()`. After bundling, that text no longer runs on its
 * own, so the threads load the published file instead.
 */
import program from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js";

/**
 * Makes the threads load the published program; call before the backend starts.
 * @param url absolute address of `tfjs-backend-wasm-threaded-simd.js`
 */
export function loadThreadsFrom(url: string): void {
  // The backend prepends `var WasmBackendModuleThreadedSimd = `; the file declares that name itself.
  program.toString = () => `undefined; importScripts(${JSON.stringify(url)});`;
}

/**
 * Lets the backend start `threads` threads. It starts one for every two cores
 * that the browser reports, so this reports twice as many. Call before it starts.
 */
export function allowThreads(threads: number): void {
  const { navigator } = globalThis;
  if (navigator?.hardwareConcurrency)
    Object.defineProperty(navigator, "hardwareConcurrency", { value: 2 * threads, configurable: true });
}
