/** Registers our typed-array kernels with the CPU backend. */
import { getKernel, registerKernel } from "@tensorflow/tfjs-core";
import type { HostKernels } from "./memory";
import { memoryOf } from "./memory";
import { normKernels } from "./norm";
import { trainingKernels } from "./training";

/** Registers the kernels; safe to call again. */
export function registerHostKernels(): void {
  for (const [kernelName, compute] of Object.entries<HostKernels<never>[string]>({
    ...normKernels,
    ...trainingKernels,
  })) {
    if (getKernel(kernelName, "cpu")) continue;
    registerKernel({
      kernelName,
      backendName: "cpu",
      kernelFunc: ({ inputs, attrs, backend }) => compute(inputs, attrs as never, memoryOf(backend)),
    });
  }
}
