/**
 * A policy as code for other libraries: PyTorch, Keras 3 and the layers of
 * TensorFlow.js. Where the library has a setting for it, the setting; where it
 * has none, the loop that does it. PyTorch's momentum is 1 − β; Keras's and
 * TensorFlow.js's are β.
 */
import { compile, variablesOf } from "./expression";
import { pyTorchMomentum } from "./momentum";
import type { MomentumPolicy, RecalibratePolicy, SchedulePolicy, SelectPolicy, VarianceEstimator } from "./policy";
import { parseExpression } from "./syntax";
import { translate, type Dialect } from "./translate";
import type { Scope, VariableName } from "./vocabulary";

export interface CodeExport {
  code: string;
  /** What the code assumes, and where the library can't follow the policy exactly. */
  notes: readonly string[];
}

const cumulative = "1 - 1 / step";
const standardInitial = (policy: SchedulePolicy) => policy.debias || (policy.initial.mean === 0 && policy.initial.variance === 1);

/** β where it never changes, else null. */
function constantOf(policy: SchedulePolicy): number | null {
  const settled = policy.varianceMomentum === null && !policy.debias && variablesOf(policy.momentum).size === 0;
  return settled ? compile(policy.momentum)({} as Scope) : null;
}

const reads = (policy: SchedulePolicy, name: VariableName) =>
  variablesOf(policy.momentum).has(name) || (policy.varianceMomentum !== null && variablesOf(policy.varianceMomentum).has(name));

const lines = (...parts: (string | false | readonly (string | false)[])[]) => parts.flat().filter((part) => part !== false).join("\n");
const indented = (depth: number, ...parts: (string | false)[]) => parts.filter((part) => part !== false).map((part) => `${"    ".repeat(depth)}${part}`);

const expressionIn = (dialect: Dialect) => (expression: string) => translate(parseExpression(expression), dialect);

const varianceNotes = (library: string, kept: VarianceEstimator, wanted: VarianceEstimator): string[] => {
  if (wanted === kept) return [];
  const ratio = kept === "unbiased" ? "(n − 1)/n" : "n/(n − 1)";
  if (wanted === "total") return [`The policy keeps the total variance, ${library} the ${kept} one: the part between batches is missing.`];
  return [`The policy keeps the ${wanted} variance, ${library} the ${kept} one: they differ by the factor ${ratio}, n being the values of a channel in a batch.`];
};

const separateNote = (library: string) =>
  `${library} has one momentum for both statistics: it is set so that they hold the last batch alone, and the averages are kept by hand.`;

// ---------------------------------------------------------------- PyTorch

const pyTorchNorms = [
  "from torch.nn.modules.batchnorm import _BatchNorm",
  "",
  "norms = [module for module in model.modules() if isinstance(module, _BatchNorm)]",
];

const pyTorchDialect: Dialect = {
  language: "python",
  names: {
    step: "step", steps: "steps", epoch: "epoch", epochs: "epochs", layer: "layer", layers: "len(norms)",
    channels: "norm.num_features", batchSize: "batch_size", learningRate: "learning_rate",
  },
};

/** A policy as PyTorch code for a `model`, a `loader`, an `optimizer` and a `train_step` of the reader's own. */
export function toPyTorch(policy: MomentumPolicy): CodeExport {
  switch (policy.kind) {
    case "schedule": return pyTorchSchedule(policy);
    case "select": return policy.by === "drift" ? pyTorchClosedForm(policy) : pyTorchSelect(policy);
    case "recalibrate": return pyTorchRecalibrate(policy);
  }
}

