/**
 * What a map's cells say together: at each batch and number of steps the accuracy of every static momentum, and its
 * regret. Pure: the order in which cells finished doesn't matter.
 */

import type { VarianceEstimator } from "@/lib/dmbn/policy";
import { regrets } from "@/lib/evaluation";
import { staticReadings, varianceEstimators } from "@/lib/leaderboard";
import type { MapCell, MapPlace } from "@/lib/records";

/** What the static momenta of an estimator are compared with, where it was scored. */
const compared: Record<VarianceEstimator, readonly string[]> = {
  unbiased: ["dmbn", "precise-bn"],
  biased: ["dmbn-biased", "precise-bn"],
  total: ["precise-bn"],
};

/** Every place that a cell was to be scored at, by data set and network in the cells' order, then batch, then steps. */
export function summarizeMap(cells: readonly MapCell[]): MapPlace[] {
  const regimes = [...new Set(cells.map(({ regime }) => regime))];
  return regimes.flatMap((regime) => {
    const runs = cells.filter((cell) => cell.regime === regime).sort((a, b) => a.manifest.seed - b.manifest.seed);
    const { recipe } = runs[0]!.manifest;
    return runs[0]!.scoredAt.map((steps): MapPlace => {
      const scored = runs.flatMap(({ scores }) =>
        scores.filter((score) => score.steps === steps).map(({ accuracies }) => accuracies),
      );
      return {
        dataset: recipe.dataset,
        model: recipe.model,
        batchSize: recipe.batchSize,
        steps,
        seeds: scored.length,
        diverged: runs.length - scored.length,
        estimators: scored.length === 0 ? [] : varianceEstimators.map((variance) => estimatorOf(variance, scored)),
      };
    });
  });
}

/** @param scored accuracy by policy, of each seed */
function estimatorOf(
  variance: VarianceEstimator,
  scored: readonly Record<string, number>[],
): MapPlace["estimators"][number] {
  const statics = staticReadings(variance).map(({ slug, document }) => ({
    policy: slug,
    momentum: document.kind === "schedule" ? constantOf(document.momentum) : null,
  }));
  // The constants first: only one of them can be the best that the others are measured by.
  const options = [
    ...statics.filter(({ momentum }) => momentum !== null),
    ...statics.filter(({ momentum }) => momentum === null),
    ...compared[variance].map((policy) => ({ policy, momentum: null })),
  ];
  const accuracies = scored.map((seed) => options.map(({ policy }) => seed[policy]!));
  const constants = options.filter(({ momentum }) => momentum !== null).length;
  const regret = regrets(accuracies, constants);
  return {
    variance,
    scores: options.map((option, index) => ({
      ...option,
      accuracy: rounded(accuracies.reduce((sum, row) => sum + row[index]!, 0) / accuracies.length),
      regret: {
        mean: rounded(regret[index]!.mean),
        interval: regret[index]!.interval && {
          low: rounded(regret[index]!.interval!.low),
          high: rounded(regret[index]!.interval!.high),
        },
      },
    })),
  };
}

const constantOf = (momentum: string): number | null => (Number.isFinite(Number(momentum)) ? Number(momentum) : null);

/** To a thousandth of a point, and no minus before a zero. */
const rounded = (value: number) => Math.round(value * 1e5) / 1e5 + 0;
