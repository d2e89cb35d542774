/** Dense layers with a bias on WebGPU: the bias costs no dispatch, forward or backward. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { _FusedMatMul, getKernel } from "@tensorflow/tfjs-core";
import { DENSE, DENSE_GRADIENT } from "@/lib/dmbn/kernels";
import type { WebGPUKernels } from "./backend";

const TILE = 16;

export const denseKernels: WebGPUKernels<object> = {
  [DENSE]({ x, kernel, bias }, _attributes, backend) {
    const product = getKernel(_FusedMatMul, "webgpu")!;
    const y = product.kernelFunc({
      inputs: { a: x!, b: kernel!, bias: bias! },
      attrs: { transposeA: false, transposeB: false, activation: "linear" },
      backend,
    });
    return [y as TensorInfo];
  },

  /** `[x, 1]ᵀ · dy`: the gradient of the bias is that of a row of the kernel whose input is always 1. */
  [DENSE_GRADIENT]({ x, dy }, _attributes, backend) {
    const [batch, inputs] = x!.shape as [number, number];
    const units = dy!.shape[1]!;
    return backend.run({
      key: "dense_gradient",
      inputs: { x: x!, dy: dy! },
      outputs: { dkernel: { shape: [inputs, units] }, dbias: { shape: [units] } },
      integers: { batch, inputs, units },
      workgroup: [TILE, TILE, 1],
      grid: [Math.ceil(units / TILE), Math.ceil((inputs + 1) / TILE), 1],
      code: `
var<workgroup> left : array<f32, ${TILE * TILE}>;
var<workgroup> right : array<f32, ${TILE * TILE}>;
fn main() {
  let column = i32(localId.x);
  let line = i32(localId.y);
  let unit = i32(workgroupId.x) * ${TILE} + column;
  let input0 = i32(workgroupId.y) * ${TILE};
  var sum = 0.0;
  for (var example0 = 0; example0 < uniforms.batch; example0 = example0 + ${TILE}) {
    let example = example0 + line;
    let loaded = input0 + column;
    var ofX = 0.0;
    var ofDy = 0.0;
    if (example < uniforms.batch) {
      if (loaded < uniforms.inputs) { ofX = x[example * uniforms.inputs + loaded]; }
      else { ofX = select(0.0, 1.0, loaded == uniforms.inputs); }
      if (unit < uniforms.units) { ofDy = dy[example * uniforms.units + unit]; }
    }
    left[line * ${TILE} + column] = ofX;
    right[line * ${TILE} + column] = ofDy;
    workgroupBarrier();
    for (var k = 0; k < ${TILE}; k = k + 1) { sum = sum + left[k * ${TILE} + line] * right[k * ${TILE} + column]; }
    workgroupBarrier();
  }
  let input = input0 + line;
  if (unit < uniforms.units) {
    if (input < uniforms.inputs) { dkernel[input * uniforms.units + unit] = sum; }
    else if (input == uniforms.inputs) { dbias[unit] = sum; }
  }
}`,
    });
  },
};
