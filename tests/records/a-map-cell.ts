/** A cell of a map with made-up accuracies. */
import { staticReadings, varianceEstimators } from "@/lib/leaderboard";
import type { MapCell } from "@/lib/records";
import { mapCellSchema } from "@/lib/records";

interface Made {
  seed?: number;
  batchSize?: number;
  steps?: readonly number[];
  /** By policy; those not named have 0.5. */
  accuracies: Record<string, number>;
  /** A step before which alone it is scored. */
  divergedAt?: number;
}

const everyPolicy = [
  ...varianceEstimators.flatMap((variance) => staticReadings(variance).map(({ slug }) => slug)),
  ...["dmbn", "dmbn-biased", "precise-bn"],
];

export const aMapCell = ({ seed = 0, batchSize = 8, steps = [100, 300], accuracies, divergedAt }: Made): MapCell =>
  mapCellSchema.parse({
    regime: `digits-mlp-b${batchSize}`,
    settingsHash: "0".repeat(64),
    manifest: {
      recipe: {
        ...{ dataset: "digits", model: "mlp", epochs: 10, maxSteps: steps.at(-1), batchSize, calibrationSize: 150 },
        learningRate: Number((0.02 * Math.sqrt(batchSize / 64)).toPrecision(4)),
      },
      variant: "bn",
      seed,
      steps: steps.at(-1),
      parameters: 100,
      batchNormChannels: 8,
      dataset: { slug: "digits", version: "1", subset: null, hash: "1".repeat(64) },
      backend: { name: "wasm", adapter: "1 thread", reason: "asked for", threads: 1 },
      software: { dmbench: "0", tfjs: "4", platform: "node" },
    },
    scoredAt: steps,
    scores: steps
      .filter((step) => divergedAt === undefined || step < divergedAt)
      .map((step) => ({
        steps: step,
        accuracies: { ...Object.fromEntries(everyPolicy.map((slug) => [slug, 0.5])), ...accuracies },
      })),
    divergedAt: divergedAt === undefined ? null : { step: divergedAt, layer: "norm1" },
    seconds: 1,
  });
