/**
 * TensorFlow.js's WebGPU backend, extended for fast training steps: programs with
 * several outputs, constants that are uploaded once, and steps that are captured
 * and replayed without TensorFlow.js, at three calls per dispatch.
 */
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { env, util } from "@tensorflow/tfjs-core";
import type { Compiled, Program } from "./program";
import { compile } from "./program";

/** By kernel name: inputs and attributes → newly allocated outputs. TensorFlow.js's own kernels return a single one. */
export type WebGPUKernels<Attributes> = Record<
  string,
  (
    inputs: Record<string, TensorInfo | undefined>,
    attributes: Attributes,
    backend: CapturingBackend,
  ) => TensorInfo | TensorInfo[]
>;

type Uniforms = { type: string; data: number[] }[];
type Grid = [number, number, number];

/** Internals of TensorFlow.js 4.22 that are used or overridden below. */
interface Internals {
  bufferManager: { freeBuffers: Map<string, GPUBuffer[]>; numBytesAllocated: number };
  dispose(): void;
  getBufferData(buffer: GPUBuffer): Promise<ArrayBuffer>;
  runWebGPUProgram(...args: Parameters<WebGPUBackend["runWebGPUProgram"]>): TensorInfo;
  activeTimers: unknown;
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  uniformPendingDisposal: GPUBuffer[];
  tensorToBinding(tensor: TensorInfo): GPUBindingResource;
  makeUniforms(uniforms: Uniforms): { buffer: GPUBuffer };
  recordAndSubmit(program: TensorFlowProgram, output: TensorInfo, inputs: TensorInfo[], uniforms?: Uniforms): void;
}

interface TensorFlowProgram {
  constructor: { name: string };
  pipeline: GPUComputePipeline;
  dispatch: Grid;
  size?: boolean;
  outputComponent?: number;
  outputShape: number[];
  pixelsOpType?: unknown;
}

const Backend = WebGPUBackend as unknown as new (
  device: GPUDevice,
  adapter: GPUAdapterInfo,
) => Omit<WebGPUBackend, keyof Internals> & Internals;

interface Dispatch {
  /** The program's name. */
  label: string;
  pipeline: GPUComputePipeline;
  bindings: GPUBindGroup;
  grid: Grid;
}

/** A capture in progress. */
interface Draft {
  dispatches: Dispatch[];
  /** Tensors that the step changes in place. */
  changed: Set<object>;
  /** The first reason why the step can't be replayed. */
  fault: string | null;
}

/** At most this many sets of constants (mostly shapes) are cached on the device. With more they are hardly constant. */
const MAX_CONSTANTS = 4096;

export class CapturingBackend extends Backend {
  readonly #constants = new Map<string, { buffer: GPUBuffer }>();
  readonly #pipelines = new Map<string, Compiled>();
  #draft: Draft | null = null;

