/** A valid submission of a network of somebody's own, for tests to change. */

import { evaluate } from "@/lib/evaluation";
import type { ExternalSubmission } from "@/lib/leaderboard";
import { externalSubmissionSchema } from "@/lib/leaderboard";
import type { TestData } from "./a-submission";

const methodsOf = [
  { policy: "pytorch-default", momentum: 0.9, wrongEvery: 10 },
  { policy: "half", document: { kind: "schedule", momentum: "0.5" }, momentum: 0.5, wrongEvery: 4 },
  { policy: "dmbn", momentum: 0.99, wrongEvery: 20 },
];

interface Options {
  /** The registered data set; null: another one, without predictions. */
  dataset: TestData | null;
  key?: string;
  name?: string;
  batchSize?: number;
}

export function anExternal({
  dataset,
  key = crypto.randomUUID(),
  name = "Narrow ResNet-18",
  batchSize = 8,
}: Options): ExternalSubmission {
  const methods = methodsOf.map(({ momentum, wrongEvery, ...method }) => {
    const predictions = Uint8Array.from(dataset?.testLabels ?? [], (label, i) =>
      i % wrongEvery === 0 ? (label + 1) % dataset!.classes : label,
    );
    const value = dataset
      ? evaluate({ labels: dataset.testLabels, predictions, classes: dataset.classes }).accuracy
      : 1 - 1 / wrongEvery;
    return { method: { ...method, value, momentumPerLayer: [momentum, momentum], shift: 0.25 }, predictions };
  });
  return externalSubmissionSchema.parse({
    idempotencyKey: key,
    record: {
      format: "dmbench-external-1",
      network: { name, description: "An eighth of the width.", parameters: 12_000, batchNorms: 2, channels: 24 },
      software: "PyTorch 2.13.0",
      task: dataset
        ? { dataset: dataset.slug, classes: dataset.classes }
        : { dataset: "other", name: "Leaves", classes: 3 },
      training: { batchSize, steps: 1000, epochs: 5, learningRate: "0.1, cosine" },
      metric: "accuracy",
      methods: methods.map(({ method }) => method),
    },
    predictions: dataset
      ? Object.fromEntries(
          methods.map(({ method, predictions }) => [method.policy, Buffer.from(predictions).toString("base64")]),
        )
      : {},
  });
}
