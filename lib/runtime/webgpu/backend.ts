/**
 * TensorFlow.js's WebGPU backend, extended for fast training steps: programs with
 * several outputs, constants that are uploaded once, and steps that are captured
 * and replayed without TensorFlow.js, at three calls per dispatch.
 */
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { BackendValues, DataType, TensorInfo } from "@tensorflow/tfjs-core";
import { env, util } from "@tensorflow/tfjs-core";
import type { DataId, Dispatch, Grid, Job, Range } from "./capture";
import { bind, Recording, sideBySide, WebGPUCapturedStep } from "./capture";
import type { Compiled, Program } from "./program";
import { compile, overlaid } from "./program";

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

/** Internals of TensorFlow.js 4.22 that are used or overridden below. */
interface Internals {
  bufferManager: {
    numBytesAllocated: number;
    acquireBuffer(size: number, usage: number): GPUBuffer;
    releaseBuffer(buffer: GPUBuffer, reuse?: boolean): void;
  };
  dispose(): void;
  write(values: BackendValues | null, shape: number[], dtype: DataType): DataId;
  read(dataId: DataId): Promise<BackendValues>;
  releaseResource(dataId: DataId): void;
  uploadToGPU(dataId: DataId): void;
  runWebGPUProgram(...args: Parameters<WebGPUBackend["runWebGPUProgram"]>): TensorInfo;
  activeTimers: unknown;
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  uniformPendingDisposal: GPUBuffer[];
  tensorToBinding(tensor: { dataId: DataId }): Range;
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

/** One tensor, or several side by side, and the WGSL type of their values. */
interface Typed {
  ids: readonly DataId[];
  type: "f32" | "i32";
}

/** Tensors that were moved into one buffer, side by side. */
interface Pack {
  buffer: GPUBuffer;
  /** How many of them are not disposed. */
  alive: number;
}

/** Usage of a tensor's buffer, as in TensorFlow.js. A function because the constants exist only with WebGPU. */
const tensorUsage = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

/** At most this many sets of constants (mostly shapes) are cached on the device. With more they are hardly constant. */
const MAX_CONSTANTS = 4096;

export class CapturingBackend extends Backend {
  readonly #constants = new Map<string, { buffer: GPUBuffer }>();
  readonly #pipelines = new Map<string, Compiled>();
  readonly #packed = new Map<DataId, { pack: Pack; offset: number }>();
  #recording: Recording | null = null;

  /**
   * Runs one of our programs.
   * @returns the new outputs, in the order of `program.outputs`; outputs passed as tensors are changed in place
   */
  run(program: Program): TensorInfo[] {
    const made: TensorInfo[] = [];
    const outputs = Object.values(program.outputs).map((output): readonly TensorInfo[] => {
      if ("length" in output) return this.#pack(output);
      if ("dataId" in output) return [output];
      made.push(this.makeTensorInfo(output.shape, output.dtype ?? "float32"));
      return made.slice(-1);
    });
    const inputs = Object.values(program.inputs).map((input) => ("length" in input ? input : [input]));
    for (const { dataId } of [...outputs, ...inputs].flat()) this.#upload(dataId, program.key);
    const tensors = [...outputs, ...inputs].map((together): Typed => {
      const ids = together.map(({ dataId }) => dataId);
      return { ids, type: this.tensorMap.get(ids[0]!).dtype === "int32" ? "i32" : "f32" };
    });
    const { integers = {}, floats = {} } = program;
    const numbers: Uniforms = [
      ...Object.values(integers).map((value) => ({ type: "int32", data: [value] })),
      ...Object.values(floats).map((value) => ({ type: "float32", data: [value] })),
    ];
    const job = this.#jobOf(program, tensors);
    this.#dispatch(program.key, job, numbers, program.grid, this.#overOf(program, tensors));
    for (const { dataId } of outputs.flat()) this.touched(dataId);
    return made;
  }

  /** @param tensors the outputs, then the inputs */
  #jobOf(program: Program, tensors: readonly Typed[]): Job {
    const types = tensors.map(({ type }) => type);
    const key = `${program.key} ${types.join(" ")}`;
    const compiled = this.#pipelines.get(key) ?? compile(this.device, program, types);
    this.#pipelines.set(key, compiled);
    return { compiled, tensors: tensors.map(({ ids }) => ids) };
  }