  /**
   * Runs one of our programs.
   * @returns the outputs, in the order of `program.outputs`; an output passed as a tensor is changed in place
   */
  run(program: Program): TensorInfo[] {
    const outputs = Object.values(program.outputs).map((output) =>
      "dataId" in output ? output : this.makeTensorInfo(output.shape, output.dtype ?? "float32"),
    );
    const inputs = Object.values(program.inputs);
    for (const { dataId } of [...outputs, ...inputs]) this.#upload(dataId, program.key);
    const types = [...outputs, ...inputs].map(({ dataId }) =>
      this.tensorMap.get(dataId).dtype === "int32" ? "i32" : "f32",
    );
    const key = `${program.key} ${types.join(" ")}`;
    const compiled = this.#pipelines.get(key) ?? compile(this.device, program, types);
    this.#pipelines.set(key, compiled);
    const { integers = {}, floats = {} } = program;
    const numbers: Uniforms = [
      ...Object.values(integers).map((value) => ({ type: "int32", data: [value] })),
      ...Object.values(floats).map((value) => ({ type: "float32", data: [value] })),
    ];
    const bindings = [...outputs, ...inputs].map((tensor) => this.tensorToBinding(tensor));
    this.#dispatch(
      program.key,
      compiled.pipeline,
      compiled.layout,
      [...bindings, ...(numbers.length > 0 ? [this.makeUniforms(numbers)] : [])],
      program.grid,
    );
    for (const output of Object.values(program.outputs)) if ("dataId" in output) this.#changed(output.dataId);
    return outputs;
  }

  /** Dispatches TensorFlow.js's own programs the way `run` dispatches ours. */
  override recordAndSubmit(
    program: TensorFlowProgram,
    output: TensorInfo,
    inputs: TensorInfo[],
    uniforms: Uniforms = [],
  ): void {
    if (program.pixelsOpType !== undefined || this.activeTimers) {
      super.recordAndSubmit(program, output, inputs, uniforms);
      return;
    }
    const tensors = [output, ...inputs];
    const numbers: Uniforms = [
      { type: "float32", data: [NaN] },
      { type: "float32", data: [Infinity] },
    ];
    for (const { shape } of [...inputs, output])
      numbers.push({ type: "int32", data: [...shape] }, { type: "int32", data: util.computeStrides(shape) });
    if (program.size)
      numbers.push({ type: "int32", data: [util.sizeFromShape(program.outputShape) / (program.outputComponent ?? 1)] });
    const bindings = [
      ...tensors.map((tensor) => this.tensorToBinding(tensor)),
      this.makeUniforms([...numbers, ...(uniforms ?? [])]),
    ];
    this.#dispatch(
      program.constructor.name,
      program.pipeline,
      program.pipeline.getBindGroupLayout(0),
      bindings,
      program.dispatch,
    );
  }

  /** Caches uniforms by value: most are shapes, so each distinct set is uploaded once. */
  override makeUniforms(uniforms: Uniforms): { buffer: GPUBuffer } {
    const key = uniforms.map(({ type, data }) => `${type}${data.join()}`).join(";");
    const cached = this.#constants.get(key);
    if (cached) return cached;
    const made = super.makeUniforms(uniforms);
    if (this.#constants.size < MAX_CONSTANTS || this.#draft) {
      this.uniformPendingDisposal.pop(); // keeps TensorFlow.js from reusing the buffer
      this.#constants.set(key, made);
    }
    return made;
  }

  override runWebGPUProgram(...args: Parameters<WebGPUBackend["runWebGPUProgram"]>): TensorInfo {
    const [program, inputs] = args;
    if (this.#draft) for (const { dataId } of inputs) this.#upload(dataId, program.constructor.name);
    return super.runWebGPUProgram(...args);
  }

  override getBufferData(buffer: GPUBuffer): Promise<ArrayBuffer> {
    if (this.#draft) this.#draft.fault ??= "it reads something back";
    return super.getBufferData(buffer);
  }

  /** Replaces a tensor's values in place; earlier dispatches still read the old values. CPU → GPU. */
  overwrite({ dataId }: TensorInfo, values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): void {
    this.uploadToGPU(dataId);
    this.flush(); // pending dispatches must read the old values
    this.queue.writeBuffer(this.tensorMap.get(dataId).resource as GPUBuffer, 0, values);
    this.#changed(dataId);
  }

  /** The largest tensor that the device can hold. */
  get tensorBytes(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }

  /** Submits all encoded commands. */
  flush(): void {
    if (!this.commandEncoder) return;
    this.endComputePassEncoder();
    this.submitQueue();
  }

  /** Resolves once the device has finished all submitted work. */
  async finished(): Promise<void> {
    this.flush();
    await this.queue.onSubmittedWorkDone();
  }

  /**
   * Runs `step` once and captures its dispatches. The step must dispose all tensors that it creates, and write its
   * results in place, into existing tensors.
   * @returns the captured step, or the reason why it can't be replayed; either way it has run once
   */
  capture(step: () => void): WebGPUCapturedStep | string {
    this.flush();
    const { bufferManager } = this;
    const sharedBuffers = bufferManager.freeBuffers;
    // The step gets its own buffers. With shared ones, a replay would overwrite tensors created since.
    const buffers = new BufferPool();
    bufferManager.freeBuffers = buffers;
    const draft: Draft = { dispatches: [], changed: new Set(), fault: null };
    this.#draft = draft;
    try {
      step();
      this.flush();
    } finally {
      this.#draft = null;
      bufferManager.freeBuffers = sharedBuffers;
    }
    const captured = new WebGPUCapturedStep(
      this,
      draft.dispatches,
      () => {
        for (const dataId of draft.changed) this.#changed(dataId);
      },
      buffers,
    );
    if (draft.fault === null) return captured;
    captured.dispose();
    return draft.fault;
  }

  override dispose(): void {
    for (const { buffer } of this.#constants.values()) buffer.destroy();
    this.#constants.clear();
    super.dispose();
  }

  /** Drops the CPU copy of a tensor that was changed on the device. */
  #changed(dataId: object): void {
    this.#draft?.changed.add(dataId);
    const data = this.tensorMap.has(dataId) ? this.tensorMap.get(dataId) : null;
    if (data) (data as { values: unknown }).values = null;
  }

  #upload(dataId: object, by: string): void {
    const { resource, values } = this.tensorMap.get(dataId);
    if (this.#draft && resource == null && values != null)
      this.#draft.fault ??= `${by} uploads ${values.length} values`;
    this.uploadToGPU(dataId);
  }

  #dispatch(
    label: string,
    pipeline: GPUComputePipeline,
    layout: GPUBindGroupLayout,
    resources: GPUBindingResource[],
    grid: Grid,
  ): void {
    const bindings = this.device.createBindGroup({
      layout,
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
    this.ensureCommandEncoderReady();
    this.computePassEncoder ??= this.commandEncoder!.beginComputePass();
    this.computePassEncoder.setPipeline(pipeline);
    this.computePassEncoder.setBindGroup(0, bindings);
    this.computePassEncoder.dispatchWorkgroups(...grid);
    this.#draft?.dispatches.push({ label, pipeline, bindings, grid });
    if (++this.dispatchCountInPass >= env().getNumber("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE")) this.flush();
  }
}

/** Small enough to stay clear of the operating system's GPU watchdog, which resets after about two seconds. */
const DISPATCHES_PER_SUBMIT = 256;

/** A captured step: its dispatches, and the buffers of its intermediate tensors. */
export class WebGPUCapturedStep {
  constructor(
    readonly backend: CapturingBackend,
    readonly dispatches: readonly Dispatch[],
    private readonly changed: () => void,
    private readonly buffers: BufferPool,
  ) {}

  /** Runs the step `times` times. */
  replay(times: number): void {
    const { device, queue } = this.backend;
    this.backend.flush();
    const all = times * this.dispatches.length;
    for (let done = 0; done < all; ) {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const end = Math.min(all, done + DISPATCHES_PER_SUBMIT); done < end; done++) {
        const { pipeline, bindings, grid } = this.dispatches[done % this.dispatches.length]!;
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindings);
        pass.dispatchWorkgroups(grid[0], grid[1], grid[2]);
      }
      pass.end();
      queue.submit([encoder.finish()]);
    }
    this.changed();
  }

  /** Destroys the step's buffers; it can't be replayed afterwards. */
  dispose(): void {
    for (const buffers of this.buffers.values()) {
      for (const buffer of buffers.splice(0)) {
        this.backend.bufferManager.numBytesAllocated -= buffer.size;
        buffer.destroy();
      }
    }
  }
}

/**
 * Free buffers by size and usage, in TensorFlow.js's format. A lookup never fails, so buffers from another pool can be
 * returned too.
 */
class BufferPool extends Map<string, GPUBuffer[]> {
  constructor() {
    super([["", []]]); // TensorFlow.js mistakes an empty map for a disposed manager
  }

  override get(key: string): GPUBuffer[] {
    const buffers = super.get(key) ?? [];
    this.set(key, buffers);
    return buffers;
  }
}
