/** Registers our WGSL kernels with the WebGPU backend. */
import { getKernel, registerKernel, unregisterKernel } from "@tensorflow/tfjs-core";
import type { CapturingBackend, WebGPUKernels } from "./backend";
import { convolutionKernels } from "./convolution";
import { denseKernels } from "./dense";
import { normKernels } from "./norm";
import { trainingKernels } from "./training";

/** Registers all kernels; safe to call again. */
export function registerWebGPUKernels(): void {
  for (const [kernelName, compute] of Object.entries<WebGPUKernels<never>[string]>({
    ...normKernels,
    ...trainingKernels,
    ...convolutionKernels,
    ...denseKernels,
  })) {
    if (getKernel(kernelName, "webgpu")) unregisterKernel(kernelName, "webgpu"); // TensorFlow.js's own
    registerKernel({
      kernelName,
      backendName: "webgpu",
      kernelFunc: ({ inputs, attrs, backend }) => compute(inputs, attrs as never, backend as CapturingBackend),
    });
  }
}
