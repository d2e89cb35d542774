/**
 * Optimizers over a network's parameters. Formulas and defaults are PyTorch's
 * (torch.optim.SGD, torch.optim.Adam), weight decay included: it is added to
 * the gradient of every parameter.
 */
import { add, dispose, div, mul, sqrt, square, sub, type Tensor, tidy, type Variable, variable, zerosLike } from "@tensorflow/tfjs-core";
import { runKernel } from "@/lib/dmbn";
import { ADAM, ADAM_STEP, SGD_STEP } from "./kernels";
import type { Recipe } from "./recipe";

export interface Optimizer {
  /** Changes the parameters by their gradients, in the same order. Does not dispose the gradients. */
  step(gradients: readonly Tensor[], learningRate: number): void;
  /** What it remembers between steps, for a checkpoint; owned by the optimizer. */
  readonly state: readonly Variable[];
  /** Steps taken; set when a checkpoint is restored. */
  steps: number;
  dispose(): void;
}

export function createOptimizer({ optimizer, sgdMomentum, weightDecay }: Pick<Recipe, "optimizer" | "sgdMomentum" | "weightDecay">, parameters: readonly Variable[]): Optimizer {
  return optimizer === "adam" ? adam(parameters, { weightDecay }) : sgd(parameters, { momentum: sgdMomentum, weightDecay });
}

const zerosFor = (parameters: readonly Variable[]) => parameters.map((parameter) => tidy(() => variable(zerosLike(parameter), false)));

const decayed = (gradient: Tensor, weight: Variable, weightDecay: number) => (weightDecay === 0 ? gradient : add(gradient, mul(weight, weightDecay)));

/** `velocity ← momentum · velocity + gradient; weight ← weight − learningRate · velocity`. */
export function sgd(parameters: readonly Variable[], { momentum, weightDecay }: { momentum: number; weightDecay: number }): Optimizer {
  const velocities = zerosFor(parameters);
  return {
    state: velocities,
    steps: 0,
    step(gradients, learningRate) {
      this.steps++;
      parameters.forEach((weight, index) => {
        const velocity = velocities[index]!;
        const gradient = gradients[index]!;
        runKernel(SGD_STEP, { weight, velocity, gradient }, { learningRate, momentum, weightDecay }, () => {
          velocity.assign(add(mul(velocity, momentum), decayed(gradient, weight, weightDecay)));
          weight.assign(sub(weight, mul(velocity, learningRate)));
          return [];
        });
      });
    },
    dispose: () => dispose(velocities),
  };
}

/** Kingma & Ba 2015 with bias correction; decay rates .9 and .999, epsilon 1e-8. */
export function adam(parameters: readonly Variable[], { weightDecay }: { weightDecay: number }): Optimizer {
  const first = zerosFor(parameters);
  const second = zerosFor(parameters);
  return {
    state: [...first, ...second],
    steps: 0,
    step(gradients, learningRate) {
      const step = ++this.steps;
      const { beta1, beta2, epsilon } = ADAM;
      const rate = learningRate / (1 - beta1 ** step);
      const correction = Math.sqrt(1 - beta2 ** step);
      parameters.forEach((weight, index) => {
        const [m, v, gradient] = [first[index]!, second[index]!, gradients[index]!];
        runKernel(ADAM_STEP, { weight, first: m, second: v, gradient }, { learningRate, weightDecay, step }, () => {
          const decayedGradient = decayed(gradient, weight, weightDecay);
          m.assign(add(mul(m, beta1), mul(decayedGradient, 1 - beta1)));
          v.assign(add(mul(v, beta2), mul(square(decayedGradient), 1 - beta2)));
          weight.assign(sub(weight, mul(div(m, add(div(sqrt(v), correction), epsilon)), rate)));
          return [];
        });
      });
    },
    dispose: () => dispose([...first, ...second]),
  };
}
