/**
 * A training step as a list of dispatches: recorded while the step's code runs, given memory once all of it is known,
 * then replayed without TensorFlow.js, at three calls per dispatch.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { planMemory } from "./memory-plan";
import type { Compiled } from "./program";

export type Grid = [number, number, number];
export type DataId = TensorInfo["dataId"];

/** A buffer, or a part of one. */
export interface Range {
  buffer: GPUBuffer;
  offset?: number;
  size?: number;
}

/** Where a binding may begin: WebGPU's guaranteed `minStorageBufferOffsetAlignment`. */
const ALIGNMENT = 256;

/** Offsets of parts that lie side by side in a buffer, and the bytes of all. */
export function sideBySide(bytes: readonly number[]): { offsets: number[]; total: number } {
  let total = 0;
  const offsets = bytes.map((size) => {
    const offset = total;
    total += Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    return offset;
  });
  return { offsets, total };
}

/** What a dispatch runs, and binds. */
export interface Job {
  compiled: Compiled;
  /** For each binding, one tensor, or several that lie side by side. */
  tensors: (readonly DataId[])[];
}

export interface Dispatch extends Job {
  /** The program's name. */
  label: string;
  constants: GPUBuffer | null;
  grid: Grid;
  /** An output that may lie over an input, and the job if it does. */
  over?: { output: DataId; input: DataId; job: () => Job };
}

interface Encoded {
  pipeline: GPUComputePipeline;
  bindings: GPUBindGroup;
  grid: Grid;
}

/** Tensors of the step that get memory as one. */
interface Block {
  tensors: readonly DataId[];
  offsets: number[];
  bytes: number;
  first: number;
  last: number;
}

/** A step while it is recorded. Nothing is computed, and its tensors have no memory yet. */
export class Recording {
  readonly dispatches: Dispatch[] = [];
  /** Tensors that the step changes in place. */
  readonly changed = new Set<DataId>();
  /** Bytes of the tensors that the step makes. */
  readonly made = new Map<DataId, number>();
  #fault: string | null = null;

  /** The first reason why the step can't be replayed. */
  get fault(): string | null {
    return this.#fault;
  }

  fail(reason: string): void {
    this.#fault ??= reason;
  }

  /** Lays outputs over inputs that the step makes and reads no more. */
  overlay(): void {
    const last = new Map<DataId, number>();
    const together = new Set<DataId>();
    this.dispatches.forEach(({ tensors }, at) => {
      for (const tensor of tensors.flat()) last.set(tensor, at);
      for (const several of tensors) if (several.length > 1) for (const tensor of several) together.add(tensor);
    });
    const laid = new Map<DataId, DataId>();
    this.dispatches.forEach(({ over }, at) => {
      const dispatch = this.dispatches[at]!;
      const fits =
        over &&
        this.made.has(over.input) &&
        this.made.get(over.input) === this.made.get(over.output) &&
        last.get(over.input) === at &&
        dispatch.tensors.flat().filter((tensor) => tensor === over.input).length === 1 &&
        !together.has(over.input) &&
        !together.has(over.output);
      if (fits) {
        laid.set(over.output, laid.get(over.input) ?? over.input);
        Object.assign(dispatch, over.job());
      }
      dispatch.tensors = dispatch.tensors.map((several) => several.map((tensor) => laid.get(tensor) ?? tensor));
    });
  }

