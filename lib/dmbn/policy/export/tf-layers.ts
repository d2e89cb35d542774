/** A policy as code for the layers of TensorFlow.js, whose momentum is β. */
import type { MomentumPolicy, SchedulePolicy } from "../policy";
import type { CodeExport } from "./shared";
import {
  averagedNote,
  batchesNotes,
  constantOf,
  expressionIn,
  lastBitNotes,
  lines,
  reads,
  separateNote,
  settingChosen,
  settingMeasured,
  standardInitial,
  varianceNotes,
} from "./shared";
import type { Dialect } from "./translate";

const tfLayersDialect: Dialect = {
  language: "javascript",
  names: {
    step: "step",
    steps: "steps",
    epoch: "epoch",
    epochs: "epochs",
    layer: "layer",
    layers: "norms.length",
    channels: "norm.movingMean.shape[0]",
    batchSize: "batchSize",
    learningRate: "learningRate",
  },
};

const tfLayersNorms = 'const norms = model.layers.filter((layer) => layer.getClassName() === "BatchNormalization");';

/** A policy as code for the layers of TensorFlow.js (`tf.layers`), for the reader's own `model` and `images`. */
export function toTfLayers(policy: MomentumPolicy): CodeExport {
  switch (policy.kind) {
    case "schedule":
      return tfLayersSchedule(policy);
    case "select":
      return settingChosen(
        policy,
        "tf.layers",
        tfLayersNorms,
        "norms.forEach((norm, layer) => {",
        "  norm.momentum = chosen[layer];",
        "});",
      );
    case "recalibrate": {
      const { samples, batches, correction } = policy;
      if (correction)
        return settingMeasured(
          tfLayersNorms,
          "norms.forEach((norm, layer) => {",
          "  const [gamma, beta] = norm.getWeights();",
          "  const { mean, variance } = measured[layer];",
          "  norm.setWeights([gamma, beta, tf.tensor1d(mean), tf.tensor1d(variance)]);",
          "});",
        );
      const count = batches
        ? batches.count
        : samples === null
          ? null
          : `Math.max(1, Math.floor(${samples} / batchSize))`;
      const slice = count === null ? "" : `.slice(0, ${count})`;
      return {
        code: lines(
          tfLayersNorms,
          `calibrationBatches${slice}.forEach((images, count) => {`,
          "  norms.forEach((norm) => {",
          "    norm.momentum = count / (count + 1);",
          "  });",
          "  tf.dispose(model.apply(images, { training: true }));",
          "});",
        ),
        notes: batches ? batchesNotes("tf.layers", batches) : [averagedNote],
      };
    }
  }
}

function tfLayersSchedule(policy: SchedulePolicy): CodeExport {
  const notes = [
    ...varianceNotes("tf.layers", "biased", policy.variance),
    "The ε of tf.layers is 1e-3 by default; the benchmarks' recipes use 1e-5.",
  ];
  const { mean, variance } = policy.initial;
  const start = standardInitial(policy)
    ? ""
    : `, movingMeanInitializer: tf.initializers.constant({ value: ${mean} })` +
      `, movingVarianceInitializer: tf.initializers.constant({ value: ${variance} })`;
  const beta = constantOf(policy);
  if (beta !== null)
    return { code: `const norm = tf.layers.batchNormalization({ momentum: ${beta}, epsilon: 1e-5${start} });`, notes };

  const inJavaScript = expressionIn(tfLayersDialect);
  const meanBeta = inJavaScript(policy.momentum);
  const apart = policy.varianceMomentum !== null;
  const { debias } = policy;
  const effective = (name: string) => [
    `${name}Product[layer] *= ${name}Beta;`,
    `${name}Beta = 1 - (1 - ${name}Beta) / (1 - ${name}Product[layer]);`,
  ];
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
          "        const blend = (old, batch, beta) => old.mul(beta).add(batch.mul(1 - beta));",
          "        const [oldMean, oldVariance] = before[layer];",
          "        tf.tidy(() => {",
          "          norm.movingMean.write(blend(oldMean, norm.movingMean.read(), meanBeta));",
          "          norm.movingVariance.write(blend(oldVariance, norm.movingVariance.read(), varianceBeta));",
          "        });",
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
  return {
    code,
    notes: [
      ...notes,
      ...lastBitNotes("JavaScript", policy.momentum, policy.varianceMomentum),
      ...(apart ? [separateNote("tf.layers")] : []),
    ],
  };
}
