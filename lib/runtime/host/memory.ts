/** Tensor memory of the CPU backend, whose typed arrays our kernels loop over. */
import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";

export interface HostMemory {
  /** A new float32 tensor. */
  allocate(shape: number[]): TensorInfo;
  /** The tensor's own memory, not a copy. */
  floats(tensor: TensorInfo): Float32Array;
  integers(tensor: TensorInfo): Int32Array;
}

/** By kernel name: inputs and attributes → outputs, newly allocated. */
export type HostKernels<Attributes> = Record<
  string,
  (inputs: Record<string, TensorInfo | undefined>, attributes: Attributes, memory: HostMemory) => TensorInfo[]
>;

/** The part of the CPU backend that we use; its types are not exported. */
interface CpuBackend extends KernelBackend {
  makeTensorInfo(shape: number[], dtype: "float32", values: Float32Array): TensorInfo;
  data: { get(dataId: object): { values: Float32Array | Int32Array } };
}

/** How a kernel reaches its tensors. Every kernel call passes the backend object. */
export function memoryOf(backend: unknown): HostMemory {
  const cpu = backend as CpuBackend;
  const view = ({ dataId }: TensorInfo) => cpu.data.get(dataId).values;
  return {
    allocate: (shape) =>
      cpu.makeTensorInfo(shape, "float32", new Float32Array(shape.reduce((size, extent) => size * extent, 1))),
    floats: (tensor) => view(tensor) as Float32Array,
    integers: (tensor) => view(tensor) as Int32Array,
  };
}
