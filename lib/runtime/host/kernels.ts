/** Registers our typed-array kernels with the CPU and WASM backends. */
import { getKernel, registerKernel } from "@tensorflow/tfjs-core";
import type { HostKernels } from "./memory";
import { hostMemories } from "./memory";
import { normKernels } from "./norm";
import { trainingKernels } from "./training";

/** Registers the kernels with one backend; safe to call again. */
export function registerHostKernels(backendName: keyof typeof hostMemories): void {
  const memoryOf = hostMemories[backendName];
  for (const [kernelName, compute] of Object.entries<HostKernels<never>[string]>({
    ...normKernels,
    ...trainingKernels,
  })) {
    if (getKernel(kernelName, backendName)) continue;
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => compute(inputs, attrs as never, memoryOf(backend)),
    });
  }
}
