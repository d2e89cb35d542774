/** A policy as PyTorch code. PyTorch's momentum is 1 − β. */

import { estimatorsOf, usesLabels } from "../choice";
import { variablesOf } from "../expression";
import { pyTorchMomentum } from "../momentum";
import type { MomentumPolicy, RecalibratePolicy, SchedulePolicy, SelectPolicy, VarianceEstimator } from "../policy";
import { correctByLossInPyTorch, selectByLabelsInPyTorch } from "./pytorch-labels";
import type { CodeExport } from "./shared";
import {
  constantOf,
  expressionIn,
  indented,
  lastBitNotes,
  lines,
  reads,
  rectifierNote,
  separateNote,
  standardInitial,
  varianceNotes,
} from "./shared";
import type { Dialect } from "./translate";

const cumulative = "1 - 1 / step";

const pyTorchNorms = [
  "from torch.nn.modules.batchnorm import _BatchNorm",
  "",
  "norms = [module for module in model.modules() if isinstance(module, _BatchNorm)]",
];

const pyTorchDialect: Dialect = {
  language: "python",
  names: {
    step: "step",
    steps: "steps",
    epoch: "epoch",
    epochs: "epochs",
    layer: "layer",
    layers: "len(norms)",
    channels: "norm.num_features",
    batchSize: "batch_size",
    learningRate: "learning_rate",
  },
};

/** A policy as PyTorch code, for the reader's own `model`, `loader`, `optimizer` and `train_step`. */
export function toPyTorch(policy: MomentumPolicy): CodeExport {
  switch (policy.kind) {
    case "schedule":
      return pyTorchSchedule(policy);
    case "select":
      return policy.by === "drift" ? pyTorchClosedForm(policy) : pyTorchSelect(policy);
    case "recalibrate":
      return pyTorchRecalibrate(policy);
  }
}

function pyTorchSchedule(policy: SchedulePolicy): CodeExport {
  const notes = varianceNotes("PyTorch", "unbiased", policy.variance);
  const start = standardInitial(policy)
    ? []
    : [
        "for norm in norms:",
        `    norm.running_mean.fill_(${policy.initial.mean})`,
        `    norm.running_var.fill_(${policy.initial.variance})`,
      ];
  const beta = constantOf(policy);
  const setting =
    beta !== null
      ? String(pyTorchMomentum(beta))
      : policy.momentum === cumulative && policy.varianceMomentum === null
        ? "None"
        : null;
  if (setting !== null) {
    return { code: lines(pyTorchNorms, "for norm in norms:", `    norm.momentum = ${setting}`, start), notes };
  }
  const loopNotes = [...notes, ...lastBitNotes("Python", policy.momentum, policy.varianceMomentum)];
  const inPython = expressionIn(pyTorchDialect);
  const mean = inPython(policy.momentum);
  const variance = inPython(policy.varianceMomentum ?? policy.momentum);
  const apart = policy.varianceMomentum !== null;
  const { debias } = policy;
  const setup = [
    `${mean}${variance}`.includes("math.") && "import math",
    ...pyTorchNorms,
    ...start,
    reads(policy, "steps") && "steps = epochs * len(loader)",
    reads(policy, "batchSize") && "batch_size = loader.batch_size",
    reads(policy, "learningRate") && 'learning_rate = optimizer.param_groups[0]["lr"]',
    apart && "for norm in norms:",
    apart && "    norm.momentum = 1.0",
    debias && "mean_product = [1.0] * len(norms)",
    debias && apart && "variance_product = [1.0] * len(norms)",
    "step = 0",
    "for epoch in range(epochs):",
    "    for images, labels in loader:",
    "        step += 1",
  ];
  if (apart) {
    return {
      code: lines(
        setup,
        indented(
          2,
          "before = [(norm.running_mean.clone(), norm.running_var.clone()) for norm in norms]",
          "train_step(images, labels)",
        ),
        indented(2, "for layer, (norm, (old_mean, old_variance)) in enumerate(zip(norms, before)):"),
        indented(3, `mean_beta = ${mean}`, `variance_beta = ${variance}`),
        debias &&
          indented(
            3,
            ...["mean", "variance"].flatMap((name) => [
              `${name}_product[layer] *= ${name}_beta`,
              `${name}_beta = 1 - (1 - ${name}_beta) / (1 - ${name}_product[layer])`,
            ]),
          ),
        indented(
          3,
          "norm.running_mean.lerp_(old_mean, mean_beta)",
          "norm.running_var.lerp_(old_variance, variance_beta)",
        ),
      ),
      notes: [...loopNotes, separateNote("PyTorch")],
    };
  }
  return {
    code: lines(
      setup,
      indented(2, "for layer, norm in enumerate(norms):", `    beta = ${mean}`),
      debias
        ? indented(3, "mean_product[layer] *= beta", "norm.momentum = (1 - beta) / (1 - mean_product[layer])")
        : indented(3, "norm.momentum = 1 - beta"),
      indented(2, "train_step(images, labels)"),
    ),
    notes: loopNotes,
  };
}

