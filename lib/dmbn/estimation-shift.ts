/**
 * Estimation shift: the distance between a layer's running statistics and the
 * true statistics of its input at inference. Huang et al., CVPR 2022, §3, and the
 * dissertation; σ is the standard deviation, √variance.
 */
import type { RunningStatistics } from "./running-statistics";

export interface EstimationShift {
  /** `‖μ̂ − μ‖₂` over channels. */
  mean: number;
  /** `‖σ̂ − σ‖₂` over channels. */
  std: number;
  /** RMS over channels of `(μ̂ − μ)/σ`. */
  relativeMean: number;
  /** RMS over channels of `(σ̂ − σ)/σ`. */
  relativeStd: number;
}

/** The quantity that a selection minimizes: the shift of the mean plus the shift of the standard deviation. */
export const totalShift = ({ mean, std }: EstimationShift) => mean + std;

/**
 * Shift of `estimated` from `population`, both `[channels]`.
 * The relative forms skip channels with σ = 0.
 */
export function estimationShift(estimated: RunningStatistics, population: RunningStatistics): EstimationShift {
  const channels = estimated.mean.length;
  if (population.mean.length !== channels)
    throw new RangeError(`expected ${channels} population channels, got ${population.mean.length}`);
  let mean = 0;
  let std = 0;
  let relativeMean = 0;
  let relativeStd = 0;
  let scaled = 0; // channels with σ > 0
  for (let c = 0; c < channels; c++) {
    const [meanError, stdError] = channelShift(estimated, population, c);
    const variance = population.variance[c]!;
    const [squaredMean, squaredStd] = [meanError * meanError, stdError * stdError]; // x ** 2 is not the same in every engine
    mean += squaredMean;
    std += squaredStd;
    if (variance === 0) continue;
    scaled++;
    relativeMean += squaredMean / variance;
    relativeStd += squaredStd / variance;
  }
  const overScaled = (sum: number) => (scaled === 0 ? 0 : Math.sqrt(sum / scaled));
  return {
    mean: Math.sqrt(mean),
    std: Math.sqrt(std),
    relativeMean: overScaled(relativeMean),
    relativeStd: overScaled(relativeStd),
  };
}

/** `μ̂ − μ` and `σ̂ − σ` of one channel. */
export function channelShift(
  estimated: RunningStatistics,
  population: RunningStatistics,
  channel: number,
): [mean: number, std: number] {
  return [
    estimated.mean[channel]! - population.mean[channel]!,
    Math.sqrt(estimated.variance[channel]!) - Math.sqrt(population.variance[channel]!),
  ];
}
