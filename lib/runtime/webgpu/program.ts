/**
 * A WGSL program of ours: what it reads and writes, by the names that its code knows them by, and how it is compiled.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { util } from "@tensorflow/tfjs-core";

/** Threads of a workgroup in programs that give each thread one value. */
export const THREADS = 64;

export interface NewTensor {
  shape: number[];
  /** Default: float32. */
  dtype?: "float32" | "int32";
}

export interface Program {
  /** Names the code: programs with the same key share a pipeline for the same types. */
  key: string;
  inputs: Record<string, TensorInfo>;
  /** A shape for a new tensor, or a tensor that is changed in place. */
  outputs: Record<string, NewTensor | TensorInfo>;
  /** Whole numbers, as `uniforms.NAME` of type i32. */
  integers?: Record<string, number>;
  /** As `uniforms.NAME` of type f32. */
  floats?: Record<string, number>;
  workgroup?: [number, number, number];
  /** Workgroups in x, y, z; a grid that is too long in x must be folded by the caller. */
  grid: [number, number, number];
  /** All declarations and `fn main()`, with `localId`, `workgroupId` and `numWorkgroups` at hand. */
  code: string;
}

export interface Compiled {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

/** @param types WGSL types of the values of outputs, then inputs */
export function compile(
  device: GPUDevice,
  { key, inputs, outputs, integers = {}, floats = {}, workgroup = [THREADS, 1, 1], code }: Program,
  types: readonly string[],
): Compiled {
  const written = Object.keys(outputs);
  const names = [...written, ...Object.keys(inputs)];
  const uniforms = [
    ...Object.keys(integers).map((name) => `${name} : i32`),
    ...Object.keys(floats).map((name) => `${name} : f32`),
  ];
  const source = `
${names.map((name, binding) => `@group(0) @binding(${binding}) var<storage, ${binding < written.length ? "read_write" : "read"}> ${name} : array<${types[binding]}>;`).join("\n")}
${uniforms.length > 0 ? `struct Uniforms { ${uniforms.join(", ")} }\n@group(0) @binding(${names.length}) var<uniform> uniforms : Uniforms;` : ""}
var<private> localId : vec3<u32>;
var<private> workgroupId : vec3<u32>;
var<private> numWorkgroups : vec3<u32>;
${code}
@compute @workgroup_size(${workgroup.join()})
fn start(@builtin(local_invocation_id) local : vec3<u32>, @builtin(workgroup_id) group : vec3<u32>, @builtin(num_workgroups) groups : vec3<u32>) {
  localId = local;
  workgroupId = group;
  numWorkgroups = groups;
  main();
}`;
  const storage = names.map(
    (_, binding): GPUBufferBindingType => (binding < written.length ? "storage" : "read-only-storage"),
  );
  const buffers = uniforms.length > 0 ? [...storage, "uniform" as const] : storage;
  const layout = device.createBindGroupLayout({
    entries: buffers.map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } })),
  });
  const pipeline = device.createComputePipeline({
    label: key,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ label: key, code: source }), entryPoint: "start" },
  });
  return { pipeline, layout };
}

/** Values of a tensor. */
export const sizeOf = ({ shape }: TensorInfo): number => util.sizeFromShape(shape);

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
