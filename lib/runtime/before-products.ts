/** A hook into long computations, on backends that compute while their caller waits. */
import {
  BatchMatMul,
  backend,
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  getKernel,
  registerKernel,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import type { BackendName } from "./backends";

/**
 * Calls `call` before each product and each convolution of a backend, in which nearly all the time of every training and
 * scoring is spent, and before each part of a captured step. For a backend that has just been started.
 */
export function beforeProducts(backendName: BackendName, call: () => void): void {
  Object.assign(backend(), { beforeWork: call });
  for (const name of [BatchMatMul, Conv2D, Conv2DBackpropFilter, Conv2DBackpropInput]) {
    const kernel = getKernel(name, backendName);
    if (!kernel) continue;
    unregisterKernel(name, backendName);
    registerKernel({
      ...kernel,
      kernelFunc: (parameters) => {
        call();
        return kernel.kernelFunc(parameters);
      },
    });
  }
}
