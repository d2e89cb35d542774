/**
 * The published momentum rules, the static sweep of the dissertation, and DMBN
 * with its variants. All average the unbiased variance unless they say
 * otherwise, so that two rows of a board differ only in their momentum. Keras,
 * TensorFlow.js and Flax average the biased one, `variance: "biased"` in a
 * document; TensorFlow's fused layers the unbiased one, as PyTorch does.
 */
import { describeMomentum, momentumWindow } from "./momentum";
import type { MomentumPolicy } from "./policy";
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
    "Srujan, Understanding Batch-Normalization in Deep Neural Networks, MTech dissertation, Indian Statistical " +
    "Institute Kolkata, 2025 (our reading)",
  url: null,
};

const ourReading: Source = {
  title:
    "DMBN of the MTech dissertation by Srujan, Indian Statistical Institute Kolkata, 2025; this variation is our " +
    "reading",
  url: null,
};

const batches = (momentum: number) => {
  const window = Number(momentumWindow(momentum).toPrecision(4));
  return window === 1 ? "The last batch alone" : `Remembers about ${window} batches`;
};

function constant(
  momentum: number,
  slug: string,
  name: string,
  source: Source,
  remark = "",
  aliases: BuiltInPolicy["aliases"] = [],
): BuiltInPolicy {
  const description = `${batches(momentum)}: ${describeMomentum(momentum)}.${remark && ` ${remark}`}`;
  return {
    slug,
    name,
    document: schedule(momentum),
    rule: String(momentum).replace(/^0\./, "."),
    description,
    source,
    aliases,
  };
}

const sweepPoint = (momentum: number) =>
  constant(momentum, `static-${momentum}`, `Static ${momentum}`, dissertation, "A point of the static sweep.");

export const builtInPolicies: readonly BuiltInPolicy[] = [
  constant(0.9, "pytorch-default", "PyTorch default", repository("pytorch/pytorch/torch/nn/modules/batchnorm.py"), "", [
    { name: "EfficientNetV2", source: repository("keras-team/keras/keras/src/applications/efficientnet_v2.py") },
  ]),
  constant(
    0.99,
    "keras-default",
    "Keras default",
    repository("keras-team/keras/keras/src/layers/normalization/batch_normalization.py"),
    "Keras keeps the biased running variance with it.",
    [
      { name: "tf.layers default", source: repository("tensorflow/tfjs/tfjs-layers/src/layers/normalization.ts") },
      { name: "Flax default", source: repository("google/flax/flax/linen/normalization.py") },
    ],
  ),
  constant(0.997, "tf-resnet", "TF ResNet", repository("tensorflow/models"), "The official TensorFlow ResNet.", [
    { name: "slim MobileNet", source: repository("tensorflow/models/research/slim/nets/mobilenet/mobilenet.py") },
  ]),
  constant(0.996, "tpu-inception-v3", "TPU Inception v3", repository("tensorflow/tpu/models/experimental/inception")),
  constant(0.995, "tpu-inception-v4", "TPU Inception v4", repository("tensorflow/tpu/models/experimental/inception")),
  constant(
    0.999,
    "keras-mobilenet-v2",
    "Keras MobileNetV2",
    repository("keras-team/keras/keras/src/applications/mobilenet_v2.py"),
    "",
    [{ name: "FixMatch", source: repository("google-research/fixmatch") }],
  ),
  constant(0.9997, "nasnet", "NASNet", repository("keras-team/keras/keras/src/applications/nasnet.py")),
  constant(
    0.97,
    "yolo",
    "YOLO",
    repository("jmiemirza/DUA/utils/torch_utils.py"),
    "YOLO also sets ε to 1e-3, which is the recipe's to choose.",
  ),
  constant(0.98, "tabnet", "TabNet", repository("dreamquark-ai/tabnet"), "", [
    { name: "KPConv", source: repository("HuguesTHOMAS/KPConv-PyTorch") },
  ]),
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
      "long run.",
    source: { title: "Sonnet, ExponentialMovingAverage", url: "https://github.com/google-deepmind/sonnet" },
    aliases: [
      { name: "Caffe", source: repository("BVLC/caffe/src/caffe/layers/batch_norm_layer.cpp") },
      { name: "Haiku", source: repository("google-deepmind/dm-haiku") },
    ],
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
    document: schedule("min(0.99, 1 - 0.5 * 0.5^floor(step * batchSize / 200000))"),
    rule: "min(.99, 1 − .5·.5^⌊tB/200000⌋)",
    description: "Halves the weight of a new batch every 200,000 examples, from .5 down to .01.",
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
    document: schedule("1 - 1 / ((1 - 0.9^(0.5 * (step - 1))) / (1 - 0.9^0.5) + 0.9^(0.5 * (step - 1)) / 0.1^0.5)"),
    rule: "1 − η, η₁ = η₀^κ, η ← η/(η+(1−η₀)^κ), η₀ = .1, κ = ½",
    description:
      "Halfway between the cumulative average (κ = 0) and a constant .9 (κ = 1). Written in closed form: 1/η grows " +
      "by the recurrence 1/η ← 1 + (1−η₀)^κ/η.",
    source: repository("lvyilin/AdaB2N/models/utils/adab2n.py"),
    aliases: [],
  },
  ...[0, 0.5, 0.8, 0.95, 0.9995].map(sweepPoint),
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
    source: ourReading,
    aliases: [],
  },
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
];

/** Slugs of the static sweep and the cumulative average, from short to long memory: one for each default candidate. */
export const staticSweep: readonly string[] = defaultCandidates.map((candidate) => {
  const point = builtInPolicies.find(({ document }) => document.kind === "schedule" && document.momentum === candidate);
  if (!point) throw new Error(`no built-in policy has the momentum ${candidate}`);
  return point.slug;
});
