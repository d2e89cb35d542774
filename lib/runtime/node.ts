/**
 * Backends in Node, for the command line, the server and the benchmarks: WASM with
 * threads, and WebGPU through Dawn (npm `webgpu`, optional). Never bundled for
 * browsers.
 */

import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { WorkerOptions } from "node:worker_threads";
import { env } from "@tensorflow/tfjs-core";
import type { BackendInfo, BackendName } from "./backends";
import { startBackend } from "./backends";
import { provideWebGPU } from "./dawn";

const require = createRequire(import.meta.url);
const threading = require("node:worker_threads") as { Worker: typeof import("node:worker_threads").Worker };

/** The WASM backend's files in the installed package. */
export const installedWasm = (): string =>
  path.join(path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist") + path.sep;

/**
 * Starts a backend and makes it the current one, as `startBackend` does.
 * @param threads for WASM; default: one per core
 * @param wasmPaths the folder of the WASM backend's files, with a slash at the end; default: the installed package's
 * @throws Error with the reason if it can't be started
 */
export async function startNodeBackend(
  name: BackendName,
  {
    threads = os.availableParallelism(),
    wasmPaths = installedWasm(),
  }: { threads?: number | undefined; wasmPaths?: string | undefined } = {},
): Promise<BackendInfo> {
  if (name === "webgpu") await provideWebGPU();
  if (name !== "wasm" || threads === 1) return startBackend(name, { wasmPaths, threads });
  env().set("WASM_HAS_MULTITHREAD_SUPPORT", true); // TensorFlow.js assumes that Node has none
  const { createObjectURL } = URL;
  const { cpus } = os;
  const { Worker } = threading;
  const alive = setInterval(() => {}, 1000); // threads that are starting don't keep the event loop alive
  URL.createObjectURL = () => fileURLToPath(new URL("./node-thread.cjs", import.meta.url));
  // Threads would inherit this process's TypeScript loader, which they don't need: half a second each.
  threading.Worker = class extends Worker {
    constructor(file: string | URL, options?: WorkerOptions) {
      super(file, { ...options, execArgv: [] });
    }
  };
  os.cpus = () => Array.from({ length: 2 * threads }, () => cpus()[0]!); // the backend starts one thread for every two
  try {
    return await startBackend(name, { wasmPaths, threads });
  } finally {
    Object.assign(os, { cpus });
    threading.Worker = Worker;
    URL.createObjectURL = createObjectURL;
    clearInterval(alive);
  }
}
