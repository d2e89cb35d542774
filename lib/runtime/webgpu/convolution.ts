/**
 * The gradient of a convolution with respect to its filter, as a product of two
 * matrices that are never materialized: `[filter positions × channels, all output
 * positions]` times `[all output positions, filters]`. The long inner axis is
 * sliced over workgroups, and the slices are added in a fixed order, so that every
 * run gives bit-identical results.
 */
import { backend_util, Conv2DBackpropFilter } from "@tensorflow/tfjs-core";
import type { WebGPUKernels } from "./backend";
import { gridFor, INDEX } from "./program";

/** A workgroup computes a tile of TILE × TILE values; each of its 16 × 16 threads computes 2 × 2 of them … */
const TILE = 32;
/** … from this many output positions at a time. */
const DEPTH = 16;

/** Enough workgroups to keep a GPU busy. */
const BUSY = 512;
/** The fewest output positions worth a separate workgroup. */
const LEAST_SLICE = 512;

type Settings = Parameters<typeof backend_util.computeConv2DInfo>;
type Shape = Settings[0];

interface Attributes {
  strides: Settings[2];
  pad: Settings[4];
  filterShape: Settings[1];
}

export const convolutionKernels: WebGPUKernels<Attributes> = {
  [Conv2DBackpropFilter]({ x, dy }, { strides, pad, filterShape }, backend) {
    const {
      batchSize,
      inHeight,
      inWidth,
      inChannels,
      outHeight,
      outWidth,
      outChannels,
      filterHeight,
      filterWidth,
      strideHeight,
      strideWidth,
      padInfo,
    } = backend_util.computeConv2DInfo(x!.shape as Shape, filterShape, strides, 1, pad);
    const rows = filterHeight * filterWidth * inChannels;
    const positions = batchSize * outHeight * outWidth;
    const [across, down] = [Math.ceil(outChannels / TILE), Math.ceil(rows / TILE)];
    const slices = Math.max(1, Math.min(Math.ceil(BUSY / (across * down)), Math.floor(positions / LEAST_SLICE)));
    const shape = [filterHeight, filterWidth, inChannels, outChannels];
    const [partial] = backend.run({
      key: "filter_gradient",
      inputs: { x: x!, dy: dy! },
      outputs: { result: { shape: slices === 1 ? shape : [slices, ...shape] } },
      integers: {
        rows,
        positions,
        outChannels,
        inChannels,
        inHeight,
        inWidth,
        outHeight,
        outWidth,
        filterWidth,
        strideHeight,
        strideWidth,
        top: padInfo.top,
        left: padInfo.left,
        slice: Math.ceil(positions / slices),
      },
      workgroup: [16, 16, 1],
      grid: [across, down, slices],
      code: `
var<workgroup> patches : array<f32, ${DEPTH * TILE}>;
var<workgroup> gradients : array<f32, ${DEPTH * TILE}>;
fn main() {
  let thread = i32(localId.y) * 16 + i32(localId.x);
  let row0 = i32(workgroupId.y) * ${TILE};
  let filter0 = i32(workgroupId.x) * ${TILE};
  let slice = i32(workgroupId.z);
  let last = min(uniforms.positions, (slice + 1) * uniforms.slice);
  // This thread loads one row of patches and one filter of gradients, at two positions.
  let lane = thread % ${TILE};
  let row = row0 + lane;
  let channel = row % uniforms.inChannels;
  let shiftY = row / uniforms.inChannels / uniforms.filterWidth - uniforms.top;
  let shiftX = row / uniforms.inChannels % uniforms.filterWidth - uniforms.left;
  let loaded = filter0 + lane;
  var sums = mat2x2<f32>();
  for (var round = 0; round * ${DEPTH} < uniforms.slice; round = round + 1) {
    let first = slice * uniforms.slice + round * ${DEPTH};
    for (var k = thread / ${TILE}; k < ${DEPTH}; k = k + ${256 / TILE}) {
      let position = first + k;
      var patched = 0.0;
      var gradient = 0.0;
      if (position < last) {
        let outX = position % uniforms.outWidth;
        let outY = position / uniforms.outWidth % uniforms.outHeight;
        let example = position / uniforms.outWidth / uniforms.outHeight;
        let inY = outY * uniforms.strideHeight + shiftY;
        let inX = outX * uniforms.strideWidth + shiftX;
        if (row < uniforms.rows && inY >= 0 && inY < uniforms.inHeight && inX >= 0 && inX < uniforms.inWidth) {
          patched = x[((example * uniforms.inHeight + inY) * uniforms.inWidth + inX) * uniforms.inChannels + channel];
        }
        if (loaded < uniforms.outChannels) { gradient = dy[position * uniforms.outChannels + loaded]; }
      }
      patches[k * ${TILE} + lane] = patched;
      gradients[k * ${TILE} + lane] = gradient;
    }
    workgroupBarrier();
    for (var k = 0; k < ${DEPTH}; k = k + 1) {
      let at = k * ${TILE};
      let left = vec2<f32>(patches[at + i32(localId.y)], patches[at + i32(localId.y) + 16]);
      let right = vec2<f32>(gradients[at + i32(localId.x)], gradients[at + i32(localId.x) + 16]);
      sums[0] = sums[0] + left[0] * right;
      sums[1] = sums[1] + left[1] * right;
    }
    workgroupBarrier();
  }
  for (var i = 0; i < 2; i = i + 1) {
    for (var j = 0; j < 2; j = j + 1) {
      let toRow = row0 + i32(localId.y) + 16 * i;
      let toFilter = filter0 + i32(localId.x) + 16 * j;
      if (toRow < uniforms.rows && toFilter < uniforms.outChannels) {
        result[(slice * uniforms.rows + toRow) * uniforms.outChannels + toFilter] = sums[i][j];
      }
    }
  }
}`,
    });
    if (slices === 1) return partial!;
    const total = rows * outChannels;
    const [sum] = backend.run({
      key: "filter_gradient_sum",
      inputs: { partial: partial! },
      outputs: { result: { shape } },
      integers: { total, slices },
      grid: gridFor(total),
      code: `
fn main() {${INDEX("uniforms.total")}
  var sum = 0.0;
  for (var slice = 0; slice < uniforms.slices; slice = slice + 1) {
    sum = sum + partial[slice * uniforms.total + index];
  }
  result[index] = sum;
}`,
    });
    backend.disposeData(partial!.dataId);
    return sum!;
  },
};
