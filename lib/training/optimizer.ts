/**
 * Optimizers over a network's parameters. Formulas and defaults are PyTorch's
 * (torch.optim.SGD, torch.optim.Adam), including weight decay, which is added to
 * every parameter's gradient.
 */
import type { NamedAttrMap, NamedTensorMap, Tensor1D, Variable } from "@tensorflow/tfjs-core";
import { add, dispose, div, mul, sqrt, square, sub, Tensor, tidy, variable, zerosLike } from "@tensorflow/tfjs-core";
import { runKernel } from "@/lib/dmbn";
import type { Recipe } from "@/lib/records";
import { ADAM, ADAM_STEP, SGD_STEP } from "./kernels";

/** Step sizes. */
export interface Rates {
  /** SGD: the learning rate. Adam: the learning rate divided by `1 − β₁^step`. */
  rate: number;
  /** SGD: 1. Adam: `√(1 − β₂^step)`. */
  correction: number;
}

export interface Optimizer {
  /** @param step from 1 */
  rates(learningRate: number, step: number): Rates;
  /**
   * Updates the parameters in place. Does not dispose the gradients.
   * @param gradients in the order of the parameters
   * @param rates numbers, or a tensor `[2]` on the device if the backend has a kernel that reads it
   */
  step(gradients: readonly Tensor[], rates: Rates | Tensor1D): void;
  /** The state between steps, for checkpoints; owned by the optimizer. */
  readonly state: readonly Variable[];
  dispose(): void;
}

export function createOptimizer(
  { optimizer, sgdMomentum, weightDecay }: Pick<Recipe, "optimizer" | "sgdMomentum" | "weightDecay">,
  parameters: readonly Variable[],
): Optimizer {
  switch (optimizer) {
    case "sgd":
      return sgd(parameters, { momentum: sgdMomentum, weightDecay });
    case "adam":
      return adam(parameters, { weightDecay });
  }
}

const zerosFor = (parameters: readonly Variable[]) =>
  parameters.map((parameter) => tidy(() => variable(zerosLike(parameter), false)));

const decayed = (gradient: Tensor, weight: Variable, weightDecay: number) =>
  weightDecay === 0 ? gradient : add(gradient, mul(weight, weightDecay));

/** Tensor lists as named kernel inputs: `name0`, `name1` … */
const numbered = (tensors: Record<string, readonly Tensor[]>): NamedTensorMap =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([name, all]) => all.map((tensor, index) => [`${name}${index}`, tensor])),
  );

/** Updates all parameters with the backend's kernel; without one, parameter by parameter with `compose`. */
function stepAll(
  kernel: string,
  tensors: Record<string, readonly Tensor[]>,
  rates: Rates | Tensor1D,
  attributes: NamedAttrMap,
  compose: (index: number, rates: Rates) => void,
): void {
  const count = tensors.weight!.length;
  const onDevice = rates instanceof Tensor;
  const inputs = { ...numbered(tensors), ...(onDevice && { rates }) };
  runKernel(kernel, inputs, { ...attributes, count, ...(!onDevice && { ...rates }) }, () => {
    if (onDevice) throw new Error(`${kernel} is composed here, and takes its rates as numbers`);
    for (let index = 0; index < count; index++) compose(index, rates);
    return [];
  });
}

/** `velocity ← momentum · velocity + gradient; weight ← weight − learningRate · velocity`. */
export function sgd(
  parameters: readonly Variable[],
  { momentum, weightDecay }: { momentum: number; weightDecay: number },
): Optimizer {
  const velocities = zerosFor(parameters);
  return {
    state: velocities,
    rates: (learningRate) => ({ rate: learningRate, correction: 1 }),
    step(gradients, rates) {
      stepAll(
        SGD_STEP,
        { weight: parameters, velocity: velocities, gradient: gradients },
        rates,
        { momentum, weightDecay },
        (index, { rate }) => {
          const [weight, velocity] = [parameters[index]!, velocities[index]!];
          velocity.assign(add(mul(velocity, momentum), decayed(gradients[index]!, weight, weightDecay)));
          weight.assign(sub(weight, mul(velocity, rate)));
        },
      );
    },
    dispose: () => dispose(velocities),
  };
}

/** Kingma & Ba 2015 with bias correction; decay rates .9 and .999, epsilon 1e-8. */
export function adam(parameters: readonly Variable[], { weightDecay }: { weightDecay: number }): Optimizer {
  const first = zerosFor(parameters);
  const second = zerosFor(parameters);
  const { beta1, beta2, epsilon } = ADAM;
  return {
    state: [...first, ...second],
    rates: (learningRate, step) => ({
      rate: learningRate / (1 - beta1 ** step),
      correction: Math.sqrt(1 - beta2 ** step),
    }),
    step(gradients, rates) {
      stepAll(
        ADAM_STEP,
        { weight: parameters, first, second, gradient: gradients },
        rates,
        { weightDecay },
        (index, { rate, correction }) => {
          const [weight, m, v] = [parameters[index]!, first[index]!, second[index]!];
          const gradient = decayed(gradients[index]!, weight, weightDecay);
          m.assign(add(mul(m, beta1), mul(gradient, 1 - beta1)));
          v.assign(add(mul(v, beta2), mul(square(gradient), 1 - beta2)));
          weight.assign(sub(weight, mul(div(m, add(div(sqrt(v), correction), epsilon)), rate)));
        },
      );
    },
    dispose: () => dispose([...first, ...second]),
  };
}
