/** Places the methods of a board: who shares all predictions with whom, the ranks that each may hold, gaps to the best. */
import type { CrossedMeans, RankBand, Ranking } from "@/lib/evaluation";
import { fewestSeeds, rankInParts, simultaneous } from "@/lib/evaluation";
import { withPauses } from "../with-pauses";
import type { Answers, MethodKey } from "./answers";

/** Methods beyond these, by mean accuracy, are compared with the first one only: the work is quadratic. */
const mostExact = 500;

/** Methods whose answers are read at once. */
const readAtOnce = 100;

/** One row of a board. */
export interface Method {
  id: string;
  key: MethodKey;
  accuracies: ReadonlyMap<string, number>;
}

/**
 * The runs that methods are ranked on: those that at least two thirds of them have. A method that lacks one of these is
 * not ranked, so that one that was scored on few runs doesn't cost the others theirs.
 */
export function sharedSeeds(methods: readonly ReadonlyMap<string, unknown>[]): string[] {
  const counts = new Map<string, number>();
  for (const method of methods) for (const seed of method.keys()) counts.set(seed, (counts.get(seed) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => 3 * count >= 2 * methods.length)
    .map(([seed]) => seed)
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

/** Highest mean over `seeds` first; equal ones in their order. */
export function byMean<Row extends Method>(methods: readonly Row[], seeds: readonly string[]): Row[] {
  const mean = ({ accuracies }: Row) => seeds.reduce((sum, seed) => sum + accuracies.get(seed)!, 0);
  return methods
    .map((method) => ({ method, mean: mean(method) }))
    .sort((a, b) => b.mean - a.mean)
    .map(({ method }) => method);
}

export interface Placed {
  /** The key of the method that it shares all predictions with. */
  sameAs: MethodKey | null;
  band: RankBand | null;
  gap: { mean: number; low: number | null; high: number | null } | null;
}

/** How well the methods are told apart; without ranks below `fewestSeeds` runs. */
export type Summary = Partial<Omit<Ranking, "ranks">> & { methods: number; images: number | null };

/** @param methods that have all runs, best mean first */
export async function place(
  methods: readonly Method[],
  runs: number,
  read: (methods: readonly Method[]) => Promise<ReadonlyMap<MethodKey, Answers>>,
): Promise<{ placed: Map<MethodKey, Placed>; summary: Summary }> {
  const firsts = new Map<string, MethodKey>();
  const placed = new Map<MethodKey, Placed>();
  const entries: { key: MethodKey; means: CrossedMeans }[] = [];
  const rest: Method[] = [];
  for (let from = 0; from < methods.length; from += readAtOnce) {
    const part = methods.slice(from, from + readAtOnce);
    const answers = await read(part);
    for (const method of part) {
      const { means, predictions: onEachRun } = answers.get(method.key)!;
      const predictions = runs < fewestSeeds ? null : onEachRun; // equal on few runs may be chance
      const sameAs = predictions === null ? undefined : firsts.get(predictions);
      if (predictions !== null && !sameAs) firsts.set(predictions, method.key);
      placed.set(method.key, { sameAs: sameAs ?? null, band: null, gap: null });
      if (sameAs) continue;
      if (entries.length < mostExact) entries.push({ key: method.key, means });
      else rest.push(method);
    }
  }
  const known = entries.every(({ means }) => means.images !== null);
  const comparable = (means: CrossedMeans): CrossedMeans => (known ? means : { ...means, images: null });
  const [best, ...others] = entries.map(({ key, means }) => ({ key, means: comparable(means) }));
  const summary: Summary = {
    methods: entries.length + rest.length,
    images: (known && best?.means.images?.length) || null,
  };
  if (!best) return { placed, summary };
  if (runs < fewestSeeds) {
    for (const { key, means } of others)
      placed.get(key)!.gap = { mean: difference(means, best.means), low: null, high: null };
    return { placed, summary };
  }

  const { ranks, ...found } = await withPauses(rankInParts([best, ...others].map(({ means }) => means)));
  const all = summary.methods;
  entries.forEach(({ key }, index) => {
    const { from, to } = ranks[index]!;
    placed.get(key)!.band = { from, to: to === entries.length ? all : to };
  });
  const gapOf = (means: CrossedMeans) => {
    const { mean, low, high } = simultaneous(means, best.means, found.critical);
    return { mean, low, high };
  };
  for (const { key, means } of others) placed.get(key)!.gap = gapOf(means);
  for (let from = 0; from < rest.length; from += readAtOnce) {
    for (const [key, { means }] of await read(rest.slice(from, from + readAtOnce))) {
      const gap = gapOf(comparable(means));
      Object.assign(placed.get(key)!, { gap, band: { from: gap.high < 0 ? 2 : 1, to: all } });
    }
  }
  for (const method of placed.values()) {
    if (!method.sameAs) continue;
    const { band, gap } = placed.get(method.sameAs)!;
    Object.assign(method, { band, gap });
  }
  return { placed, summary: { ...found, ...summary } };
}

const difference = (a: CrossedMeans, b: CrossedMeans): number => mean(a.seeds) - mean(b.seeds);
const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
