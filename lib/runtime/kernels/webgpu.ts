/** Registers our WGSL kernels with the WebGPU backend. */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { getKernel, registerKernel } from "@tensorflow/tfjs-core";
import { normKernels } from "./webgpu-norm";
import type { WebGPUKernels } from "./webgpu-program";
import { trainingKernels } from "./webgpu-training";

/** Again is harmless. */
export function registerWebGPUKernels(): void {
  for (const [kernelName, compute] of Object.entries<WebGPUKernels<never>[string]>({ ...normKernels, ...trainingKernels })) {
    if (getKernel(kernelName, "webgpu")) continue;
    registerKernel({ kernelName, backendName: "webgpu", kernelFunc: ({ inputs, attrs, backend }) => compute(inputs, attrs as never, backend as WebGPUBackend) });
  }
}