  /** The memory that the step needs, by tensor; tensors that are bound side by side share a block. */
  blocks(): Map<DataId, Block> {
    const blocks = new Map<DataId, Block>();
    const claim = (tensors: readonly DataId[]) => {
      const sizes = tensors.map((tensor) => this.made.get(tensor)!);
      const { offsets, total } = sideBySide(sizes);
      const block = {
        tensors,
        offsets,
        bytes: tensors.length === 1 ? sizes[0]! : total,
        first: Infinity,
        last: -Infinity,
      };
      for (const tensor of tensors) blocks.set(tensor, block);
    };
    for (const { label, tensors } of this.dispatches) {
      for (const together of tensors) {
        if (together.length === 1 || !together.some((tensor) => this.made.has(tensor))) continue;
        if (together.every((tensor) => this.made.has(tensor) && !blocks.has(tensor))) claim(together);
        else this.fail(`${label} binds tensors side by side that can't lie there`);
      }
    }
    for (const tensor of this.dispatches.flatMap(({ tensors }) => tensors.flat()))
      if (this.made.has(tensor) && !blocks.has(tensor)) claim([tensor]);
    this.dispatches.forEach(({ tensors }, at) => {
      for (const tensor of tensors.flat()) {
        const block = blocks.get(tensor);
        if (!block) continue;
        block.first = Math.min(block.first, at);
        block.last = Math.max(block.last, at);
      }
    });
    return blocks;
  }
}

/** What a captured step asks of its backend. */
interface Host {
  device: GPUDevice;
  queue: GPUQueue;
  bufferManager: { numBytesAllocated: number };
  flush(): void;
  finished(): Promise<void>;
  /** Memory of a tensor, or of several side by side, that the step doesn't make. */
  rangeOf(tensors: readonly DataId[]): Range;
  /** Drops the CPU copy of a tensor that was changed on the device. */
  touched(tensor: DataId): void;
}

/** Small enough to stay clear of the operating system's GPU watchdog, which resets after about two seconds. */
const DISPATCHES_PER_SUBMIT = 256;

/** A captured step, with the memory of its tensors. */
export class WebGPUCapturedStep {
  readonly dispatches: readonly Encoded[];
  readonly #buffers: GPUBuffer[];
  readonly #changed: ReadonlySet<DataId>;

  constructor(
    private readonly host: Host,
    recording: Recording,
    blocks: ReturnType<Recording["blocks"]>,
  ) {
    const { device } = host;
    const needs = [...new Set(blocks.values())];
    const { buffers, bufferOf } = planMemory(needs);
    this.#buffers = buffers.map((size) => device.createBuffer({ size, usage: GPUBufferUsage.STORAGE }));
    host.bufferManager.numBytesAllocated += buffers.reduce((sum, size) => sum + size, 0);
    const places = new Map(needs.map((need, index) => [need, this.#buffers[bufferOf[index]!]!]));
    const rangeOf = (tensors: readonly DataId[]): Range => {
      const block = blocks.get(tensors[0]!);
      if (!block) return host.rangeOf(tensors);
      const whole = tensors.length === block.tensors.length;
      return {
        buffer: places.get(block)!,
        offset: block.offsets[block.tensors.indexOf(tensors[0]!)]!,
        size: whole ? block.bytes : recording.made.get(tensors[0]!)!,
      };
    };
    this.dispatches = recording.dispatches.map(({ compiled: { pipeline, layout }, tensors, constants, grid }) => ({
      pipeline,
      grid,
      bindings: bind(device, layout, [...tensors.map(rangeOf), ...(constants ? [{ buffer: constants }] : [])]),
    }));
    this.#changed = recording.changed;
  }

  /** Runs the step `times` times. */
  replay(times: number): void {
    const { device, queue } = this.host;
    this.host.flush();
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
    for (const tensor of this.#changed) this.host.touched(tensor);
  }

  /** Runs the step `times` times; returns seconds of one, of the calls and of what the GPU still takes after them. */
  async profile(times: number, now: () => number): Promise<{ encoding: number; waiting: number }> {
    await this.host.finished();
    const from = now();
    this.replay(times);
    const called = now();
    await this.host.finished();
    return { encoding: (called - from) / 1000 / times, waiting: (now() - called) / 1000 / times };
  }

  /** Destroys the step's memory; it can't be replayed afterwards. */
  dispose(): void {
    for (const buffer of this.#buffers.splice(0)) {
      this.host.bufferManager.numBytesAllocated -= buffer.size;
      buffer.destroy();
    }
  }
}

export const bind = (device: GPUDevice, layout: GPUBindGroupLayout, ranges: readonly Range[]): GPUBindGroup =>
  device.createBindGroup({ layout, entries: ranges.map((resource, binding) => ({ binding, resource })) });
