/** The libraries that the page speaks: which variance each averages, its default, and how it is told a β. */

import type { VarianceEstimator } from "@/lib/dmbn/policy";
import { pyTorchMomentum, schedule } from "@/lib/dmbn/policy";
import type { CodeExport } from "@/lib/dmbn/policy/export";
import { toKeras, toPyTorch, toTfLayers } from "@/lib/dmbn/policy/export";
import type { FrameworkName } from "@/lib/leaderboard";

export interface Framework {
  name: string;
  variance: VarianceEstimator;
  /** The β of a layer that is told nothing. */
  momentum: number;
  /** What the library's own setting is for a β; null where it is β itself. */
  setting: ((momentum: number) => number) | null;
  code(momentum: number): CodeExport;
}

const biased = (momentum: number) => schedule(momentum, { variance: "biased" });

export const frameworks: Record<FrameworkName, Framework> = {
  pytorch: {
    name: "PyTorch",
    variance: "unbiased",
    momentum: 0.9,
    setting: pyTorchMomentum,
    code: (momentum) => toPyTorch(schedule(momentum)),
  },
  keras: {
    name: "Keras 3",
    variance: "biased",
    momentum: 0.99,
    setting: null,
    code: (momentum) => toKeras(biased(momentum)),
  },
  flax: { name: "Flax", variance: "biased", momentum: 0.99, setting: null, code: toFlax },
  "tf-layers": {
    name: "tf.layers",
    variance: "biased",
    momentum: 0.99,
    setting: null,
    code: (momentum) => toTfLayers(biased(momentum)),
  },
};

/** flax.linen.BatchNorm, whose momentum is β. */
function toFlax(momentum: number): CodeExport {
  return {
    code: [
      "import flax.linen as nn",
      "",
      `norm = nn.BatchNorm(use_running_average=not train, momentum=${momentum}, epsilon=1e-5)`,
    ].join("\n"),
    notes: ["Flax's own ε is 1e-5. In nnx the layer is nnx.BatchNorm(features, …) with the same momentum."],
  };
}
