/**
 * A WebGPU device that computes nothing and counts everything: the exact GPU work of a training step, on any machine.
 * Every buffer reads as zeros.
 */

/** The work since `reset`. */
export interface Counts {
  dispatches: number;
  /** Total size of the buffers, or parts of buffers, bound to each dispatch: what it may read and write. */
  boundBytes: number;
  /** Bytes and number of uploads: buffers mapped at creation, writes to the queue. */
  uploadedBytes: number;
  uploads: number;
  submits: number;
  /** Buffers read back. */
  readbacks: number;
  /** Bytes of buffers that are alive; not reset. */
  aliveBytes: number;
  /** The most bytes alive at once. */
  peakBytes: number;
  buffers: number;
  /** By the pipeline's label. */
  byLabel: Record<string, { dispatches: number; boundBytes: number }>;
}

export interface CountingDevice {
  counts: Counts;
  reset(): void;
}

/** Installs a `navigator.gpu` with such a device, and WebGPU's constants, until the process ends. */
export function provideCountingDevice(): CountingDevice {
  /** What a reset sets back; the memory that is allocated stays. */
  const nothing = () => ({
    dispatches: 0,
    boundBytes: 0,
    uploadedBytes: 0,
    uploads: 0,
    submits: 0,
    readbacks: 0,
    byLabel: {},
  });
  const counts: Counts = { ...nothing(), aliveBytes: 0, peakBytes: 0, buffers: 0 };
  const reset = () => Object.assign(counts, nothing(), { peakBytes: counts.aliveBytes });

  class CountedBuffer {
    readonly size: number;
    readonly usage: number;
    mapState: GPUBufferMapState;
    #bytes: ArrayBuffer | null = null;

    constructor({ size, usage, mappedAtCreation = false }: GPUBufferDescriptor) {
      this.size = size;
      this.usage = usage;
      this.mapState = mappedAtCreation ? "mapped" : "unmapped";
      if (mappedAtCreation) uploaded(size);
      counts.aliveBytes += size;
      counts.peakBytes = Math.max(counts.peakBytes, counts.aliveBytes);
      counts.buffers += 1;
    }
    getMappedRange = () => (this.#bytes ??= new ArrayBuffer(this.size));
    unmap = () => {
      this.mapState = "unmapped";
      this.#bytes = null;
    };
    mapAsync = async () => {
      this.mapState = "mapped";
      counts.readbacks += 1;
    };
    destroy = () => {
      counts.aliveBytes -= this.size;
      counts.buffers -= 1;
    };
  }

  const uploaded = (bytes: number) => {
    counts.uploads += 1;
    counts.uploadedBytes += bytes;
  };
  const limits = {
    maxStorageBuffersPerShaderStage: 10,
    maxComputeWorkgroupStorageSize: 32_768,
    maxComputeWorkgroupSizeX: 1024,
    maxComputeInvocationsPerWorkgroup: 1024,
    maxComputeWorkgroupsPerDimension: 65_535,
    maxBufferSize: 2 ** 31,
    maxStorageBufferBindingSize: 2 ** 31,
  };

  interface BoundBytes {
    bytes: number;
  }
  const pass = () => {
    let label = "";
    let bound: BoundBytes = { bytes: 0 };
    return {
      setPipeline: (pipeline: { label: string }) => {
        label = pipeline.label;
      },
      setBindGroup: (_index: number, group: BoundBytes) => {
        bound = group;
      },
      dispatchWorkgroups: () => {
        counts.dispatches += 1;
        counts.boundBytes += bound.bytes;
        counts.byLabel[label] ??= { dispatches: 0, boundBytes: 0 };
        const labelled = counts.byLabel[label]!;
        labelled.dispatches += 1;
        labelled.boundBytes += bound.bytes;
      },
      end: () => {},
    };
  };
  const device = {
    limits,
    features: new Set(),
    lost: new Promise(() => {}),
    addEventListener: () => {},
    destroy: () => {},
    queue: {
      submit: () => {
        counts.submits += 1;
      },
      writeBuffer: (_buffer: unknown, _offset: number, data: ArrayBuffer | ArrayBufferView) =>
        uploaded(data.byteLength),
      onSubmittedWorkDone: async () => {},
    },
    createBuffer: (descriptor: GPUBufferDescriptor) => new CountedBuffer(descriptor),
    createShaderModule: (descriptor: object) => descriptor,
    createBindGroupLayout: (descriptor: object) => descriptor,
    createPipelineLayout: (descriptor: object) => descriptor,
    createComputePipeline: ({ label }: { label: string }) => ({ label, getBindGroupLayout: () => ({}) }),
    createBindGroup: ({
      entries,
    }: {
      entries: { resource: { buffer: CountedBuffer; size?: number } }[];
    }): BoundBytes => ({
      bytes: entries.reduce((sum, { resource: { buffer, size } }) => sum + (size ?? buffer.size), 0),
    }),
    createCommandEncoder: () => ({ beginComputePass: pass, copyBufferToBuffer: () => {}, finish: () => ({}) }),
  };
  const gpu = {
    requestAdapter: async () => ({
      features: new Set(),
      limits,
      info: { vendor: "counting", architecture: "", device: "", description: "", isFallbackAdapter: false },
      requestDevice: async () => device,
    }),
  };
  Object.assign(globalThis, {
    GPUBuffer: CountedBuffer,
    GPUTexture: class {},
    GPUExternalTexture: class {},
    GPUBufferUsage: {
      MAP_READ: 1,
      MAP_WRITE: 2,
      COPY_SRC: 4,
      COPY_DST: 8,
      INDEX: 16,
      VERTEX: 32,
      UNIFORM: 64,
      STORAGE: 128,
      INDIRECT: 256,
      QUERY_RESOLVE: 512,
    },
    GPUMapMode: { READ: 1, WRITE: 2 },
    GPUShaderStage: { VERTEX: 1, FRAGMENT: 2, COMPUTE: 4 },
  });
  Object.defineProperty(globalThis, "navigator", { value: { userAgent: "counting", gpu }, configurable: true });
  return { counts, reset };
}
