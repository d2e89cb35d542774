/** One-vs-rest rates of each class over seeds, and their difference from another method on the same seeds. */

import type { ConfusionMatrix } from "@/lib/evaluation";
import { meanInterval, metrics } from "@/lib/evaluation";
import type { ClassRate } from "@/lib/leaderboard";
import { classRates } from "@/lib/leaderboard";

export interface ClassFigures {
  /** The class's name in the data set. */
  name: string;
  figures: Record<ClassRate, ClassFigure>;
}

export interface ClassFigure {
  /** Mean over seeds. */
  mean: number;
  /**
   * This minus the other, paired by seed, with a 95 % interval for two or more seeds; null without another method or a
   * shared seed.
   */
  difference: { mean: number; low: number | null; high: number | null } | null;
}

/** Seed → confusion matrices of its runs; rows are true classes. */
export type MatricesBySeed = ReadonlyMap<string, readonly ConfusionMatrix[]>;

/**
 * The figures of every class.
 * @param other the method to take differences from; null for none
 */
export function perClass(
  matrices: MatricesBySeed,
  other: MatricesBySeed | null,
  names: readonly string[],
): ClassFigures[] {
  const ratesBySeed = rates(matrices);
  const otherBySeed = other ? rates(other) : new Map<string, Rates[]>();
  const seeds = [...ratesBySeed.keys()];
  const shared = seeds.filter((seed) => otherBySeed.has(seed));
  return names.map((name, id) => {
    const figure = (rate: ClassRate): ClassFigure => {
      const rateOn = (bySeed: ReadonlyMap<string, Rates[]>, seed: string) => bySeed.get(seed)![id]![rate];
      const difference =
        shared.length > 0
          ? meanInterval(shared.map((seed) => rateOn(ratesBySeed, seed) - rateOn(otherBySeed, seed)))
          : null;
      return {
        mean: meanInterval(seeds.map((seed) => rateOn(ratesBySeed, seed))).mean,
        difference: difference && {
          mean: difference.mean,
          low: difference.interval?.low ?? null,
          high: difference.interval?.high ?? null,
        },
      };
    };
    return {
      name,
      figures: Object.fromEntries(classRates.map((rate) => [rate, figure(rate)])) as Record<ClassRate, ClassFigure>,
    };
  });
}

type Rates = Record<ClassRate, number>;

/** Seed → the rates of each class, averaged over the runs of the seed. */
function rates(matrices: MatricesBySeed): Map<string, Rates[]> {
  return new Map(
    [...matrices].map(([seed, ofSeed]) => {
      const runs = ofSeed.map((matrix) => metrics(matrix).perClass);
      return [
        seed,
        runs[0]!.map(
          (_, id) =>
            Object.fromEntries(
              classRates.map((rate) => [rate, meanInterval(runs.map((run) => run[id]![rate])).mean]),
            ) as Rates,
        ),
      ];
    }),
  );
}