  #overOf(program: Program, tensors: readonly Typed[]): Dispatch["over"] {
    const [pair] = Object.entries(program.over ?? {});
    if (!pair) return undefined;
    const names = [...Object.keys(program.outputs), ...Object.keys(program.inputs)];
    const named = new Map(names.map((name, index) => [name, tensors[index]!]));
    const [output, input] = pair.map((name) => named.get(name)!.ids[0]!) as [DataId, DataId];
    const job = () => {
      const variant = overlaid(program, ...pair);
      const kept = [...Object.keys(variant.outputs), ...Object.keys(variant.inputs)];
      return this.#jobOf(
        variant,
        kept.map((name) => named.get(name)!),
      );
    };
    return { output, input, job };
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
    const numbers: Uniforms = [
      { type: "float32", data: [NaN] },
      { type: "float32", data: [Infinity] },
    ];
    for (const { shape } of [...inputs, output])
      numbers.push({ type: "int32", data: [...shape] }, { type: "int32", data: util.computeStrides(shape) });
    if (program.size)
      numbers.push({ type: "int32", data: [util.sizeFromShape(program.outputShape) / (program.outputComponent ?? 1)] });
    const { pipeline } = program;
    this.#dispatch(
      program.constructor.name,
      {
        compiled: { pipeline, layout: pipeline.getBindGroupLayout(0) },
        tensors: [output, ...inputs].map(({ dataId }) => [dataId]),
      },
      [...numbers, ...(uniforms ?? [])],
      program.dispatch,
    );
  }

  /** Caches uniforms by value: most are shapes, so each distinct set is uploaded once. */
  override makeUniforms(uniforms: Uniforms): { buffer: GPUBuffer } {
    const key = uniforms.map(({ type, data }) => `${type}${data.join()}`).join(";");
    const cached = this.#constants.get(key);
    if (cached) return cached;
    const made = super.makeUniforms(uniforms);
    if (this.#constants.size < MAX_CONSTANTS || this.#recording) {
      this.uniformPendingDisposal.pop(); // keeps TensorFlow.js from reusing the buffer
      this.#constants.set(key, made);
    }
    return made;
  }

  override runWebGPUProgram(...args: Parameters<WebGPUBackend["runWebGPUProgram"]>): TensorInfo {
    const [program, inputs] = args;
    for (const { dataId } of inputs) this.#upload(dataId, program.constructor.name);
    return super.runWebGPUProgram(...args);
  }

  override write(values: BackendValues | null, shape: number[], dtype: DataType): DataId {
    const dataId = super.write(values, shape, dtype);
    this.#recording?.made.set(dataId, bytesOf(shape));
    return dataId;
  }

  /** Leaves tensors of a step that is being recorded without memory; they get it when the whole step is known. */
  override uploadToGPU(dataId: DataId): void {
    if (!this.#recording?.made.has(dataId)) super.uploadToGPU(dataId);
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    const packed = this.#packed.get(dataId);
    if (this.#recording) {
      this.#recording.fail("it reads something back");
      return new Promise(() => {}); // the step runs again, without being recorded
    }
    if (!packed) return super.read(dataId);
    const { buffer, offset, size } = this.rangeOf([dataId]) as Required<Range>;
    const staging = this.bufferManager.acquireBuffer(size, GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ);
    this.#copy({ buffer, offset, size }, staging, 0);
    this.flush();
    await staging.mapAsync(GPUMapMode.READ);
    const values = staging.getMappedRange().slice(0);
    staging.unmap();
    this.bufferManager.releaseBuffer(staging);
    return util.convertBackendValuesAndArrayBuffer(values, this.tensorMap.get(dataId).dtype);
  }

  override tensorToBinding({ dataId }: { dataId: DataId }): Range {
    return this.rangeOf([dataId]);
  }

  override releaseResource(dataId: DataId): void {
    super.releaseResource(dataId);
    const packed = this.#packed.get(dataId);
    if (!packed) return;
    this.#packed.delete(dataId);
    packed.pack.alive--;
    if (packed.pack.alive === 0) this.bufferManager.releaseBuffer(packed.pack.buffer);
  }

  /** Replaces a tensor's values in place; earlier dispatches still read the old values. CPU → GPU. */
  overwrite({ dataId }: TensorInfo, values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): void {
    this.uploadToGPU(dataId);
    this.flush(); // pending dispatches must read the old values
    const { buffer, offset = 0 } = this.rangeOf([dataId]);
    this.queue.writeBuffer(buffer, offset, values);
    this.touched(dataId);
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
   * results in place, into existing tensors. Its code only records; if that fails, it runs again, to compute.
   * @returns the captured step, or the reason why it can't be replayed; either way it has been computed once
   */
  capture(step: () => void): WebGPUCapturedStep | string {
    this.flush();
    const recording = new Recording();
    this.#recording = recording;
    try {
      step();
    } finally {
      this.#recording = null;
    }
    recording.overlay();
    const blocks = recording.blocks();
    if (recording.fault === null) {
      const captured = new WebGPUCapturedStep(this, recording, blocks);
      captured.replay(1);
      return captured;
    }
    step();
    this.flush();
    return recording.fault;
  }

  override dispose(): void {
    for (const { buffer } of this.#constants.values()) buffer.destroy();
    this.#constants.clear();
    super.dispose();
  }

  /** Drops the CPU copy of a tensor that was changed on the device. */
  touched(dataId: DataId): void {
    this.#recording?.changed.add(dataId);
    const data = this.tensorMap.has(dataId) ? this.tensorMap.get(dataId) : null;
    if (data) (data as { values: unknown }).values = null;
  }

  /** The memory of a tensor, or of several that were packed together. */
  rangeOf(tensors: readonly DataId[]): Range {
    const [first] = tensors;
    const buffer = this.tensorMap.get(first!).resource as GPUBuffer;
    const packed = this.#packed.get(first!);
    if (!packed) return { buffer };
    const sizes = tensors.map((tensor) => bytesOf(this.tensorMap.get(tensor).shape));
    return { buffer, offset: packed.offset, size: tensors.length === 1 ? sizes[0]! : sideBySide(sizes).total };
  }

  /** Moves tensors into one buffer, side by side, unless they are there already. Programs find them where they are. */
  #pack(tensors: readonly TensorInfo[]): readonly TensorInfo[] {
    const { offsets, total } = sideBySide(tensors.map(({ shape }) => bytesOf(shape)));
    const places = tensors.map(({ dataId }) => this.#packed.get(dataId));
    const pack = places[0]?.pack;
    if (pack && places.every((place, index) => place?.pack === pack && place.offset === offsets[index])) return tensors;
    const buffer = this.bufferManager.acquireBuffer(total, tensorUsage());
    tensors.forEach(({ dataId }, index) => {
      this.uploadToGPU(dataId);
      this.#copy(this.rangeOf([dataId]), buffer, offsets[index]!);
    });
    this.flush();
    const moved = { buffer, alive: tensors.length };
    tensors.forEach(({ dataId }, index) => {
      const data = this.tensorMap.get(dataId) as { resource: GPUBuffer | null; external?: boolean };
      if (this.#packed.has(dataId)) this.releaseResource(dataId);
      else this.bufferManager.releaseBuffer(data.resource!, false);
      Object.assign(data, { resource: buffer, external: true }); // TensorFlow.js leaves it to us to release it
      this.#packed.set(dataId, { pack: moved, offset: offsets[index]! });
    });
    return tensors;
  }

  #copy({ buffer, offset = 0, size = buffer.size }: Range, to: GPUBuffer, toOffset: number): void {
    this.ensureCommandEncoderReady();
    this.endComputePassEncoder();
    this.commandEncoder!.copyBufferToBuffer(buffer, offset, to, toOffset, size);
  }

  #upload(dataId: DataId, by: string): void {
    const { resource, values } = this.tensorMap.get(dataId);
    if (this.#recording?.made.has(dataId) && resource == null && values != null)
      this.#recording.fail(`${by} uploads ${values.length} values`);
    this.uploadToGPU(dataId);
  }

  #dispatch(label: string, job: Job, numbers: Uniforms, grid: Grid, over?: Dispatch["over"]): void {
    const constants = numbers.length > 0 ? this.makeUniforms(numbers).buffer : null;
    const { compiled, tensors } = job;
    if (this.#recording) {
      this.#recording.dispatches.push({ ...job, label, constants, grid, ...(over && { over }) });
      return;
    }
    const copies: GPUBuffer[] = [];
    const ranges = tensors.map((together): Range => {
      if (together.length === 1 || this.#packed.has(together[0]!)) return this.rangeOf(together);
      const { offsets, total } = sideBySide(together.map((tensor) => bytesOf(this.tensorMap.get(tensor).shape)));
      const copy = this.bufferManager.acquireBuffer(total, tensorUsage());
      together.forEach((tensor, index) => void this.#copy(this.rangeOf([tensor]), copy, offsets[index]!));
      copies.push(copy);
      return { buffer: copy };
    });
    if (constants) ranges.push({ buffer: constants });
    const bindings = bind(this.device, compiled.layout, ranges);
    this.ensureCommandEncoderReady();
    this.computePassEncoder ??= this.commandEncoder!.beginComputePass();
    this.computePassEncoder.setPipeline(compiled.pipeline);
    this.computePassEncoder.setBindGroup(0, bindings);
    this.computePassEncoder.dispatchWorkgroups(...grid);
    for (const copy of copies) this.bufferManager.releaseBuffer(copy); // later dispatches may have it
    if (++this.dispatchCountInPass >= env().getNumber("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE")) this.flush();
  }
}

/** Bytes of a tensor; all our types take four a value. */
const bytesOf = (shape: readonly number[]): number => 4 * shape.reduce((size, extent) => size * extent, 1);