/**
 * Training with a hook before each norm; `body` is the hook's code for the values `x` `[n, channels]` of a batch.
 */
const pyTorchHookedTraining = (...body: (string | false)[]) => [
  "step = epoch = 0",
  "",
  "def values_of(x):",
  "    return x.detach().movedim(1, -1).reshape(-1, x.shape[1])",
  "",
  "def record(layer):",
  "    def hook(norm, inputs):",
  "        if not norm.training:",
  "            return",
  "        x = values_of(inputs[0])",
  ...indented(2, ...body),
  "    return hook",
  "",
  "for layer, norm in enumerate(norms):",
  "    norm.register_forward_pre_hook(record(layer))",
  "for epoch in range(epochs):",
  "    for images, labels in loader:",
  "        step += 1",
  "        train_step(images, labels)",
  "",
];

function pyTorchSelect(policy: SelectPolicy): CodeExport {
  const inPython = expressionIn({
    ...pyTorchDialect,
    names: { ...pyTorchDialect.names, layers: "layers", channels: "channels" },
  });
  const candidates = policy.candidates.map(
    (candidate) => `    lambda step, epoch, layer, channels: ${inPython(candidate)},`,
  );
  const used = new Set(policy.candidates.flatMap((candidate) => [...variablesOf(candidate)]));
  const estimators = estimatorsOf(policy);
  const count = estimators.length > 1 ? "averages" : "len(candidates)";
  const code = lines(
    candidates.some((line) => line.includes("math.")) && "import math",
    "import torch",
    pyTorchNorms,
    "layers = len(norms)",
    used.has("steps") && "steps = epochs * len(loader)",
    used.has("batchSize") && "batch_size = loader.batch_size",
    used.has("learningRate") && 'learning_rate = optimizer.param_groups[0]["lr"]',
    "candidates = [",
    candidates,
    "]",
    estimators.length > 1 && `averages = ${estimators.length} * len(candidates)  # each under ${listed(estimators)}`,
    `means = [norm.running_mean.new_zeros(${count}, norm.num_features) for norm in norms]`,
    `variances = [norm.running_var.new_ones(${count}, norm.num_features) for norm in norms]`,
    pyTorchHookedTraining(
      "mean = x.mean(0)",
      "beta = mean.new_tensor([[float(rule(step, epoch, layer, norm.num_features))] for rule in candidates])",
      ...recordedVariance(estimators),
      "means[layer] = beta * means[layer] + (1 - beta) * mean",
      "variances[layer] = beta * variances[layer] + (1 - beta) * variance",
    ),
    policy.by === "loss" || policy.by === "accuracy"
      ? selectByLabelsInPyTorch({ ...policy, by: policy.by })
      : selectByShiftInPyTorch(policy),
  );
  return {
    code,
    notes: [
      "PyTorch has no setting for this: the hooks keep one average for each candidate, and after training " +
        (policy.granularity === "network"
          ? `the network takes the one with the least ${costInWords(policy)} on calibration_loader, whose labels it reads.`
          : `every layer takes the one with the least ${costInWords(policy)} on calibration_loader` +
            (usesLabels(policy) ? ", whose labels it reads." : ".")),
      "model.modules() must list the norms in the order in which the data passes them.",
      ...lastBitNotes("Python", ...policy.candidates),
      ...(policy.every === null
        ? []
        : [
            `The policy chooses anew every ${policy.every} epochs: run the second half of the code after each, and ` +
              "copy the chosen average over all of a layer's candidates.",
          ]),
    ],
  };
}

