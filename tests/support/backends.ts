/**
 * Tests that hold on every backend of TensorFlow.js a visitor may get: CPU, WASM
 * (in Node with SIMD and one thread) and WebGPU (see webgpu.ts).
 */

import { fileURLToPath } from "node:url";
import { env, setBackend } from "@tensorflow/tfjs-core";
import { beforeAll, describe, it } from "vitest";
import type { BackendName } from "@/lib/runtime";
import { startBackend } from "@/lib/runtime";
import { provideWebGPU } from "./webgpu";

const backendNames: readonly BackendName[] = ["cpu", "wasm", "webgpu"];

env().set("PROD", true); // no advice in the console to install tfjs-node

const wasmPaths = fileURLToPath(new URL("../../node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url));
const missingWebGPU = await provideWebGPU();

/**
 * Declares the suite `name` once for each backend, with that backend in use while its tests run:
 * `eachBackend("matMul", (backend) => { it("multiplies", …) })`. If WebGPU is not available, its suite is skipped with
 * the reason and the remedy in the title; under `CI=true` it fails instead.
 */
export function eachBackend(
  name: string,
  suite: (backend: BackendName) => void,
  backends: readonly BackendName[] = backendNames,
): void {
  for (const backend of backends) {
    const missing = backend === "webgpu" ? missingWebGPU : undefined;
    if (missing && process.env.CI === "true") it(`${name} [webgpu]`, () => Promise.reject(new Error(missing)));
    else if (missing) it.skip(`${name} [webgpu]: skipped, ${missing}`);
    else
      describe(`${name} [${backend}]`, () => {
        beforeAll(() => useBackend(backend));
        suite(backend);
      });
  }
}

const started = new Set<BackendName>();

/** Selects a backend as the product does, with our kernels; each is started once per process. */
async function useBackend(name: BackendName): Promise<void> {
  if (started.has(name)) return void (await setBackend(name));
  const { onFault } = await startBackend(name, { wasmPaths, threads: 1 });
  onFault((reason) => console.error(reason)); // a shader that does not compile silently gives zeros
  started.add(name);
}
