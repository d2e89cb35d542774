/**
 * Running a WGSL program of ours through TensorFlow.js's WebGPU backend: its
 * memory, its pipelines' cache, its command encoder.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";

/** By kernel name: inputs and attributes → outputs, newly allocated. */
export type WebGPUKernels<Attributes> = Record<string, (inputs: Record<string, TensorInfo | undefined>, attributes: Attributes, backend: WebGPUBackend) => TensorInfo[]>;

/** Threads of a workgroup in programs that give each thread one value. */
export const THREADS = 64;

export interface Program {
  /** Names the code: programs with the same key, ranks and types share a pipeline. */
  key: string;
  /** Inputs by the names the code knows them by. */
  inputs: Record<string, TensorInfo>;
  shape: number[];
  /** Whole numbers, as `uniforms.NAME` of type i32. */
  integers?: Record<string, number>;
  /** As `uniforms.NAME` of type f32. */
  floats?: Record<string, number>;
  workgroup?: [number, number, number];
  /** Workgroups in x, y, z; a grid that is too long in x must be folded by the caller. */
  grid: [number, number, number];
  /** All declarations and `fn main()`; the output is `result`. */
  code: string;
}

/** Runs a program into a new tensor, or into `output`, which is changed in place. */
export function runProgram(backend: WebGPUBackend, { key, inputs, shape, integers = {}, floats = {}, workgroup = [THREADS, 1, 1], grid, code }: Program, output?: TensorInfo): TensorInfo {
  const uniforms = [
    ...Object.entries(integers).map(([name, value]) => ({ name, type: "int32" as const, wgsl: "i32", value })),
    ...Object.entries(floats).map(([name, value]) => ({ name, type: "float32" as const, wgsl: "f32", value })),
  ];
  const result = backend.runWebGPUProgram(
    {
      outputShape: shape,
      variableNames: Object.keys(inputs),
      uniforms: uniforms.map(({ name, wgsl }) => `${name} : ${wgsl},`).join(" "),
      workgroupSize: workgroup,
      // Naming y makes the entry point `main()`, with localId, globalId and workgroupId at hand.
      dispatchLayout: { x: [0], y: [1] },
      dispatch: grid,
      shaderKey: `dmbench_${key}`,
      getUserCode: () => code,
    },
    Object.values(inputs),
    "float32",
    uniforms.map(({ type, value }) => ({ type, data: [value] })),
    output,
  );
  if (output) forgetCopy(backend, output);
  return result;
}

/** Drops the CPU's copy of a tensor that was changed on the GPU. */
function forgetCopy(backend: WebGPUBackend, { dataId }: TensorInfo): void {
  (backend as unknown as { tensorMap: { get(id: object): { values: unknown } } }).tensorMap.get(dataId).values = null;
}

const MAX_WORKGROUPS = 65_535;

/** A grid for `count` threads, one value each; `INDEX` is the value's index in the code. */
export function gridFor(count: number): [number, number, number] {
  const groups = Math.ceil(count / THREADS);
  const rows = Math.ceil(groups / MAX_WORKGROUPS);
  return [Math.ceil(groups / rows), rows, 1];
}

/** WGSL: the index of this thread's value on a grid of `gridFor`, of `count` values. */
export const INDEX = (count: string) => `
  let index = (i32(workgroupId.y) * i32(numWorkgroups.x) + i32(workgroupId.x)) * ${THREADS} + i32(localId.x);
  if (index >= ${count}) { return; }`;