function selectByShiftInPyTorch(policy: SelectPolicy): (string | false)[] {
  const perChannel = policy.granularity === "channel";
  const total = "shift_mean + shift_std";
  const choice = policy.parameters === "separate" ? ["shift_mean", "shift_std"] : [total, total];
  const reduce = perChannel ? ".abs()" : ".norm(dim=1, keepdim=True)";
  return [
    "model.eval()",
    policy.order === "independent" && "chosen = []",
    "for layer, norm in enumerate(norms):",
    "    seen = []",
    "    handle = norm.register_forward_pre_hook(lambda _, inputs: seen.append(values_of(inputs[0])))",
    "    with torch.no_grad():",
    "        for images, _ in calibration_loader:",
    "            model(images)",
    "    handle.remove()",
    "    x = torch.cat(seen)",
    "    mean, variance = x.mean(0), x.var(0, correction=0)",
    `    shift_mean = (means[layer] - mean)${reduce}`,
    `    shift_std = (variances[layer].sqrt() - variance.sqrt())${reduce}`,
    `    of_mean = (${choice[0]}).argmin(0).expand(norm.num_features)[None]`,
    `    of_variance = (${choice[1]}).argmin(0).expand(norm.num_features)[None]`,
    "    best_mean = means[layer].gather(0, of_mean)[0]",
    "    best_variance = variances[layer].gather(0, of_variance)[0]",
    ...(policy.order === "sequential"
      ? ["    norm.running_mean.copy_(best_mean)", "    norm.running_var.copy_(best_variance)"]
      : [
          "    chosen.append((best_mean, best_variance))",
          "    norm.running_mean.copy_(mean)",
          "    norm.running_var.copy_(variance)",
          "for norm, (best_mean, best_variance) in zip(norms, chosen):",
          "    norm.running_mean.copy_(best_mean)",
          "    norm.running_var.copy_(best_variance)",
        ]),
  ];
}

function pyTorchClosedForm(policy: SelectPolicy): CodeExport {
  const separate = policy.parameters === "separate";
  const code = lines(
    "import torch",
    pyTorchNorms,
    "means = [[] for norm in norms]",
    "variances = [[] for norm in norms]",
    pyTorchHookedTraining(
      "means[layer].append(x.mean(0))",
      "variances[layer].append(x.var(0, correction=1 if len(x) > 1 else 0))",
      policy.variance !== "unbiased" && "norm.count = len(x)",
    ),
    "def beta_of(*series):",
    "    drift = noise = 0.0",
    "    for values in series:",
    "        values = values[-max(16, -(-len(values) // 4)):]",
    "        if len(values) < 3:",
    "            continue",
    "        t = torch.arange(len(values)).to(values)[:, None] - (len(values) - 1) / 2",
    "        rest = values - values.mean(0)",
    "        slope = (t * rest).sum(0) / (t ** 2).sum()",
    "        drift += float((slope ** 2).sum())",
    "        noise += float(((rest - t * slope) ** 2).sum()) / (len(values) - 2)",
    "    return max(0.0, 1 - (4 * drift / noise) ** (1 / 3)) if noise > 0 else 0.0",
    "",
    "for layer, norm in enumerate(norms):",
    "    batch_means, batch_variances = torch.stack(means[layer]).double(), torch.stack(variances[layer]).double()",
    separate
      ? "    mean_beta, variance_beta = beta_of(batch_means), beta_of(batch_variances.sqrt())"
      : "    mean_beta = variance_beta = beta_of(batch_means, batch_variances.sqrt())",
    policy.variance !== "unbiased" && "    batch_variances *= (norm.count - 1) / norm.count",
    "    mean, variance = torch.zeros_like(batch_means[0]), torch.ones_like(batch_means[0])",
    "    for batch_mean, batch_variance in zip(batch_means, batch_variances):",
    policy.variance === "total" && "        batch_variance = batch_variance + variance_beta * (batch_mean - mean) ** 2",
    "        variance = variance_beta * variance + (1 - variance_beta) * batch_variance",
    "        mean = mean_beta * mean + (1 - mean_beta) * batch_mean",
    "    norm.running_mean.copy_(mean)",
    "    norm.running_var.copy_(variance)",
  );
  return {
    code,
    notes: [
      "PyTorch has no setting for this: the hooks keep every batch's statistics, and after training each layer's β " +
        "follows from their drift and scatter over the last quarter of the steps.",
    ],
  };
}

