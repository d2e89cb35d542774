/** The suites of studies: regimes and numbers of seeds. */

import { builtInPolicies } from "@/lib/dmbn/policy";
import type { Reading } from "@/lib/leaderboard";
import { benchmarks, dmbnReadings, staticReadings, varianceEstimators } from "@/lib/leaderboard";
import type { Recipe, Variant } from "@/lib/records";
import { recipeSchema } from "@/lib/records";
import type { Regime } from "../cells/plan";

const builtIn = (...slugs: string[]): Reading[] =>
  slugs.map((slug) => {
    const policy = builtInPolicies.find((known) => known.slug === slug);
    if (!policy) throw new Error(`there is no built-in policy ${slug}`);
    return { slug, document: policy.document };
  });

const recalibrations = builtIn("precise-bn", "torch-update-bn", "fvcore-precise-bn", "small-batch-recalibration");

/** Phase 1, twelve static momenta, and phase 2, DMBN in its readings, each under three estimators; recalibrations. */
const bothPhases: readonly Reading[] = [
  ...varianceEstimators.flatMap(staticReadings),
  ...varianceEstimators.flatMap(dmbnReadings),
  ...recalibrations,
];

const everyPolicy: readonly Reading[] = [...bothPhases, ...builtIn("closed-form")];

/**
 * For convolutions without a GPU, where scoring a policy costs as much as many steps: a thinned-out sweep. DMBN still
 * chooses from all its candidates.
 */
const fewerPolicies = [
  ...builtIn("static-0", "pytorch-default", "static-0.99", "fixmatch", "cumulative-average"),
  ...builtIn("dmbn", "dmbn-biased", "dmbn-independent", "precise-bn"),
];

const recipeOf = (slug: string): Recipe => benchmarks.find((known) => known.slug === slug)!.recipe;
const benchmark = (slug: string, policies = everyPolicy): Regime => ({ slug, recipe: recipeOf(slug), policies });
const regime = (slug: string, recipe: Partial<Recipe>, policies = everyPolicy): Regime => ({
  slug,
  recipe: recipeSchema.parse(recipe),
  policies,
});

const heldBack = { calibrationSize: 1000, validationSize: 1000 } as const;

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

/** The dissertation's data sets; of CIFAR a fifth of the training images may be all that is there. */
const itsDatasets = ["mnist", "fashion-mnist", "cifar-10", "cifar-100"] as const;
const isCifar = (dataset: string) => dataset.startsWith("cifar");

/**
 * The dissertation's data sets and networks, each trained alike on two cores within hours, and a deep MLP at batch 4,
 * where batch statistics are noisy. Convolutional networks are trained as on the boards.
 */
const dissertation: Regime[] = [
  ...["mnist-mlp", "fashion-mnist-mlp", "mnist-mlp-deep-b4", "fashion-mnist-mlp-deep-b4"].map((slug) => ({
    ...benchmark(slug, bothPhases),
    seeds: 10,
  })),
  ...["cifar-10", "cifar-100"].flatMap((dataset): Regime[] => {
    const wide = { dataset, model: "mlp", epochs: 10, batchSize: 64, learningRate: 0.02, ...heldBack } as const;
    const deep = { ...wide, model: "mlp-deep", epochs: 2, batchSize: 4, maxSteps: 3000 } as const;
    return [
      { ...regime(`${dataset}-mlp`, wide, bothPhases), seeds: 10 },
      { ...regime(`${dataset}-mlp-deep-b4`, deep, bothPhases), seeds: 10 },
    ];
  }),
  ...itsDatasets.map((dataset): Regime => {
    const board = isCifar(dataset) ? "cifar-10-cnn" : "fashion-mnist-cnn";
    return { ...regime(`${dataset}-cnn`, { ...recipeOf(board), dataset }, bothPhases), seeds: 8 };
  }),
  ...itsDatasets.map((dataset): Regime => {
    const recipe = { ...recipeOf("cifar-10-resnet-50"), dataset };
    return { ...regime(`${dataset}-resnet-50`, recipe, bothPhases), seeds: 5 };
  }),
];

/**
 * Protocols on Fashion-MNIST, in search of one in which the dissertation's two figures come out: .889 for all-BN with
 * DMBN and .853 for BN-BFN.
 */
const protocols: Regime[] = (["mlp", "mlp-deep"] as const).flatMap((model) =>
  [32, 128].flatMap((batchSize) =>
    [1, 3, 10].flatMap((epochs) =>
      (["sgd", "adam"] as const).flatMap((optimizer) =>
        (optimizer === "sgd" ? [0.01, 0.1] : [0.001, 0.01]).map((learningRate) =>
          regime(
            `${model}-b${batchSize}-${epochs}-epochs-${optimizer}-${learningRate}`,
            { ...heldBack, dataset: "fashion-mnist", model, batchSize, epochs, optimizer, learningRate },
            builtIn("pytorch-default", "keras-efficientnet-v2", "dmbn", "dmbn-biased"),
          ),
        ),
      ),
    ),
  ),
);

/** As public/studies/our-policy/preregistration.md says. */
const ourPolicy: Regime[] = [
  "digits-mlp",
  "digits-mlp-short",
  "digits-mlp-deep-b4",
  "digits-cnn",
  "mnist-mlp",
  "mnist-mlp-deep-b4",
  "fashion-mnist-mlp-short",
  "fashion-mnist-mlp-deep-b4",
  "fashion-mnist-mlp-deep-b8",
].map((slug) =>
  benchmark(slug, [
    ...builtIn("pytorch-default", "static-0.99", "dmbn", "dmbn-biased"),
    ...staticReadings("biased"),
    ...builtIn("precise-bn", "small-batch-recalibration", "best-by-loss"),
  ]),
);

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

const long = recipeOf("cifar-10-resnet-50-full");
const plain = { ...long, augment: false };
const convolutions: Regime[] = [
  ...["mnist", "fashion-mnist"].map((dataset) =>
    regime(`${dataset}-cnn-long`, { ...plain, dataset, model: "cnn", epochs: 10 }),
  ),
  ...["cifar-10", "cifar-100"].flatMap((dataset) =>
    (["cnn", "resnet-50"] as const).flatMap((model) => [
      regime(`${dataset}-${model}-long`, { ...long, dataset, model }),
      regime(`${dataset}-${model}-b8`, {
        ...plain,
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
  /** Of each regime that names no number of its own. */
  seeds: number;
  variants?: readonly Variant[];
  summary: string;
}

export const suiteNames = ["smoke", "laptop", "dissertation", "protocols", "our-policy", "paper"] as const;
export type SuiteName = (typeof suiteNames)[number];

export const suites: Record<SuiteName, Suite> = {
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
  dissertation: {
    regimes: dissertation,
    seeds: 5,
    variants: ["bn", "bn-bfn", "bfn"],
    summary: "four data sets × MLP, CNN, ResNet-50 × all-BN, BN-BFN, BFN, 5 to 10 seeds: two cores, 4 hours",
  },
  protocols: {
    regimes: protocols,
    seeds: 1,
    summary: "48 ways to train two MLPs on Fashion-MNIST, one seed: which gives the dissertation's two figures?",
  },
  "our-policy": {
    regimes: ourPolicy,
    seeds: 20,
    summary: "our closed form for small batches against recalibration and DMBN on nine boards, 20 seeds, as registered",
  },
  paper: {
    regimes: [...mlps, benchmark("fashion-mnist-cnn"), benchmark("cifar-10-cnn"), ...convolutions],
    seeds: 10,
    summary: "every data set and network at full width, 10 seeds: a GPU and days",
  },
};
