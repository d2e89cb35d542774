/**
 * The recorded runs that a policy can be tried on: those that ship with the site, and this installation's public ones
 * that a browser scores quickly.
 */
import { benchmarks, scoredAtOnce } from "@/lib/leaderboard";
import type { Variant } from "@/lib/records";
import { listTrajectories } from "@/lib/server/scoring/public-trajectories";
import type { TrajectoryChoice } from "./protocol";

const shipped: readonly TrajectoryChoice[] = (["bn", "bn-bfn"] as const).flatMap((variant) =>
  [0, 1, 2, 3, 4].map((seed) => ({
    benchmark: "digits-mlp",
    dataset: "digits",
    variant,
    seed,
    url: `/trajectories/digits-mlp-v1/${variant}-${seed}.safetensors`,
  })),
);

const isShipped = (slug: string, variant: string, seed: number | null): boolean =>
  shipped.some((run) => run.benchmark === slug && run.variant === variant && run.seed === seed);

/** The shipped ones first; the others in the order of their benchmarks. */
export async function publicTrajectories(): Promise<[TrajectoryChoice, ...TrajectoryChoice[]]> {
  const recorded = (await listTrajectories()).flatMap(
    ({ benchmark: { slug, version }, variant, visibility, seed, url, damage }): TrajectoryChoice[] => {
      const benchmark = benchmarks.find((known) => known.slug === slug && known.version === version);
      if (
        !benchmark ||
        isShipped(slug, variant, seed) ||
        !scoredAtOnce(benchmark.recipe) ||
        visibility !== "public" ||
        seed === null ||
        url === null ||
        damage !== null
      )
        return [];
      return [{ benchmark: slug, dataset: benchmark.recipe.dataset, variant: variant as Variant, seed, url }];
    },
  );
  return [...shipped, ...recorded] as [TrajectoryChoice, ...TrajectoryChoice[]];
}