/** What a batch adds to the running variances: `variance`, `[channels]` or `[averages, channels]`. */
function recordedVariance(estimators: readonly VarianceEstimator[]): string[] {
  const unbiased = "x.var(0, correction=1 if len(x) > 1 else 0)";
  const biased = "x.var(0, correction=0)";
  if (estimators.length === 1)
    return [
      {
        unbiased: `variance = ${unbiased}`,
        biased: `variance = ${biased}`,
        total: `variance = ${biased} + beta * (mean - means[layer]) ** 2`,
      }[estimators[0]!],
    ];
  const alike = (variance: string) => `    ${variance}.expand(len(beta), -1),`;
  const parts = {
    unbiased: alike(unbiased),
    biased: alike(biased),
    total: `    ${biased} + beta * (mean - means[layer][-len(beta):]) ** 2,`,
  };
  return [
    "variance = torch.cat([",
    ...estimators.map((estimator) => parts[estimator]),
    "])",
    `beta = beta.repeat(${estimators.length}, 1)`,
  ];
}

const listed = (words: readonly string[]) => `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

const costInWords = ({ by }: SelectPolicy) =>
  by === "loss" ? "loss" : by === "accuracy" ? "number of errors" : "estimation shift";

function pyTorchRecalibrate(policy: RecalibratePolicy): CodeExport {
  if (policy.batches) return pyTorchInBatches(policy.batches);
  const { samples, correction } = policy;
  if (correction?.by === "loss") return pyTorchCorrectByLoss(samples, correction);
  const loader =
    samples === null
      ? "calibration_loader"
      : `itertools.islice(calibration_loader, max(1, ${samples} // calibration_loader.batch_size))`;
  const code = lines(
    samples !== null && "import itertools",
    correction?.by === "small-batch" && "import math",
    (samples !== null || correction?.by === "small-batch") && "",
    "import torch",
    pyTorchNorms,
    "",
    "def channels(x):",
    "    return x.transpose(0, 1).flatten(1)",
    "",
    correction?.by === "small-batch" && smallBatchInPyTorch,
    `batches = [images for images, _ in ${loader}]`,
    "model.eval()",
    "for norm in norms:  # in forward order: each is measured behind those before it",
    "    inputs = []",
    "    hook = norm.register_forward_pre_hook(lambda norm, args: inputs.append(channels(args[0])))",
    "    with torch.no_grad():",
    "        for images in batches:",
    "            model(images)",
    "    hook.remove()",
    "    x = torch.cat(inputs, 1)",
    "    mean, variance = x.mean(1), x.var(1, correction=0)",
    correction?.by === "constants" && [
      `    mean, variance = mean + ${correction.shift} * variance.sqrt(), ${correction.scale} ** 2 * variance`,
    ],
    correction?.by === "small-batch" && [
      "    with torch.no_grad():",
      "        values = loader.batch_size * inputs[0].shape[1] // len(batches[0])  # of a channel in a batch",
      "        mean, variance = for_small_batches(norm, x, mean, variance, values)",
    ],
    "    norm.running_mean.copy_(mean)",
    "    norm.running_var.copy_(variance)",
  );
  const notes = correction?.by === "small-batch" ? [rectifierNote("relu()")] : [];
  return { code, notes };
}

function pyTorchCorrectByLoss(
  samples: number | null,
  correction: { shifts: readonly number[]; scales: readonly number[] },
): CodeExport {
  const first = `max(1, ${samples} // calibration_loader.batch_size)`;
  return {
    code: lines(
      samples !== null && ["import itertools", ""],
      "import torch",
      pyTorchNorms,
      samples !== null && `calibration_loader = list(itertools.islice(calibration_loader, ${first}))`,
      "",
      correctByLossInPyTorch(correction),
    ),
    notes: ["Reads the labels of calibration_loader."],
  };
}

/** Torch's `update_bn`, or the same with the variance of all values. */
function pyTorchInBatches({ size, count, variance }: NonNullable<RecalibratePolicy["batches"]>): CodeExport {
  const loader = count === null ? "calibration_loader" : `itertools.islice(calibration_loader, ${count})`;
  const imports = [count !== null && "import itertools", count !== null && ""];
  const forward = [
    "model.train()",
    "with torch.no_grad():",
    `    for images, _ in ${loader}:`,
    "        model(images)",
    "model.eval()",
  ];
  const notes = [`Build calibration_loader with batch_size=${size} and drop_last=True.`];
  if (variance === "mean")
    return {
      code: lines(
        ...imports,
        "import torch",
        pyTorchNorms,
        "for norm in norms:",
        "    norm.reset_running_stats()",
        "    norm.momentum = None  # the mean over all batches",
        forward,
      ),
      notes,
    };
  return {
    code: lines(
      ...imports,
      "import torch",
      pyTorchNorms,
      "",
      "sums = {}",
      "",
      "def add(norm, args):",
      "    x = args[0].transpose(0, 1).flatten(1)",
      "    count, mean, square = sums.get(norm, (0, 0, 0))",
      "    sums[norm] = count + 1, mean + x.mean(1), square + (x * x).mean(1)",
      "",
      "hooks = [norm.register_forward_pre_hook(add) for norm in norms]",
      forward,
      "for norm, hook in zip(norms, hooks):",
      "    hook.remove()",
      "    count, mean, square = sums[norm]",
      "    norm.running_mean.copy_(mean / count)",
      "    norm.running_var.copy_(square / count - (mean / count) ** 2)",
    ),
    notes,
  };
}

const smallBatchInPyTorch = [
  "def for_small_batches(norm, x, mean, variance, batch):",
  "    deviation = (variance + norm.eps).sqrt()",
  "    if norm is norms[-1]:",
  "        gammas = math.lgamma((batch - 1) / 2) - math.lgamma((batch - 2) / 2) if batch > 2 else 0",
  "        factor = math.sqrt(2 / batch) * math.exp(gammas) if batch > 2 else 0.5",
  "        return mean, ((factor * deviation) ** 2 - norm.eps).clamp(min=0)",
  "    factor = math.sqrt(batch / 2) * math.exp(math.lgamma((batch - 1) / 2) - math.lgamma(batch / 2))",
  "    scaled = ((factor * deviation) ** 2 - norm.eps).clamp(min=0)",
  "    corrected = (scaled + norm.eps).sqrt()",
  "",
  "    def output(mean, deviation):",
  "        z = (x - mean[:, None]) / deviation[:, None]",
  "        return (norm.weight[:, None] * z + norm.bias[:, None]).relu().mean(1)",
  "",
  "    target = output(mean, deviation)",
  "    low, high = -torch.ones_like(mean), torch.ones_like(mean)",
  "    rises = output(mean - corrected, corrected) > output(mean + corrected, corrected)",
  "    falls = output(mean - corrected, corrected) < output(mean + corrected, corrected)",
  "    for _ in range(40):",
  "        middle = (low + high) / 2",
  "        found = output(mean - middle * corrected, corrected)",
  "        below = torch.where(rises, found < target, found > target)",
  "        low, high = torch.where(below, middle, low), torch.where(below, high, middle)",
  "    shift = torch.where(rises | falls, low, torch.zeros_like(low))",
  "    return mean - shift * corrected, scaled",
  "",
];
