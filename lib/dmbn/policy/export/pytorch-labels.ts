/** Choosing by labels in PyTorch: what the loss or the errors on calibration_loader are under some statistics. */
import type { SelectPolicy } from "../policy";

/** Needs `norms` and `calibration_loader`; `values` turns a norm's input `x` into `[values, channels]`. */
const measureInPyTorch = (values: string): string[] => [
  "def measure(first):  # gives each norm from the first on what it sees behind those before it",
  "    for norm in norms[first:]:",
  "        seen = []",
  `        hook = norm.register_forward_pre_hook(lambda _, args: seen.append(${values}))`,
  "        with torch.no_grad():",
  "            for images, _ in calibration_loader:",
  "                model(images)",
  "        hook.remove()",
  "        x = torch.cat(seen)",
  "        norm.running_mean.copy_(x.mean(0))",
  "        norm.running_var.copy_(x.var(0, correction=0))",
  "",
];

const costInPyTorch = (by: "loss" | "accuracy"): string[] => [
  "def cost():",
  "    with torch.no_grad():",
  "        return sum(",
  by === "loss"
    ? '            torch.nn.functional.cross_entropy(model(images), labels, reduction="sum").item()'
    : "            (model(images).argmax(1) != labels).sum().item()",
  "            for images, labels in calibration_loader",
  "        )",
  "",
];

/** Chooses among `means` and `variances`, `[candidates, channels]` for each layer. */
export const selectByLabelsInPyTorch = ({
  by,
  granularity,
}: Pick<SelectPolicy, "granularity"> & { by: "loss" | "accuracy" }): string[] => [
  ...costInPyTorch(by),
  "def take(layer, candidate):",
  "    norms[layer].running_mean.copy_(means[layer][candidate])",
  "    norms[layer].running_var.copy_(variances[layer][candidate])",
  "",
  "model.eval()",
  ...(granularity === "network"
    ? [
        "costs = []",
        "for candidate in range(len(means[0])):",
        "    for layer in range(layers):",
        "        take(layer, candidate)",
        "    costs.append(cost())",
        "for layer in range(layers):",
        "    take(layer, costs.index(min(costs)))",
      ]
    : [
        ...measureInPyTorch("values_of(args[0])"),
        "for layer in range(layers):",
        "    costs = []",
        "    for candidate in range(len(means[layer])):",
        "        take(layer, candidate)",
        "        measure(layer + 1)",
        "        costs.append(cost())",
        "    take(layer, costs.index(min(costs)))",
      ]),
];

/** A recalibration whose shift and scale have the least loss, layer after layer. */
export const correctByLossInPyTorch = ({
  shifts,
  scales,
}: {
  shifts: readonly number[];
  scales: readonly number[];
}): string[] => [
  ...measureInPyTorch("args[0].movedim(1, -1).flatten(0, -2)"),
  ...costInPyTorch("loss"),
  "model.eval()",
  "for layer, norm in enumerate(norms):",
  "    measure(layer)",
  "    mean, variance = norm.running_mean.clone(), norm.running_var.clone()",
  "    best = None",
  `    for scale in [${scales.join(", ")}]:`,
  `        for shift in [${shifts.join(", ")}]:`,
  "            norm.running_mean.copy_(mean + shift * variance.sqrt())",
  "            norm.running_var.copy_(scale**2 * variance)",
  "            measure(layer + 1)",
  "            found = cost(), norm.running_mean.clone(), norm.running_var.clone()",
  "            if best is None or found[0] < best[0]:",
  "                best = found",
  "    norm.running_mean.copy_(best[1])",
  "    norm.running_var.copy_(best[2])",
];
