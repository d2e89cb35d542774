/**
 * What the map says at a batch and a number of steps: a measured cell, or between measured cells their mean, weighted
 * linearly in log batch and log steps. Beyond them, nothing.
 */
import type { VarianceEstimator } from "@/lib/dmbn/policy";
import type { MapPlace, MapScore } from "@/lib/records";

export interface Answer {
  kind: "answer";
  /** The measured cells that it is made of: one, two or four. */
  places: readonly MapPlace[];
  /** Of each policy, the static momenta first, from short to long memory. */
  scores: readonly MapScore[];
}

/** Why there is no answer: beyond what was measured, a cell that wasn't measured, or one where every run diverged. */
export type Silence =
  | { kind: "outside"; what: "batch" | "steps"; from: number; to: number }
  | { kind: "gap" }
  | { kind: "diverged"; places: readonly MapPlace[] };

/** @param places of one network and data set */
export function lookUp(
  places: readonly MapPlace[],
  { batch, steps }: { batch: number; steps: number },
  variance: VarianceEstimator,
): Answer | Silence {
  const across = between(rising(places.map(({ batchSize }) => batchSize)), batch);
  if ("from" in across) return { kind: "outside", what: "batch", ...across };
  const along = between(rising(places.map((place) => place.steps)), steps);
  if ("from" in along) return { kind: "outside", what: "steps", ...along };
  const corners: { place: MapPlace; weight: number }[] = [];
  for (const { at: batchSize, weight } of across.ends)
    for (const end of along.ends) {
      const place = places.find((one) => one.batchSize === batchSize && one.steps === end.at);
      if (!place) return { kind: "gap" };
      corners.push({ place, weight: weight * end.weight });
    }
  const diverged = corners.map(({ place }) => place).filter(({ seeds }) => seeds === 0);
  if (diverged.length > 0) return { kind: "diverged", places: diverged };
  const scored = corners.map(({ place, weight }) => ({
    weight,
    scores: place.estimators.find((estimator) => estimator.variance === variance)!.scores,
  }));
  const mean = (value: (score: MapScore) => number, policy: number) =>
    scored.reduce((sum, { weight, scores }) => sum + weight * value(scores[policy]!), 0);
  return {
    kind: "answer",
    places: corners.map(({ place }) => place),
    scores: scored[0]!.scores.map((score, policy) => ({
      ...score,
      accuracy: mean(({ accuracy }) => accuracy, policy),
      regret: {
        mean: mean(({ regret }) => regret.mean, policy),
        interval: scored.some(({ scores }) => scores[policy]!.regret.interval === null)
          ? null
          : {
              low: mean(({ regret }) => regret.interval!.low, policy),
              high: mean(({ regret }) => regret.interval!.high, policy),
            },
      },
    })),
  };
}

/** The neighbours of a value on a log axis with their weights; the axis's ends if it lies beyond. @param axis rising */
function between(
  axis: readonly number[],
  value: number,
): { ends: { at: number; weight: number }[] } | { from: number; to: number } {
  const above = axis.findIndex((at) => at >= value);
  const high = axis[above];
  if (high === value) return { ends: [{ at: value, weight: 1 }] };
  if (high === undefined || above === 0) return { from: axis[0] ?? 0, to: axis.at(-1) ?? 0 };
  const low = axis[above - 1]!;
  const weight = Math.log(value / low) / Math.log(high / low);
  return {
    ends: [
      { at: low, weight: 1 - weight },
      { at: high, weight },
    ],
  };
}

export const rising = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
