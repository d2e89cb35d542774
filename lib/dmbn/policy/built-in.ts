/**
 * The published momentum rules, each with the variance that its source averages,
 * the static sweep of the dissertation, and DMBN with its variants. PyTorch
 * averages the unbiased variance, and so do TensorFlow's fused layers (4-D);
 * Keras 3, TensorFlow.js and Flax average the biased one. At batch 4 that
 * matters more than the momentum.
 */
import { describeMomentum, momentumWindow } from "./momentum";
import type { MomentumPolicy, VarianceEstimator } from "./policy";
import { defaultCandidates, recalibrate, schedule, select } from "./policy";

export interface Source {
  /** A paper, or a file in a repository. */
  title: string;
  /** Null if only the title is known for certain. */
  url: string | null;
}

export interface BuiltInPolicy {
  slug: string;
  name: string;
  document: MomentumPolicy;
  /** The rule in the field's notation: t step from 1, e epoch from 0, B batch size, S steps. */
  rule: string;
  description: string;
  source: Source;
  /** Other libraries and papers with the same rule. */
  aliases: readonly { name: string; source: Source }[];
}

const repository = (path: string): Source => {
  const [owner, name] = path.split("/");
  return { title: path, url: `https://github.com/${owner}/${name}` };
};
const dissertation: Source = {
  title:
    "Pendyala Sai Srujan, Understanding Batch-Normalization in Deep Neural Networks, MTech dissertation, Indian " +
    "Statistical Institute Kolkata, June 2025, supervised by Sasanka Roy and Shubhra Sankar Ray (our reading)",
  url: "https://hdl.handle.net/10263/7588",
};

const ourReading: Source = {
  title:
    "DMBN of the MTech dissertation by Pendyala Sai Srujan, Indian Statistical Institute Kolkata, June 2025; this " +
    "variation is our reading",
  url: dissertation.url,
};

/** This project's own. */
const ours: Source = { title: "DMBench", url: null };

const batches = (momentum: number) => {
  const window = Number(momentumWindow(momentum).toPrecision(4));
  return window === 1 ? "The last batch alone" : `Remembers about ${window} batches`;
};

function constant(
  momentum: number,
  slug: string,
  name: string,
  source: Source,
  {
    variance = "unbiased",
    remark = "",
    aliases = [],
  }: { variance?: VarianceEstimator; remark?: string; aliases?: BuiltInPolicy["aliases"] } = {},
): BuiltInPolicy {
  const description = `${batches(momentum)}: ${describeMomentum(momentum)}.${remark && ` ${remark}`}`;
  return {
    slug,
    name,
    document: schedule(momentum, { variance }),
    rule: `${String(momentum).replace(/^0\./, ".")}${variance === "unbiased" ? "" : `, ${variance} variance`}`,
    description,
    source,
    aliases,
  };
}

const sweepPoint = (momentum: number) =>
  constant(momentum, `static-${momentum}`, `Static ${momentum}`, dissertation, {
    remark: "A point of the static sweep.",
  });

/** What Keras 3 averages: `ops.moments`, whose variance divides by n. */
const kerasVariance =
  "Averages the biased variance: `return ops.moments(` in keras/src/layers/normalization/batch_normalization.py, " +
  "`jnp.var(x, axis=axes)` and the like in its backends. (Keras 2 kept the unbiased one of 4-D inputs.)";

/** What TensorFlow's fused layers average. */
const fusedVariance =
  "Its layers are fused, so the average takes the unbiased variance: `batch_variance * rest_size_adjust` in " +
  "tensorflow/core/kernels/fused_batch_norm_op.cc.";

