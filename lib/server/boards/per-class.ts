/** Each class against the rest, over seeds, and how far that is from another method on the same seeds. */

import type { ConfusionMatrix } from "@/lib/evaluation";
import { meanInterval, metrics } from "@/lib/evaluation";
import type { ClassRate } from "@/lib/leaderboard";
import { classRates } from "@/lib/leaderboard";

export interface ClassFigures {
  /** As the data set calls it. */
  name: string;
  figures: Record<ClassRate, ClassFigure>;
}

export interface ClassFigure {
  /** Over seeds. */
  mean: number;
  /**
   * This less the other, paired by seed, with its 95 % interval where there are two; null where there is no other or no
   * shared seed.
   */
  difference: { mean: number; low: number | null; high: number | null } | null;
}

/** Seed → the confusion matrices found there; rows are true classes. */
export type MatricesBySeed = ReadonlyMap<string, readonly ConfusionMatrix[]>;

/** @param other what differences are taken from; null for none */
export function perClass(own: MatricesBySeed, other: MatricesBySeed | null, names: readonly string[]): ClassFigures[] {
  const figures = rates(own);
  const reference = other && rates(other);
  return names.map((name, id) => {
    const of = (rate: ClassRate): ClassFigure => {
      const at = (seeds: ReadonlyMap<string, Rates[]>, seed: string) => seeds.get(seed)![id]![rate];
      const shared = reference ? [...figures.keys()].filter((seed) => reference.has(seed)) : [];
      const difference =
        shared.length === 0 ? null : meanInterval(shared.map((seed) => at(figures, seed) - at(reference!, seed)));
      return {
        mean: meanInterval([...figures.keys()].map((seed) => at(figures, seed))).mean,
        difference: difference && {
          mean: difference.mean,
          low: difference.interval?.low ?? null,
          high: difference.interval?.high ?? null,
        },
      };
    };
    return {
      name,
      figures: {
        sensitivity: of("sensitivity"),
        specificity: of("specificity"),
        precision: of("precision"),
        fScore: of("fScore"),
      },
    };
  });
}

type Rates = Record<ClassRate, number>;

/** Seed → each class's rates; those of several runs of a seed on average. */
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
