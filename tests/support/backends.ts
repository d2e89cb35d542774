/**
 * Tests that hold on every backend of TensorFlow.js a visitor may get: CPU, WASM
 * (in Node with SIMD and one thread) and WebGPU (see webgpu.ts).
 */
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { env, findBackend, getBackend, registerBackend, setBackend } from "@tensorflow/tfjs-core";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, it } from "vitest";
import { provideWebGPU, requestDevice } from "./webgpu";

const backendNames = ["cpu", "wasm", "webgpu"] as const;
export type BackendName = (typeof backendNames)[number];

setWasmPaths(fileURLToPath(new URL("../../node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url)));
env().set("PROD", true); // no advice in the console to install tfjs-node

const missingWebGPU = await provideWebGPU();

/**
 * Declares the suite `name` once for each backend, with that backend in use while its tests run:
 * `eachBackend("matMul", (backend) => { it("multiplies", …) })`. Where WebGPU can't be had its suite is
 * skipped with the reason and the remedy in the title; under `CI=true` it fails instead.
 */
export function eachBackend(name: string, suite: (backend: BackendName) => void, backends: readonly BackendName[] = backendNames): void {
  for (const backend of backends) {
    const missing = backend === "webgpu" ? missingWebGPU : undefined;
    if (missing && process.env["CI"] === "true") it(`${name} [webgpu]`, () => Promise.reject(new Error(missing)));
    else if (missing) it.skip(`${name} [webgpu]: skipped, ${missing}`);
    else
      describe(`${name} [${backend}]`, () => {
        beforeAll(() => useBackend(backend));
        suite(backend);
      });
  }
}

/**
 * Puts `backend` in use. A failed `setBackend` of TensorFlow.js may leave another one in its place: here it throws.
 */
async function useBackend(backend: BackendName): Promise<void> {
  if (backend === "webgpu" && !findBackend("webgpu")) {
    const { device, adapter } = await requestDevice();
    registerBackend("webgpu", () => new WebGPUBackend(device, adapter.info));
  }
  if (!(await setBackend(backend)) || getBackend() !== backend) throw new Error(`the backend ${backend} did not start, ${getBackend()} did`);
}
