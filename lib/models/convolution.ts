/**
 * A square convolution without bias, with TensorFlow's "same" padding:
 * `[batch, height, width, channels]` → `[batch, ⌈height/stride⌉, ⌈width/stride⌉, filters]`.
 * Kernels are HWIO.
 */
import type { NamedAttrMap, NamedTensorMap, Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { Conv2DBackpropFilter, Conv2DBackpropInput, conv2d, engine, matMul, reshape } from "@tensorflow/tfjs-core";
import type { Layer } from "./layer";

export function convolution(filters: number, { size, stride = 1 }: { size: number; stride?: number }): Layer {
  const settings = { strides: stride, pad: "same", dataFormat: "NHWC", dilations: 1, dimRoundingMode: undefined };
  return {
    kind: "convolution",
    outputShape: ([input]) => [Math.ceil(input![0]! / stride), Math.ceil(input![1]! / stride), filters],
    parameters: ([input]) => [
      { name: "kernel", shape: [size, size, input![2]!, filters], initial: { fanIn: size * size * input![2]! } },
    ],
    forward([x], [kernel]) {
      return { y: conv2d(x as Tensor4D, kernel as Tensor4D, stride, "same"), saved: [] };
    },
    backward(dy, [x], _activation, [kernel], wantsInput) {
      const run = (name: string, inputs: NamedTensorMap, attrs: object) =>
        engine().runKernel<Tensor>(name, inputs, { ...settings, ...attrs } as unknown as NamedAttrMap);
      const inputGradient = () => {
        if (size > 1 || stride > 1) return run(Conv2DBackpropInput, { dy, filter: kernel! }, { inputShape: x!.shape });
        const [, , inputs, outputs] = kernel!.shape as [number, number, number, number];
        return reshape(matMul(reshape(dy, [-1, outputs]), reshape(kernel!, [inputs, outputs]), false, true), x!.shape);
      };
      return {
        inputs: [wantsInput ? inputGradient() : null],
        parameters: [run(Conv2DBackpropFilter, { x: x!, dy }, { filterShape: kernel!.shape })],
      };
    },
  };
}