function pyTorchSchedule(policy: SchedulePolicy): CodeExport {
  const notes = varianceNotes("PyTorch", "unbiased", policy.variance);
  const start = standardInitial(policy)
    ? []
    : ["for norm in norms:", `    norm.running_mean.fill_(${policy.initial.mean})`, `    norm.running_var.fill_(${policy.initial.variance})`];
  const beta = constantOf(policy);
  const setting = beta !== null ? String(pyTorchMomentum(beta)) : policy.momentum === cumulative && policy.varianceMomentum === null ? "None" : null;
  if (setting !== null) {
    return { code: lines(pyTorchNorms, "for norm in norms:", `    norm.momentum = ${setting}`, start), notes };
  }
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
        indented(2, "before = [(norm.running_mean.clone(), norm.running_var.clone()) for norm in norms]", "train_step(images, labels)"),
        indented(2, "for layer, (norm, (old_mean, old_variance)) in enumerate(zip(norms, before)):"),
        indented(3, `mean_beta = ${mean}`, `variance_beta = ${variance}`),
        debias && indented(3, ...["mean", "variance"].flatMap((name) => [
          `${name}_product[layer] *= ${name}_beta`,
          `${name}_beta = 1 - (1 - ${name}_beta) / (1 - ${name}_product[layer])`,
        ])),
        indented(3, "norm.running_mean.lerp_(old_mean, mean_beta)", "norm.running_var.lerp_(old_variance, variance_beta)"),
      ),
      notes: [...notes, separateNote("PyTorch")],
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
    notes,
  };
}

/** Trains with a hook before each norm; `taken` is what it does with the values `x` `[n, channels]` of a training batch. */
const pyTorchTrainingWatched = (...taken: (string | false)[]) => [
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
  ...indented(2, ...taken),
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
  const inPython = expressionIn({ ...pyTorchDialect, names: { ...pyTorchDialect.names, layers: "layers", channels: "channels" } });
  const candidates = policy.candidates.map((candidate) => `    lambda step, epoch, layer, channels: ${inPython(candidate)},`);
  const used = new Set(policy.candidates.flatMap((candidate) => [...variablesOf(candidate)]));
  const perChannel = policy.granularity === "channel";
  const total = "shift_mean + shift_std";
  const choice = policy.parameters === "separate" ? ["shift_mean", "shift_std"] : [total, total];
  const reduce = perChannel ? ".abs()" : ".norm(dim=1, keepdim=True)";
  const recordVariance = {
    unbiased: "variance = x.var(0, correction=1 if len(x) > 1 else 0)",
    biased: "variance = x.var(0, correction=0)",
    total: "variance = x.var(0, correction=0) + beta * (mean - means[layer]) ** 2",
  }[policy.variance];
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
    "means = [torch.zeros(len(candidates), norm.num_features) for norm in norms]",
    "variances = [torch.ones(len(candidates), norm.num_features) for norm in norms]",
    pyTorchTrainingWatched(
      "mean = x.mean(0)",
      "beta = torch.tensor([[float(rule(step, epoch, layer, norm.num_features))] for rule in candidates])",
      recordVariance,
      "means[layer] = beta * means[layer] + (1 - beta) * mean",
      "variances[layer] = beta * variances[layer] + (1 - beta) * variance",
    ),
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
    policy.order === "sequential"
      ? ["    norm.running_mean.copy_(best_mean)", "    norm.running_var.copy_(best_variance)"]
      : [
          "    chosen.append((best_mean, best_variance))",
          "    norm.running_mean.copy_(mean)",
          "    norm.running_var.copy_(variance)",
          "for norm, (best_mean, best_variance) in zip(norms, chosen):",
          "    norm.running_mean.copy_(best_mean)",
          "    norm.running_var.copy_(best_variance)",
        ],
  );
  return {
    code,
    notes: [
      "PyTorch has no setting for this: the hooks keep one average for each candidate, and after training every layer takes the one with the least estimation shift on calibration_loader.",
      "model.modules() must list the norms in the order in which the data passes them.",
      ...(policy.every === null ? [] : [`The policy chooses anew every ${policy.every} epochs: run the second half of the code after each, and copy the chosen average over all of a layer's candidates.`]),
    ],
  };
}

