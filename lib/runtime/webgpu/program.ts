/** Our own WGSL programs, whose code refers to inputs and outputs by name, and their compilation. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { util } from "@tensorflow/tfjs-core";

/** Threads per workgroup in programs with one value per thread. */
export const THREADS = 64;

export interface NewTensor {
  shape: number[];
  /** Default: float32. */
  dtype?: "float32" | "int32";
}

export interface Program {
  /** Identifies the code: programs with the same key and types share a pipeline. */
  key: string;
  /** A tensor, or several to read as one array, side by side: see `sideBySide` for where each begins. */
  inputs: Record<string, TensorInfo | readonly TensorInfo[]>;
  /** A shape for a new tensor, a tensor to change in place, or several to change as one array, side by side. */
  outputs: Record<string, NewTensor | TensorInfo | readonly TensorInfo[]>;
  /**
   * An output, and the input whose memory it may take if nothing reads that input later. Each thread must read an input's
   * value before it writes the output's at the same index, and no thread any other's.
   */
  over?: Record<string, string>;
  /** Available as `uniforms.NAME`, of type i32. */
  integers?: Record<string, number>;
  /** Available as `uniforms.NAME`, of type f32. */
  floats?: Record<string, number>;
  workgroup?: [number, number, number];
  /** Workgroups in x, y, z. Fold a grid that is too long in x with `gridFor`. */
  grid: [number, number, number];
  /** Declarations and `fn main()`, which may read `localId`, `workgroupId` and `numWorkgroups`. */
  code: string;
}

export interface Compiled {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

/** The program whose output lies over an input: one binding, which it reads and writes under the input's name. */
export function overlaid(program: Program, output: string, input: string): Program {
  const { [output]: _, ...outputs } = program.outputs;
  const { [input]: changed, ...inputs } = program.inputs;
  return {
    ...program,
    key: `${program.key} ${output} over ${input}`,
    inputs,
    outputs: { ...outputs, [input]: changed! },
    code: program.code.replaceAll(new RegExp(`\\b${output}\\[`, "g"), `${input}[`),
  };
}

/**
 * Compiles a program to a pipeline.
 * @param types WGSL element types of the outputs, then of the inputs
 */
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
  const declaration = (name: string, binding: number) => {
    const access = binding < written.length ? "read_write" : "read";
    return `@group(0) @binding(${binding}) var<storage, ${access}> ${name} : array<${types[binding]}>;`;
  };
  const uniformDeclaration = `struct Uniforms { ${uniforms.join(", ")} }
@group(0) @binding(${names.length}) var<uniform> uniforms : Uniforms;`;
  const source = `
${names.map(declaration).join("\n")}
${uniforms.length > 0 ? uniformDeclaration : ""}
var<private> localId : vec3<u32>;
var<private> workgroupId : vec3<u32>;
var<private> numWorkgroups : vec3<u32>;
${code}
@compute @workgroup_size(${workgroup.join()})
fn start(
  @builtin(local_invocation_id) local : vec3<u32>,
  @builtin(workgroup_id) group : vec3<u32>,
  @builtin(num_workgroups) groups : vec3<u32>,
) {
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

/** Number of values in a tensor. */
export const sizeOf = ({ shape }: TensorInfo): number => util.sizeFromShape(shape);

const MAX_WORKGROUPS = 65_535;

/** A grid of `count` threads, one per value. In the code `INDEX` gives the value's index. */
export function gridFor(count: number): [number, number, number] {
  const groups = Math.ceil(count / THREADS);
  const rows = Math.ceil(groups / MAX_WORKGROUPS);
  return [Math.ceil(groups / rows), rows, 1];
}

/** WGSL: `index` of this thread's value, on a grid from `gridFor(count)`. */
export const INDEX = (count: string) => `
  let index = (i32(workgroupId.y) * i32(numWorkgroups.x) + i32(workgroupId.x)) * ${THREADS} + i32(localId.x);
  if (index >= ${count}) { return; }`;
