/** A policy as Keras 3 code. Keras's momentum is β. */
import type { MomentumPolicy, RecalibratePolicy, SchedulePolicy } from "../policy";
import type { CodeExport } from "./shared";
import {
  averagedNote,
  batchesNotes,
  constantOf,
  expressionIn,
  lastBitNotes,
  lines,
  reads,
  rectifierNote,
  separateNote,
  settingChosen,
  settingMeasured,
  standardInitial,
  varianceNotes,
} from "./shared";
import type { Dialect } from "./translate";

const kerasDialect: Dialect = {
  language: "python",
  names: {
    step: "self.step",
    steps: "self.steps",
    epoch: "self.epoch",
    epochs: 'self.params["epochs"]',
    layer: "layer",
    layers: "len(self.norms)",
    channels: "norm.moving_mean.shape[0]",
    batchSize: "batch_size",
    learningRate: "self.learning_rate",
  },
};

const kerasNorms = [
  "import keras",
  "",
  "norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]",
];

/** A policy as Keras 3 code, for the reader's own `model`. */
export function toKeras(policy: MomentumPolicy): CodeExport {
  switch (policy.kind) {
    case "schedule":
      return kerasSchedule(policy);
    case "select":
      return settingChosen(
        policy,
        "Keras",
        ...kerasNorms,
        "for norm, beta in zip(norms, chosen, strict=True):",
        "    norm.momentum = beta",
      );
    case "recalibrate": {
      const { samples, batches, correction } = policy;
      if (correction?.by === "loss")
        return settingMeasured(
          ...kerasNorms,
          "for norm, (mean, variance) in zip(norms, measured, strict=True):",
          "    norm.moving_mean.assign(mean)",
          "    norm.moving_variance.assign(variance)",
        );
      if (correction) return kerasCorrection(samples, correction);
      const count = batches ? batches.count : samples === null ? null : `max(1, ${samples} // batch_size)`;
      const take = count === null ? "" : `.take(${count})`;
      return {
        code: lines(
          kerasNorms,
          `for count, images in enumerate(calibration_batches${take}):`,
          "    for norm in norms:",
          "        norm.momentum = count / (count + 1)",
          "    model(images, training=True)",
        ),
        notes: batches ? batchesNotes("Keras", batches) : [averagedNote],
      };
    }
  }
}

function kerasCorrection(
  samples: number | null,
  correction: Exclude<NonNullable<RecalibratePolicy["correction"]>, { by: "loss" }>,
): CodeExport {
  const bySmallBatch = correction.by === "small-batch";
  return {
    code: lines(
      bySmallBatch && "import math",
      bySmallBatch && "",
      kerasNorms.slice(0, 1),
      "import numpy as np",
      kerasNorms.slice(1),
      "",
      bySmallBatch && smallBatchInKeras,
      `images = np.concatenate(list(calibration_batches))${samples === null ? "" : `[:${samples}]`}`,
      "for norm in norms:  # in forward order: each is measured behind those before it",
      "    x = keras.Model(model.inputs, norm.input).predict(images, verbose=0)",
      "    x = np.reshape(x, (-1, x.shape[-1])).astype(np.float64)  # [values, channels]",
      "    mean, variance = x.mean(0), x.var(0)",
      correction.by === "constants"
        ? `    mean, variance = mean + ${correction.shift} * np.sqrt(variance), ${correction.scale} ** 2 * variance`
        : [
            "    values = training_batch_size * (len(x) // len(images))  # of a channel in a batch of training",
            "    mean, variance = for_small_batches(norm, x, mean, variance, values)",
          ],
      "    norm.moving_mean.assign(mean)",
      "    norm.moving_variance.assign(variance)",
    ),
    notes: bySmallBatch ? [rectifierNote("np.maximum(…, 0)")] : [],
  };
}

const smallBatchInKeras = [
  "def for_small_batches(norm, x, mean, variance, batch):",
  "    deviation = np.sqrt(variance + norm.epsilon)",
  "    if norm is norms[-1]:",
  "        gammas = math.lgamma((batch - 1) / 2) - math.lgamma((batch - 2) / 2) if batch > 2 else 0",
  "        factor = math.sqrt(2 / batch) * math.exp(gammas) if batch > 2 else 0.5",
  "        return mean, np.maximum((factor * deviation) ** 2 - norm.epsilon, 0)",
  "    factor = math.sqrt(batch / 2) * math.exp(math.lgamma((batch - 1) / 2) - math.lgamma(batch / 2))",
  "    scaled = np.maximum((factor * deviation) ** 2 - norm.epsilon, 0)",
  "    corrected = np.sqrt(scaled + norm.epsilon)",
  "    gamma, beta = norm.gamma.numpy(), norm.beta.numpy()",
  "",
  "    def output(mean, deviation):",
  "        return np.maximum(gamma * (x - mean) / deviation + beta, 0).mean(0)",
  "",
  "    target = output(mean, deviation)",
  "    low, high = -np.ones_like(mean), np.ones_like(mean)",
  "    at_low, at_high = output(mean - low * corrected, corrected), output(mean - high * corrected, corrected)",
  "    for _ in range(40):",
  "        middle = (low + high) / 2",
  "        found = output(mean - middle * corrected, corrected)",
  "        below = np.where(at_high > at_low, found < target, found > target)",
  "        low, high = np.where(below, middle, low), np.where(below, high, middle)",
  "    shift = np.where(at_high == at_low, 0, low)",
  "    return mean - shift * corrected, scaled",
  "",
];

function kerasSchedule(policy: SchedulePolicy): CodeExport {
  const notes = [
    ...varianceNotes("Keras", "biased", policy.variance),
    "Keras's own ε is 1e-3; the benchmarks' recipes use 1e-5.",
  ];
  const { mean, variance } = policy.initial;
  const start = standardInitial(policy)
    ? ""
    : `, moving_mean_initializer=keras.initializers.Constant(${mean})` +
      `, moving_variance_initializer=keras.initializers.Constant(${variance})`;
  const beta = constantOf(policy);
  if (beta !== null)
    return {
      code: lines("import keras", "", `norm = keras.layers.BatchNormalization(momentum=${beta}, epsilon=1e-5${start})`),
      notes,
    };

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
          "        self.before = [(norm.moving_mean.numpy().copy(), norm.moving_variance.numpy().copy()) " +
            "for norm in self.norms]",
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
          "            norm.moving_variance.assign(variance_beta * old_variance + " +
            "(1 - variance_beta) * norm.moving_variance.numpy())",
        ]
      : [
          "        for layer, norm in enumerate(self.norms):",
          `            beta = ${meanBeta}`,
          ...(debias
            ? [
                "            self.mean_product[layer] *= beta",
                "            norm.momentum = 1 - (1 - beta) / (1 - self.mean_product[layer])",
              ]
            : ["            norm.momentum = beta"]),
        ],
    "",
    "model.compile(optimizer, loss, run_eagerly=True)",
    "model.fit(training_batches, epochs=epochs, callbacks=[MomentumSchedule()])",
  );
  return {
    code,
    notes: [
      ...notes,
      ...lastBitNotes("Python", policy.momentum, policy.varianceMomentum),
      "A compiled train step would keep the momentum of its first trace, hence run_eagerly=True.",
      ...(apart ? [separateNote("Keras")] : []),
    ],
  };
}