function pyTorchClosedForm(policy: SelectPolicy): CodeExport {
  const separate = policy.parameters === "separate";
  const code = lines(
    "import torch",
    pyTorchNorms,
    "means = [[] for norm in norms]",
    "variances = [[] for norm in norms]",
    pyTorchTrainingWatched(
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
    "        t = torch.arange(len(values), dtype=values.dtype)[:, None] - (len(values) - 1) / 2",
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
    notes: ["PyTorch has no setting for this: the hooks keep every batch's statistics, and after training each layer's β follows from their drift and scatter over the last quarter of the steps."],
  };
}

function pyTorchRecalibrate(policy: RecalibratePolicy): CodeExport {
  const count = policy.samples === null ? "len(calibration_loader)" : `max(1, ${policy.samples} // calibration_loader.batch_size)`;
  return {
    code: lines(
      "from fvcore.nn.precise_bn import update_bn_stats",
      "",
      `update_bn_stats(model, calibration_loader, num_iters=${count})`,
    ),
    notes: [
      "fvcore normalizes the earlier layers with each batch's own statistics; here every layer is measured behind layers that already use their new ones. With large calibration batches the two agree.",
    ],
  };
}

// ------------------------------------------------------------------ Keras

const kerasDialect: Dialect = {
  language: "python",
  names: {
    step: "self.step", steps: "self.steps", epoch: "self.epoch", epochs: 'self.params["epochs"]', layer: "layer", layers: "len(self.norms)",
    channels: "norm.moving_mean.shape[0]", batchSize: "batch_size", learningRate: "self.learning_rate",
  },
};

const kerasNorms = ["import keras", "", "norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]"];

const averagedNote = "Averages the biased statistics of the calibration batches, each layer behind batch statistics. With large calibration batches this agrees with measuring layer after layer.";

/** A policy as Keras 3 code for a `model` of the reader's own. */
export function toKeras(policy: MomentumPolicy): CodeExport {
  switch (policy.kind) {
    case "schedule": return kerasSchedule(policy);
    case "select":
      return settingChosen(policy, "Keras", ...kerasNorms, "for norm, beta in zip(norms, chosen, strict=True):", "    norm.momentum = beta");
    case "recalibrate":
      return {
        code: lines(
          kerasNorms,
          `for count, images in enumerate(calibration_batches${policy.samples === null ? "" : `.take(max(1, ${policy.samples} // batch_size))`}):`,
          "    for norm in norms:",
          "        norm.momentum = count / (count + 1)",
          "    model(images, training=True)",
        ),
        notes: [averagedNote],
      };
  }
}

function kerasSchedule(policy: SchedulePolicy): CodeExport {
  const notes = [...varianceNotes("Keras", "biased", policy.variance), "Keras's own ε is 1e-3; the benchmarks' recipes use 1e-5."];
  const { mean, variance } = policy.initial;
  const start = standardInitial(policy)
    ? ""
    : `, moving_mean_initializer=keras.initializers.Constant(${mean}), moving_variance_initializer=keras.initializers.Constant(${variance})`;
  const beta = constantOf(policy);
  if (beta !== null) return { code: lines("import keras", "", `norm = keras.layers.BatchNormalization(momentum=${beta}, epsilon=1e-5${start})`), notes };

  const inPython = expressionIn(kerasDialect);
  const meanBeta = inPython(policy.momentum);
  const varianceBeta = inPython(policy.varianceMomentum ?? policy.momentum);
  const apart = policy.varianceMomentum !== null;
  const { debias } = policy;
  const code = lines(
    `${meanBeta}${varianceBeta}`.includes("math.") && "import math",
    "import keras",
    "",
    ...(start ? [`norm = keras.layers.BatchNormalization(epsilon=1e-5${start})`, ""] : []),
    "class MomentumSchedule(keras.callbacks.Callback):",
    "    def on_train_begin(self, logs=None):",
    "        self.norms = [layer for layer in self.model.layers if isinstance(layer, keras.layers.BatchNormalization)]",
    reads(policy, "steps") && '        self.steps = self.params["steps"] * self.params["epochs"]',
    reads(policy, "learningRate") && "        self.learning_rate = float(self.model.optimizer.learning_rate)",
    "        self.step = 0",
    debias && "        self.mean_product = [1.0] * len(self.norms)",
    debias && apart && "        self.variance_product = [1.0] * len(self.norms)",
    "",
    "    def on_epoch_begin(self, epoch, logs=None):",
    "        self.epoch = epoch",
    "",
    "    def on_train_batch_begin(self, batch, logs=None):",
    "        self.step += 1",
    apart
      ? [
          "        self.before = [(norm.moving_mean.numpy().copy(), norm.moving_variance.numpy().copy()) for norm in self.norms]",
          "        for norm in self.norms:",
          "            norm.momentum = 0.0",
          "",
          "    def on_train_batch_end(self, batch, logs=None):",
          "        for layer, (norm, (old_mean, old_variance)) in enumerate(zip(self.norms, self.before)):",
          `            mean_beta = ${meanBeta}`,
          `            variance_beta = ${varianceBeta}`,
          ...(debias ? ["mean", "variance"] : []).flatMap((name) => [
            `            self.${name}_product[layer] *= ${name}_beta`,
            `            ${name}_beta = 1 - (1 - ${name}_beta) / (1 - self.${name}_product[layer])`,
          ]),
          "            norm.moving_mean.assign(mean_beta * old_mean + (1 - mean_beta) * norm.moving_mean.numpy())",
          "            norm.moving_variance.assign(variance_beta * old_variance + (1 - variance_beta) * norm.moving_variance.numpy())",
        ]
      : [
          "        for layer, norm in enumerate(self.norms):",
          `            beta = ${meanBeta}`,
          ...(debias
            ? ["            self.mean_product[layer] *= beta", "            norm.momentum = 1 - (1 - beta) / (1 - self.mean_product[layer])"]
            : ["            norm.momentum = beta"]),
        ],
    "",
    "model.compile(optimizer, loss, run_eagerly=True)",
    "model.fit(training_batches, epochs=epochs, callbacks=[MomentumSchedule()])",
  );
  return {
    code,
    notes: [...notes, "A compiled train step would keep the momentum of its first trace, hence run_eagerly=True.", ...(apart ? [separateNote("Keras")] : [])],
  };
}

function chooseNotes(policy: SelectPolicy, library: string): string[] {
  const fine = "which needs averages kept by hand as in the PyTorch code";
  if (policy.by === "drift") {
    return [
      `${library} has no setting for this. A momentum never changes the weights, so train twice with the same seed: once keeping every batch's statistics, from which each layer's β follows as in the PyTorch code; then with these, in the order of the layers, as “chosen”.`,
      ...(policy.parameters === "separate" ? [`This works for one β a layer; this policy has another for the variance, ${fine}.`] : []),
    ];
  }
  return [
    `${library} has no setting for this. A momentum never changes the weights, so training once more with the same seed and what each layer chose gives the same network with the chosen statistics: put the choices, in the order of the layers, into “chosen”. A choice that is a schedule needs the code of that schedule for its layer.`,
    ...(policy.granularity === "channel" || policy.parameters === "separate" || policy.every !== null
      ? [`This works for one choice a layer after the run; this policy chooses more finely, ${fine}.`]
      : []),
  ];
}

/** Where a library can't choose by itself: each norm with the momentum that was chosen for it elsewhere. */
function settingChosen(policy: SelectPolicy, library: string, ...code: string[]): CodeExport {
  return { code: lines(code), notes: [...chooseNotes(policy, library), ...varianceNotes(library, "biased", policy.variance)] };
}

// ---------------------------------------------------------- TensorFlow.js

const tfLayersDialect: Dialect = {
  language: "javascript",
  names: {
    step: "step", steps: "steps", epoch: "epoch", epochs: "epochs", layer: "layer", layers: "norms.length",
    channels: "norm.movingMean.shape[0]", batchSize: "batchSize", learningRate: "learningRate",
  },
};

const tfLayersNorms = 'const norms = model.layers.filter((layer) => layer.getClassName() === "BatchNormalization");';

/** A policy as code for the layers of TensorFlow.js (`tf.layers`), for a `model` and `images` of the reader's own. */
export function toTfLayers(policy: MomentumPolicy): CodeExport {
  switch (policy.kind) {
    case "schedule": return tfLayersSchedule(policy);
    case "select":
      return settingChosen(policy, "tf.layers", tfLayersNorms, "norms.forEach((norm, layer) => {", "  norm.momentum = chosen[layer];", "});");
    case "recalibrate":
      return {
        code: lines(
          tfLayersNorms,
          `calibrationBatches${policy.samples === null ? "" : `.slice(0, Math.max(1, Math.floor(${policy.samples} / batchSize)))`}.forEach((images, count) => {`,
          "  norms.forEach((norm) => {",
          "    norm.momentum = count / (count + 1);",
          "  });",
          "  tf.dispose(model.apply(images, { training: true }));",
          "});",
        ),
        notes: [averagedNote],
      };
  }
}

function tfLayersSchedule(policy: SchedulePolicy): CodeExport {
  const notes = [...varianceNotes("tf.layers", "biased", policy.variance), "The ε of tf.layers is 1e-3 by default; the benchmarks' recipes use 1e-5."];
  const { mean, variance } = policy.initial;
  const start = standardInitial(policy)
    ? ""
    : `, movingMeanInitializer: tf.initializers.constant({ value: ${mean} }), movingVarianceInitializer: tf.initializers.constant({ value: ${variance} })`;
  const beta = constantOf(policy);
  if (beta !== null) return { code: `const norm = tf.layers.batchNormalization({ momentum: ${beta}, epsilon: 1e-5${start} });`, notes };

  const inJavaScript = expressionIn(tfLayersDialect);
  const meanBeta = inJavaScript(policy.momentum);
  const apart = policy.varianceMomentum !== null;
  const { debias } = policy;
  const effective = (name: string) => [`${name}Product[layer] *= ${name}Beta;`, `${name}Beta = 1 - (1 - ${name}Beta) / (1 - ${name}Product[layer]);`];
  const code = lines(
    start !== "" && [`const norm = tf.layers.batchNormalization({ epsilon: 1e-5${start} });`],
    tfLayersNorms,
    reads(policy, "steps") && "const steps = epochs * Math.ceil(images.shape[0] / batchSize);",
    debias && "const meanProduct = norms.map(() => 1);",
    debias && apart && "const varianceProduct = norms.map(() => 1);",
    apart && "let before = [];",
    "let epoch = 0;",
    "let step = 0;",
    "await model.fit(images, labels, {",
    "  epochs,",
    "  batchSize,",
    "  callbacks: {",
    "    onEpochBegin: async (index) => {",
    "      epoch = index;",
    "    },",
    "    onBatchBegin: async () => {",
    "      step += 1;",
    apart
      ? [
          "      before = norms.map((norm) => [norm.movingMean.read().clone(), norm.movingVariance.read().clone()]);",
          "      for (const norm of norms) norm.momentum = 0;",
          "    },",
          "    onBatchEnd: async () => {",
          "      norms.forEach((norm, layer) => {",
          `        let meanBeta = ${meanBeta};`,
          `        let varianceBeta = ${inJavaScript(policy.varianceMomentum!)};`,
          ...(debias ? [...effective("mean"), ...effective("variance")].map((line) => `        ${line}`) : []),
          "        const blend = (old, batch, beta) => tf.tidy(() => old.mul(beta).add(batch.mul(1 - beta)));",
          "        const [oldMean, oldVariance] = before[layer];",
          "        norm.movingMean.write(blend(oldMean, norm.movingMean.read(), meanBeta));",
          "        norm.movingVariance.write(blend(oldVariance, norm.movingVariance.read(), varianceBeta));",
          "        tf.dispose(before[layer]);",
          "      });",
        ]
      : [
          "      norms.forEach((norm, layer) => {",
          `        let meanBeta = ${meanBeta};`,
          ...(debias ? effective("mean").map((line) => `        ${line}`) : []),
          "        norm.momentum = meanBeta;",
          "      });",
        ],
    "    },",
    "  },",
    "});",
  );
  return { code, notes: apart ? [...notes, separateNote("tf.layers")] : notes };
}
