/** The suites of studies: regimes and numbers of seeds. A regime is a data set, network and recipe under one name. */
import { staticSweep } from "@/lib/dmbn/policy";
import { benchmarks } from "@/lib/leaderboard";
import type { Recipe } from "@/lib/records";
import { recipeSchema } from "@/lib/records";

export interface Regime {
  slug: string;
  recipe: Recipe;
  /** Slugs of the policies to score. Those that need a trace are skipped in runs whose trace is too large to keep. */
  policies: readonly string[];
}

const chosen = [
  "dmbn",
  "dmbn-independent",
  "dmbn-per-channel",
  "dmbn-separate",
  "dmbn-biased",
  "dmbn-total",
  "closed-form",
  "precise-bn",
];
const everyPolicy = [...staticSweep, ...chosen];
/**
 * For convolutions without a GPU, where scoring a policy costs as much as many steps: a thinned-out sweep. DMBN still
 * chooses from all its candidates.
 */
const fewerPolicies = [
  ...["static-0", "pytorch-default", "keras-default", "keras-mobilenet-v2", "cumulative-average"].filter((slug) =>
    staticSweep.includes(slug),
  ),
  "dmbn",
  "dmbn-independent",
  "precise-bn",
];

const benchmark = (slug: string, policies = everyPolicy): Regime => ({
  slug,
  recipe: benchmarks.find((known) => known.slug === slug)!.recipe,
  policies,
});
const regime = (slug: string, recipe: Partial<Recipe>, policies = everyPolicy): Regime => ({
  slug,
  recipe: recipeSchema.parse(recipe),
  policies,
});

const mlps: Regime[] = [
  benchmark("digits-mlp"),
  benchmark("digits-mlp-deep-b4"),
  benchmark("mnist-mlp"),
  benchmark("mnist-mlp-deep-b4"),
  benchmark("fashion-mnist-mlp"),
  benchmark("fashion-mnist-mlp-short"),
  benchmark("fashion-mnist-mlp-deep-b4"),
  benchmark("fashion-mnist-mlp-deep-b8"),
];

const short = { dataset: "cifar-10", epochs: 1, calibrationSize: 400, validationSize: 400 } as const;
const convolutionsWithoutGpu: Regime[] = [
  regime(
    "cifar-10-cnn-short",
    { ...short, model: "cnn", maxSteps: 150, batchSize: 32, learningRate: 0.005 },
    fewerPolicies,
  ),
  regime(
    "cifar-10-resnet-50-narrow",
    { ...short, model: "resnet-50", width: 0.125, maxSteps: 200, batchSize: 16, learningRate: 0.01 },
    fewerPolicies,
  ),
];

const long = {
  epochs: 30,
  batchSize: 128,
  learningRate: 0.1,
  learningRateSchedule: "cosine",
  weightDecay: 5e-4,
  calibrationSize: 1000,
  validationSize: 1000,
} as const;
const convolutions: Regime[] = [
  ...["mnist", "fashion-mnist"].map((dataset) =>
    regime(`${dataset}-cnn-long`, { ...long, dataset, model: "cnn", epochs: 10 }),
  ),
  ...["cifar-10", "cifar-100"].flatMap((dataset) =>
    (["cnn", "resnet-50"] as const).flatMap((model) => [
      regime(`${dataset}-${model}-long`, { ...long, dataset, model, augment: true }),
      regime(`${dataset}-${model}-b8`, {
        ...long,
        dataset,
        model,
        epochs: 1,
        batchSize: 8,
        learningRate: 0.02,
        learningRateSchedule: "constant",
      }),
    ]),
  ),
];

export interface Suite {
  regimes: readonly Regime[];
  seeds: number;
  summary: string;
}

export const suites = {
  smoke: {
    regimes: [benchmark("digits-mlp")],
    seeds: 2,
    summary: "digits on the MLP, 2 seeds: shows that everything works, in half a minute",
  },
  laptop: {
    regimes: [...mlps, ...convolutionsWithoutGpu],
    seeds: 5,
    summary: "MLPs on three data sets, a CNN and a narrow ResNet-50 on a short run, 5 seeds: two cores, no GPU",
  },
  paper: {
    regimes: [...mlps, benchmark("fashion-mnist-cnn"), benchmark("cifar-10-cnn"), ...convolutions],
    seeds: 10,
    summary: "every data set and network at full width, 10 seeds: a GPU and days",
  },
} as const satisfies Record<string, Suite>;

export type SuiteName = keyof typeof suites;
export const suiteNames = Object.keys(suites) as SuiteName[];
