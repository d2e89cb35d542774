/**
 * Convolutions on WASM: 1 × 1 as plain products, most of 3 × 3 by Winograd's tiles, others as products of patches. A
 * gradient by the input is a convolution with the flipped kernel. NHWC; kernels HWIO.
 */
import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { backend_util, Conv2D, Conv2DBackpropFilter, Conv2DBackpropInput } from "@tensorflow/tfjs-core";
import type { Kernel, Shape4 } from "./kernel";
import type { WasmProgram } from "./program";

interface ConvolutionAttributes extends NamedAttrMap {
  strides: [number, number] | number;
  pad: "same" | "valid" | number;
  dilations: [number, number] | number;
  dataFormat: "NHWC" | "NCHW";
  dimRoundingMode: "floor" | "round" | "ceil";
  inputShape: Shape4;
  filterShape: Shape4;
}

/** How the patches of an output lie in its input. */
interface Patches {
  size: number;
  stride: number;
  padTop: number;
  padLeft: number;
  /** Distance of the input's values in the grid that patches are cut from; between them are zeros. */
  dilation: number;
}

/** @throws Error for a kind of convolution that our networks don't use */
function patchesOf(inputShape: Shape4, filterShape: Shape4, attributes: ConvolutionAttributes) {
  const { strides, pad, dilations, dataFormat, dimRoundingMode } = attributes;
  const info = backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    false,
    backend_util.convertConv2DDataFormat(dataFormat ?? "NHWC"),
  );
  if (
    info.dataFormat !== "channelsLast" ||
    info.dilationHeight !== 1 ||
    info.dilationWidth !== 1 ||
    info.filterHeight !== info.filterWidth ||
    info.strideHeight !== info.strideWidth
  ) {
    throw new Error(
      "a convolution on WASM: expected a square kernel, one stride, no dilation and NHWC, " +
        `found a kernel of ${filterShape.join(" × ")}`,
    );
  }
  const { filterHeight: size, strideHeight: stride, padInfo, outShape } = info;
  const patches: Patches = { size, stride, padTop: padInfo.top, padLeft: padInfo.left, dilation: 1 };
  return { patches, outShape };
}

const isPointwise = ({ size, stride, dilation }: Patches) => size === 1 && stride === 1 && dilation === 1;

/**
 * Whether Winograd's tiles pay off: with fewer channels, transforming them costs more; with more, the kernel leaves the
 * cache. Never depends on the device or the batch, so that every machine computes the same bits.
 */
const isOfTiles = ({ size, stride, dilation }: Patches, channels: number, filters: number) =>
  size === 3 &&
  stride === 1 &&
  dilation === 1 &&
  channels % 4 === 0 &&
  filters % 4 === 0 &&
  Math.min(channels, filters) >= 16 &&
  channels * filters <= 128 ** 2;

/** Multiplications by tiles: 16 for four values. */
const workOfTiles = ([images, height, width, filters]: Shape4, channels: number) =>
  images * Math.ceil(height / 2) * Math.ceil(width / 2) * 16 * channels * filters;

/** A kernel, or its gradient, as tiles are multiplied by it. */
const transformedKernel = (program: WasmProgram, channels: number, filters: number) =>
  program.allocate([16, channels, 8 * Math.ceil(filters / 8)]);

/** `x ∗ kernel`, a new tensor of shape `shape`. */
function convolve(program: WasmProgram, x: TensorInfo, kernel: TensorInfo, shape: Shape4, patches: Patches) {
  const [images, height, width, channels] = x.shape as Shape4;
  const [, outHeight, outWidth, filters] = shape;
  const { size, stride, padTop, padLeft, dilation } = patches;
  const y = program.allocate(shape);
  const [from, by, to] = [x, kernel, y].map(program.address) as [number, number, number];
  const work = images * outHeight * outWidth * filters * size * size * channels;
  if (isPointwise(patches)) {
    const rows = images * outHeight * outWidth;
    program.perform("product", [from, channels, 1, by, filters, 1, to, rows, filters, channels], { work });
  } else if (isOfTiles(patches, channels, filters)) {
    const transformed = transformedKernel(program, channels, filters);
    const at = program.address(transformed);
    program.perform("winogradKernel", [by, channels, filters, at]);
    program.perform(
      "winograd",
      [from, height, width, channels, at, padTop, padLeft, to, outHeight, outWidth, filters, images],
      { work: workOfTiles(shape, channels) },
    );
    program.free(transformed);
  } else {
    const input = [from, height, width, channels, by, size, stride, padTop, padLeft, dilation];
    program.perform("convolution", [...input, to, outHeight, outWidth, filters, images], { work });
  }
  return y;
}

export const convolutions: Record<string, Kernel> = {
  [Conv2D]({ x, filter }, attributes: ConvolutionAttributes, program) {
    const { patches, outShape } = patchesOf(x!.shape as Shape4, filter!.shape as Shape4, attributes);
    return convolve(program, x!, filter!, outShape, patches);
  },

  /** `dx` is `dy`, dilated by the stride, convolved with the flipped kernel. */
  [Conv2DBackpropInput]({ dy, filter }, attributes: ConvolutionAttributes, program) {
    const { inputShape } = attributes;
    const [size, , channels, filters] = filter!.shape as Shape4;
    const { patches } = patchesOf(inputShape, filter!.shape as Shape4, attributes);
    const flipped = program.allocate([size, size, filters, channels]);
    const [from, to] = [filter!, flipped].map(program.address) as [number, number];
    program.perform("flip", [from, size * size, channels, filters, to]);
    const dx = convolve(program, dy!, flipped, inputShape, {
      size,
      stride: 1,
      padTop: size - 1 - patches.padTop,
      padLeft: size - 1 - patches.padLeft,
      dilation: patches.stride,
    });
    program.free(flipped);
    return dx;
  },

  [Conv2DBackpropFilter]({ x, dy }, attributes: ConvolutionAttributes, program) {
    const { filterShape } = attributes;
    const { patches } = patchesOf(x!.shape as Shape4, filterShape, attributes);
    const { size, stride, padTop, padLeft } = patches;
    const [images, height, width, channels] = x!.shape as Shape4;
    const [, outHeight, outWidth, filters] = dy!.shape as Shape4;
    const dkernel = program.allocate(filterShape);
    const [from, by, to] = [x!, dy!, dkernel].map(program.address) as [number, number, number];
    const positions = images * outHeight * outWidth;
    const work = positions * filters * size * size * channels;
    if (isPointwise(patches)) {
      program.perform("product", [from, 1, channels, by, filters, 1, to, channels, filters, positions], { work });
    } else if (isOfTiles(patches, channels, filters)) {
      const gradient = transformedKernel(program, channels, filters);
      const at = program.address(gradient);
      program.perform(
        "winogradGradient",
        [from, height, width, channels, padTop, padLeft, by, outHeight, outWidth, filters, images, at],
        { work: workOfTiles(dy!.shape as Shape4, channels) },
      );
      program.perform("winogradKernelGradient", [at, channels, filters, to]);
      program.free(gradient);
    } else {
      const input = [from, height, width, channels, by, outHeight, outWidth, filters, images];
      program.perform("kernelGradient", [...input, size, stride, padTop, padLeft, to], { work });
    }
    return dkernel;
  },
};
