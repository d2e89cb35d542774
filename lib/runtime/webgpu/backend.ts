/**
 * TensorFlow.js's WebGPU backend with what a fast training step needs: programs
 * of several outputs, constants that are uploaded once, and steps that are
 * recorded and then done again without TensorFlow.js: three calls a dispatch.
 */
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { env, util } from "@tensorflow/tfjs-core";
import type { Compiled, Program } from "./program";
import { compile } from "./program";

/**
 * By kernel name: inputs and attributes → outputs, newly allocated; one alone for a kernel that TensorFlow.js knows.
 */
export type WebGPUKernels<Attributes> = Record<
  string,
  (
    inputs: Record<string, TensorInfo | undefined>,
    attributes: Attributes,
    backend: RecordingBackend,
  ) => TensorInfo | TensorInfo[]
>;

type Uniforms = { type: string; data: number[] }[];
type Grid = [number, number, number];

/** What TensorFlow.js 4.22 keeps to itself, and what is overridden below. */
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
  /** Names the program. */
  label: string;
  pipeline: GPUComputePipeline;
  bindings: GPUBindGroup;
  grid: Grid;
}

/** A step in the making. */
interface Draft {
  dispatches: Dispatch[];
  /** Tensors that it changes in place. */
  changed: Set<object>;
  /** Why it can't be done again, once something came up. */
  fault: string | null;
}

/** Kinds of constants, shapes for the most part, that are kept on the device; more would mean that they are none. */
const MOST_CONSTANTS = 4096;

export class RecordingBackend extends Backend {
  readonly #constants = new Map<string, { buffer: GPUBuffer }>();
  readonly #pipelines = new Map<string, Compiled>();
  #draft: Draft | null = null;

  /**
   * Runs a program of ours.
   * @returns its outputs in the order of their names; those named with a tensor are changed in place
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
    Object.values(program.outputs).forEach((output) => "dataId" in output && this.#changed(output.dataId));
    return outputs;
  }

  /** TensorFlow.js's own programs go the same way. */
  override recordAndSubmit(
    program: TensorFlowProgram,
    output: TensorInfo,
    inputs: TensorInfo[],
    uniforms: Uniforms = [],
  ): void {
    if (program.pixelsOpType !== undefined || this.activeTimers)
      return super.recordAndSubmit(program, output, inputs, uniforms);
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

  /** Numbers that programs are given are mostly shapes: each set of them is uploaded once. */
  override makeUniforms(uniforms: Uniforms): { buffer: GPUBuffer } {
    const key = uniforms.map(({ type, data }) => `${type}${data.join()}`).join(";");
    const known = this.#constants.get(key);
    if (known) return known;
    const made = super.makeUniforms(uniforms);
    if (this.#constants.size < MOST_CONSTANTS || this.#draft) {
      this.uniformPendingDisposal.pop(); // not to be lent to anything else
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

  /** Puts values where a tensor's are; whatever was dispatched before still sees the old ones. CPU → GPU. */
  overwrite({ dataId }: TensorInfo, values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): void {
    this.uploadToGPU(dataId);
    this.flush(); // its own values may still be on their way
    this.queue.writeBuffer(this.tensorMap.get(dataId).resource as GPUBuffer, 0, values);
    this.#changed(dataId);
  }

  /** Most bytes of one tensor. */
  get tensorBytes(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }

  /** Submits what is encoded. */
  flush(): void {
    if (!this.commandEncoder) return;
    this.endComputePassEncoder();
    this.submitQueue();
  }

  /** Resolves once the device has done all that was submitted. */
  async finished(): Promise<void> {
    this.flush();
    await this.queue.onSubmittedWorkDone();
  }

  /**
   * Does `step`, and takes down every dispatch for `replay`. What it makes must be gone when it
   * ends: its results lie in tensors from before that it changes in place.
   * @returns why, where it can't be done again; it was done once all the same
   */
  record(step: () => void): Recording | string {
    this.flush();
    const { bufferManager } = this;
    const lent = bufferManager.freeBuffers;
    // Its buffers are its own: nothing else is lent them, or would find a later replay's values in its tensors.
    const own = new BufferPool();
    bufferManager.freeBuffers = own;
    const draft: Draft = (this.#draft = { dispatches: [], changed: new Set(), fault: null });
    try {
      step();
      this.flush();
    } finally {
      this.#draft = null;
      bufferManager.freeBuffers = lent;
    }
    const recording = new Recording(
      this,
      draft.dispatches,
      () => draft.changed.forEach((dataId) => this.#changed(dataId)),
      own,
    );
    if (draft.fault === null) return recording;
    recording.dispose();
    return draft.fault;
  }

  override dispose(): void {
    this.#constants.forEach(({ buffer }) => buffer.destroy());
    this.#constants.clear();
    super.dispose();
  }

  /** The CPU's copy of a tensor that was changed on the device is no longer true. */
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

/** Few enough that a system which resets a GPU after two seconds of one submission never does. */
const DISPATCHES_A_SUBMIT = 256;

/** A step as the device sees it. */
export class Recording {
  constructor(
    readonly backend: RecordingBackend,
    readonly dispatches: readonly Dispatch[],
    private readonly changed: () => void,
    private readonly buffers: BufferPool,
  ) {}

  /** Does the step `times` times more. */
  replay(times: number): void {
    const { device, queue } = this.backend;
    this.backend.flush();
    const all = times * this.dispatches.length;
    for (let done = 0; done < all; ) {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const end = Math.min(all, done + DISPATCHES_A_SUBMIT); done < end; done++) {
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

  /** Gives its buffers back; it can't be replayed any more. */
  dispose(): void {
    for (const buffers of this.buffers.values()) {
      for (const buffer of buffers.splice(0)) {
        this.backend.bufferManager.numBytesAllocated -= buffer.size;
        buffer.destroy();
      }
    }
  }
}

/** Free buffers by size and use, as TensorFlow.js keeps them; ready for those that were lent from another pool. */
class BufferPool extends Map<string, GPUBuffer[]> {
  constructor() {
    super([["", []]]); // one that is empty stands for a manager that is gone
  }

  override get(key: string): GPUBuffer[] {
    const found = super.get(key) ?? [];
    this.set(key, found);
    return found;
  }
}
