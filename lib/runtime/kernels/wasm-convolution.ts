/**
 * The gradient of a convolution by its kernel, which the WASM backend lacks:
 * image patches laid out as rows (im2col), then one matrix product.
 */
import { backend_util, BatchMatMul, Conv2DBackpropFilter, getKernel, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import { hostMemories } from "../host-memory";

interface ConvolutionAttributes {
  strides: [number, number] | number;
  pad: "same" | "valid" | number;
  filterShape: [number, number, number, number];
}

/** Patches are laid out a few images at a time: at most this many bytes. */
const PATCH_BYTES = 64 * 2 ** 20;

/** Gives the WASM backend `Conv2DBackpropFilter`; again is harmless. */
export function registerWasmConvolutionGradient(): void {
  if (getKernel(Conv2DBackpropFilter, "wasm")) return;
  const multiply = getKernel(BatchMatMul, "wasm").kernelFunc;
  registerKernel({
    kernelName: Conv2DBackpropFilter,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend }) => {
      const memory = hostMemories.wasm(backend);
      const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
      const { strides, pad, filterShape } = attrs as unknown as ConvolutionAttributes;
      const { inChannels, outChannels, filterHeight, filterWidth, inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth, padInfo, batchSize } =
        backend_util.computeConv2DInfo(x.shape as [number, number, number, number], filterShape, strides, 1, pad);
      const patch = filterHeight * filterWidth * inChannels;
      const positions = outHeight * outWidth;
      const images = Math.max(1, Math.min(batchSize, Math.floor(PATCH_BYTES / (4 * patch * positions))));
      const free = (tensor: TensorInfo) => (backend as { disposeData(id: object): boolean }).disposeData(tensor.dataId);
      const result = memory.allocate([...filterShape]);
      memory.floats(result).fill(0);
      for (let first = 0; first < batchSize; first += images) {
        const count = Math.min(images, batchSize - first);
        const rows = count * positions;
        // Transposed patches [patch, rows] make the product a plain one: kernel gradient = patches · dy.
        const patches = memory.allocate([patch, rows]);
        const gradients = memory.allocate([rows, outChannels]);
        const size = positions * outChannels;
        memory.floats(gradients).set(memory.floats(dy).subarray(first * size, (first + count) * size));
        const [values, laid] = [memory.floats(x), memory.floats(patches)];
        for (let fy = 0, row = 0; fy < filterHeight; fy++) {
          for (let fx = 0; fx < filterWidth; fx++) {
            for (let channel = 0; channel < inChannels; channel++, row++) {
              let at = row * rows;
              for (let n = first; n < first + count; n++) {
                for (let oy = 0; oy < outHeight; oy++) {
                  const iy = oy * strideHeight + fy - padInfo.top;
                  const inside = iy >= 0 && iy < inHeight;
                  const line = ((n * inHeight + iy) * inWidth) * inChannels + channel;
                  for (let ox = 0; ox < outWidth; ox++, at++) {
                    const ix = ox * strideWidth + fx - padInfo.left;
                    laid[at] = inside && ix >= 0 && ix < inWidth ? values[line + ix * inChannels]! : 0;
                  }
                }
              }
            }
          }
        }
        const product = multiply({ inputs: { a: patches, b: gradients }, attrs: { transposeA: false, transposeB: false }, backend }) as TensorInfo;
        const [sum, part] = [memory.floats(result), memory.floats(product)];
        for (let index = 0; index < sum.length; index++) sum[index]! += part[index]!;
        [patches, gradients, product].forEach(free);
      }
      return result;
    },
  });
}
