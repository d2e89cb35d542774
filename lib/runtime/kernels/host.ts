/** Registers our typed-array kernels with the CPU and WASM backends. */
import { getKernel, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import { hostMemories, type HostMemory } from "../host-memory";
import { normKernels } from "./host-norm";
import { trainingKernels } from "./host-training";

/** By kernel name: inputs and attributes → outputs, newly allocated. */
export type HostKernels<Attributes> = Record<string, (inputs: Record<string, TensorInfo | undefined>, attributes: Attributes, memory: HostMemory) => TensorInfo[]>;

/** Once for each backend; again is harmless. */
export function registerHostKernels(backendName: keyof typeof hostMemories): void {
  const memoryOf = hostMemories[backendName];
  for (const [kernelName, compute] of Object.entries<HostKernels<never>[string]>({ ...normKernels, ...trainingKernels })) {
    if (getKernel(kernelName, backendName)) continue;
    registerKernel({ kernelName, backendName, kernelFunc: ({ inputs, attrs, backend }) => compute(inputs, attrs as never, memoryOf(backend)) });
  }
}