export const builtInPolicies: readonly BuiltInPolicy[] = [
  constant(0.9, "pytorch-default", "PyTorch default", repository("pytorch/pytorch/torch/nn/modules/batchnorm.py"), {
    remark: "Averages the unbiased variance: `var_sum / (n - 1)` in aten/src/ATen/native/Normalization.cpp.",
  }),
  constant(
    0.9,
    "keras-efficientnet-v2",
    "Keras EfficientNetV2",
    repository("keras-team/keras/keras/src/applications/efficientnet_v2.py"),
    { variance: "biased", remark: kerasVariance },
  ),
  constant(
    0.99,
    "keras-default",
    "Keras default",
    repository("keras-team/keras/keras/src/layers/normalization/batch_normalization.py"),
    {
      variance: "biased",
      remark: kerasVariance,
      aliases: [
        { name: "tf.layers default", source: repository("tensorflow/tfjs/tfjs-layers/src/layers/normalization.ts") },
        { name: "Flax default", source: repository("google/flax/flax/linen/normalization.py") },
      ],
    },
  ),
  constant(0.997, "tf-resnet", "TF ResNet", repository("tensorflow/models/official/r1/resnet/resnet_model.py"), {
    remark: `The official TensorFlow ResNet. ${fusedVariance}`,
    aliases: [
      {
        name: "slim MobileNet",
        source: repository("tensorflow/models/research/slim/nets/mobilenet/mobilenet.py"),
      },
    ],
  }),
  constant(0.996, "tpu-inception-v3", "TPU Inception v3", repository("tensorflow/tpu/models/experimental/inception"), {
    remark: `${fusedVariance} XLA of early 2018 kept the biased one.`,
  }),
  constant(0.995, "tpu-inception-v4", "TPU Inception v4", repository("tensorflow/tpu/models/experimental/inception"), {
    remark: `${fusedVariance} XLA of early 2018 kept the biased one.`,
  }),
  constant(
    0.999,
    "keras-mobilenet-v2",
    "Keras MobileNetV2",
    repository("keras-team/keras/keras/src/applications/mobilenet_v2.py"),
    { variance: "biased", remark: kerasVariance },
  ),
  constant(0.999, "fixmatch", "FixMatch", repository("google-research/fixmatch/libml/models.py"), {
    remark: fusedVariance,
  }),
  constant(0.9997, "nasnet", "NASNet", repository("keras-team/keras/keras/src/applications/nasnet.py"), {
    variance: "biased",
    remark: `${kerasVariance} The original in slim is fused and keeps the unbiased one.`,
  }),
  constant(0.97, "yolo", "YOLO", repository("jmiemirza/DUA/utils/torch_utils.py"), {
    remark: "YOLO also sets ε to 1e-3, which is the recipe's to choose.",
  }),
  constant(0.98, "tabnet", "TabNet", repository("dreamquark-ai/tabnet/pytorch_tabnet/tab_network.py"), {
    remark: "TabNet's batches are ghost batches, parts of the training batch.",
    aliases: [{ name: "KPConv", source: repository("HuguesTHOMAS/KPConv-PyTorch/models/blocks.py") }],
  }),
  constant(0.6, "airbench", "CIFAR-10 airbench", repository("KellerJordan/cifar10-airbench/airbench94.py"), {
    remark:
      "The speed-run's β. It also sets ε to 1e-12, and averages running statistics with its weights (Lookahead), which " +
      "is left out here.",
  }),
  {
    slug: "cumulative-average",
    name: "Cumulative average",
    document: schedule("1 - 1 / step"),
    rule: "1 − 1/t",
    description: "Every batch of the run counts the same: the plain mean.",
    source: {
      title: "PyTorch BatchNorm with momentum=None, torch/nn/modules/batchnorm.py",
      url: "https://github.com/pytorch/pytorch",
    },
    aliases: [],
  },
  {
    slug: "debiased-0.999",
    name: "Debiased .999",
    document: schedule("1 - (1 - 0.999) / (1 - 0.999^step)"),
    rule: "1 − (1−β)/(1−βᵗ), β = .999",
    description:
      "An average that starts from zeros, divided by the weight it has gathered: cumulative at first, .999 in the " +
      "long run. Sonnet's fused layers (4-D) and Caffe average the unbiased variance.",
    source: { title: "Sonnet, ExponentialMovingAverage", url: "https://github.com/google-deepmind/sonnet" },
    aliases: [{ name: "Caffe", source: repository("BVLC/caffe/src/caffe/layers/batch_norm_layer.cpp") }],
  },
  {
    slug: "debiased-0.999-biased",
    name: "Debiased .999, biased",
    document: schedule("1 - (1 - 0.999) / (1 - 0.999^step)", { variance: "biased" }),
    rule: "1 − (1−β)/(1−βᵗ), β = .999, biased variance",
    description:
      "The debiased average over batches' own variances, as Haiku keeps them (`mean_of_squares - jnp.square(mean)`), " +
      "and Sonnet where its layers are not fused.",
    source: repository("google-deepmind/dm-haiku/haiku/_src/batch_norm.py"),
    aliases: [],
  },
  {
    slug: "tf-warm-up-0.999",
    name: "TF warm-up .999",
    document: schedule("min(0.999, (1 + step) / (10 + step))"),
    rule: "min(β, (1+t)/(10+t)), β = .999",
    description: "Short memory at first, growing with the run up to .999.",
    source: {
      title: "tf.train.ExponentialMovingAverage with num_updates",
      url: "https://github.com/tensorflow/tensorflow",
    },
    aliases: [],
  },
  {
    slug: "power-warm-up-0.9999",
    name: "Power warm-up .9999",
    document: schedule("min(0.9999, 1 - (1 + step)^(-2 / 3))"),
    rule: "min(β, 1 − (1+t/γ)^(−2/3)), β = .9999, γ = 1",
    description: "The warm-up of timm's weight average with its default γ and power, used here for running statistics.",
    source: { title: "timm, utils/model_ema.py", url: "https://github.com/huggingface/pytorch-image-models" },
    aliases: [],
  },
  {
    slug: "pointnet",
    name: "PointNet",
    document: schedule("min(0.99, 1 - 0.5 * 0.5^floor(step * batchSize / 200000))", {
      variance: "biased",
      initial: { mean: 0, variance: 0 },
    }),
    rule: "min(.99, 1 − .5·.5^⌊tB/200000⌋), biased variance",
    description:
      "Halves the weight of a new batch every 200,000 examples, from .5 down to .01. Averages the biased variance, from " +
      "0 on: `tf.nn.moments(inputs, moments_dims` in utils/tf_util.py.",
    source: repository("charlesq34/pointnet/train.py"),
    aliases: [],
  },
  {
    slug: "votenet",
    name: "VoteNet",
    document: schedule("1 - max(0.5 * 0.5^floor(epoch / 20), 0.001)"),
    rule: "1 − max(.5·.5^⌊e/20⌋, .001)",
    description: "Halves the weight of a new batch every 20 epochs, from .5 down to .001.",
    source: repository("facebookresearch/votenet/train.py"),
    aliases: [],
  },
  {
    slug: "torch-points3d",
    name: "torch-points3d",
    document: schedule("1 - max(0.1 * 0.9^floor(epoch / 10), 0.01)"),
    rule: "1 − max(.1·.9^⌊e/10⌋, .01)",
    description: "Lowers the weight of a new batch by a tenth every 10 epochs, from .1 down to .01.",
    source: { title: "torch-points3d, bn_schedulers.py", url: "https://github.com/torch-points3d/torch-points3d" },
    aliases: [],
  },
  {
    slug: "cvnets-cosine",
    name: "CVNets cosine",
    document: schedule("1 - (1e-6 + 0.5 * (0.1 - 1e-6) * (1 + cos(pi * step / steps)))"),
    rule: "1 − (m₁ + ½(m₀−m₁)(1+cos(πt/S))), m₀ = .1, m₁ = 1e-6",
    description: "The weight of a new batch falls along half a cosine from .1 to almost nothing.",
    source: repository("apple/ml-cvnets"),
    aliases: [],
  },
  {
    slug: "cvnets-linear",
    name: "CVNets linear",
    document: schedule("1 - (0.1 - step * (0.1 - 1e-6) / steps)"),
    rule: "1 − (m₀ − t(m₀−m₁)/S), m₀ = .1, m₁ = 1e-6",
    description: "The weight of a new batch falls along a line from .1 to almost nothing.",
    source: repository("apple/ml-cvnets"),
    aliases: [],
  },
  {
    slug: "momentum-squared-cosine",
    name: "Momentum² cosine",
    document: schedule("1 - 0.5 * (1 + cos(pi * step / steps))"),
    rule: "1 − ½(1+cos(πt/S))",
    description: "From the last batch alone to no change at all along half a cosine.",
    source: repository("zengarden/momentum2-teacher"),
    aliases: [],
  },
  {
    slug: "byol-cosine",
    name: "BYOL cosine",
    document: schedule("1 - (1 - 0.996) * 0.5 * (1 + cos(pi * step / steps))"),
    rule: "1 − (1−β₀)·½(1+cos(πt/S)), β₀ = .996",
    description: "BYOL's schedule for its teacher with BYOL's β₀, which EMAN lets the batch-norm statistics follow.",
    source: {
      title: "EMAN, byol.py",
      url: "https://github.com/amazon-science/exponential-moving-average-normalization",
    },
    aliases: [],
  },
  {
    slug: "dua",
    name: "DUA",
    document: schedule("1 - (0.1 * 0.94^step + 0.005)"),
    rule: "1 − (.1·.94^t + .005)",
    description: "Made for adapting to a shifted test set: the weight of a new batch decays from about .1 to .005.",
    source: repository("jmiemirza/DUA"),
    aliases: [],
  },
  {
    slug: "adab2n-0.5",
    name: "AdaB²N κ = ½",
    document: schedule("1 - 1 / ((1 - 0.9^(0.5 * (step - 1))) / (1 - 0.9^0.5) + 0.9^(0.5 * (step - 1)) / 0.1^0.5)", {
      variance: "biased",
    }),
    rule: "1 − η, η₁ = η₀^κ, η ← η/(η+(1−η₀)^κ), η₀ = .1, κ = ½",
    description:
      "Halfway between the cumulative average (κ = 0) and a constant .9 (κ = 1). Written in closed form: 1/η grows " +
      "by the recurrence 1/η ← 1 + (1−η₀)^κ/η. Averages the biased variance: `correction=0`.",
    source: repository("lvyilin/AdaB2N/models/utils/adab2n.py"),
    aliases: [],
  },
  ...[0, 0.5, 0.8, 0.95, 0.99, 0.9995].map(sweepPoint),
  {
    slug: "dmbn",
    name: "DMBN",
    document: select(),
    rule: "βₗ = argmin ESMₗ, layer after layer",
    description:
      "After one run each layer gets the candidate with the least estimation shift, measured behind the choices of " +
      "the layers before it.",
    source: dissertation,
    aliases: [],
  },
  {
    slug: "dmbn-independent",
    name: "DMBN, independent",
    document: select({ order: "independent" }),
    rule: "βₗ = argmin ESMₗ, behind expected statistics",
    description: "An ablation: each layer chooses as though the layers before it had no shift.",
    source: dissertation,
    aliases: [],
  },
  {
    slug: "dmbn-per-channel",
    name: "DMBN, per channel",
    document: select({ granularity: "channel" }),
    rule: "βₗ꜀ = argmin |μ̂−μ| + |σ̂−σ|, channel by channel",
    description: "Every channel of a layer chooses for itself.",
    source: dissertation,
    aliases: [],
  },
  {
    slug: "dmbn-separate",
    name: "DMBN, separate",
    document: select({ parameters: "separate" }),
    rule: "βₗ of the mean = argmin ‖μ̂−μ‖, of the variance = argmin ‖σ̂−σ‖",
    description: "Mean and variance of a layer choose apart.",
    source: dissertation,
    aliases: [],
  },
  {
    slug: "dmbn-periodic",
    name: "DMBN, every epoch",
    document: select({ every: 1 }),
    rule: "βₗ = argmin ESMₗ, anew each epoch, carried on",
    description:
      "Each layer chooses at the end of every epoch, by the weights of that time, and goes on from what it chose. " +
      "Weights stay the same, but no recording of a run keeps those of its epochs: it is scored while training.",
    source: ourReading,
    aliases: [],
  },
  {
    slug: "dmbn-biased",
    name: "DMBN, biased variance",
    document: select({ variance: "biased" }),
    rule: "βₗ = argmin ESMₗ, σ̂² of biased variances",
    description:
      "DMBN over running variances as Keras, TensorFlow.js and Flax keep them: each batch's own, divided by n.",
    source: ourReading,
    aliases: [],
  },
  {
    slug: "dmbn-total",
    name: "DMBN, total variance",
    document: select({ variance: "total" }),
    rule: "βₗ = argmin ESMₗ, σ̂² ← βσ̂² + (1−β)σ² + β(1−β)(μ−μ̂)²",
    description:
      "DMBN over running variances that also take in how far the means of batches lie apart, which a plain average " +
      "leaves out.",
    source: ourReading,
    aliases: [],
  },
  {
    slug: "closed-form",
    name: "Closed form",
    document: select({ by: "drift" }),
    rule: "1 − βₗ = ∛(4ρₗ²/sₗ²)",
    description:
      "No candidates and no calibration data: each layer balances how far an average lags behind statistics that " +
      "drift by ρ a step against the scatter s² of single batches, both measured over the last quarter of the run.",
    source: ours,
    aliases: [],
  },
  ...(["loss", "accuracy"] as const).map((by): BuiltInPolicy => {
    const what = by === "loss" ? "loss" : "errors";
    return {
      slug: `best-by-${by}`,
      name: `Best by ${by} (labels)`,
      document: select({ by, granularity: "network", estimators: ["unbiased", "biased", "total"] }),
      rule: `β, σ̂² = argmin ${what} on the calibration split; uses labels`,
      description:
        `What a careful user does: every candidate under every estimator of the variance is tried on the labelled ` +
        `calibration examples, and the whole network takes the one with the ${by === "loss" ? "least loss" : "fewest errors"}. ` +
        "DMBN needs no labels.",
      source: ours,
      aliases: [],
    };
  }),
  {
    slug: "precise-bn",
    name: "Sequential recalibration",
    document: recalibrate(),
    rule: "μ, σ² measured on the calibration split",
    description:
      "No running average at all: statistics measured after training, in inference mode, layer after layer. Its shift " +
      "is 0 by construction, which bounds the shift, not the accuracy. PreciseBN of fvcore and Wu & Johnson, and " +
      "torch's update_bn, measure in training mode instead, batch by batch.",
    source: {
      title: "our reading of recalibration; compare “Rethinking ‘Batch’ in BatchNorm”, arXiv:2105.07576, §3",
      url: "https://arxiv.org/abs/2105.07576",
    },
    aliases: [],
  },
  {
    slug: "torch-update-bn",
    name: "torch update_bn",
    document: recalibrate({ batches: { size: 64 } }),
    rule: "means of μ_B and σ_B² over batches of 64, in training mode",
    description:
      "Statistics measured after training, batch by batch in training mode: each batch normalizes by its own, and the " +
      "batches' means and unbiased variances are averaged. Its shift is not 0.",
    source: {
      title: "torch.optim.swa_utils.update_bn, torch/optim/swa_utils.py",
      url: "https://github.com/pytorch/pytorch",
    },
    aliases: [],
  },
  {
    slug: "fvcore-precise-bn",
    name: "fvcore PreciseBN",
    document: recalibrate({ batches: { size: 64, variance: "pooled" } }),
    rule: "μ, σ² of all batches of 64 together, in training mode",
    description:
      "As torch's update_bn, with the variance of all values of the batches together. Older versions of fvcore " +
      "averaged the batches' unbiased variances, as update_bn does.",
    source: repository("facebookresearch/fvcore/fvcore/nn/precise_bn.py"),
    aliases: [
      {
        name: "Wu & Johnson 2021",
        source: { title: "Rethinking “Batch” in BatchNorm, arXiv:2105.07576", url: "https://arxiv.org/abs/2105.07576" },
      },
    ],
  },
  {
    slug: "small-batch-recalibration",
    name: "Small-batch recalibration",
    document: recalibrate({ correction: { by: "small-batch" } }),
    rule: "μ − b·a·σ, a·σ; j·σ in the last layer",
    description:
      "Ours, without labels: recalibration, corrected for what training saw. There a layer divides by the deviation of " +
      "B values, which is smaller and noisier; so σ becomes E[1/s]⁻¹-wise larger, and the mean moves until each " +
      "channel's output has the mean that it had. It does not minimize the estimation shift.",
    source: ours,
    aliases: [],
  },
];

/** Slugs of the static sweep and the cumulative average, from short to long memory: one for each default candidate. */
export const staticSweep: readonly string[] = defaultCandidates.map((candidate) => {
  const point = builtInPolicies.find(
    ({ document }) =>
      document.kind === "schedule" && document.momentum === candidate && document.variance === "unbiased",
  );
  if (!point) throw new Error(`no built-in policy has the momentum ${candidate}`);
  return point.slug;
});
