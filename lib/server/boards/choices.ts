/** The momentum of each layer under one policy, over the runs that scored it. */
import "server-only";
import type { Division } from "@/lib/leaderboard";
import type { LayerShift, Recipe, Variant } from "@/lib/records";
import { Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { database } from "../database/client";

export interface LayerChoices {
  benchmark: { slug: string; title: string; recipe: Recipe };
  variant: Variant;
  division: Division;
  /** Batch-norm layers in forward order. */
  layers: LayerOverRuns[];
}

export interface LayerOverRuns {
  name: string;
  /** One for each run: a constant, a candidate's expression, or null if nothing is averaged or channels differ. */
  momenta: (number | string | null)[];
  /** Runs that chose the first or the last candidate. */
  edges: number;
  /** Mean over runs of ESM_mean + ESM_std. */
  shift: number;
}

/** The most runs that are read, newest first: enough for the seeds of every board. */
export const maxRuns = 400;

const rankedRuns = (["held_out", "results_only"] as const).map((visibility) => ({
  trajectory: { visibility, benchmark: { rankedOn: visibility } },
}));

/** The choices by benchmark, variant and division, the Closed division first. Never reveals a seed. */
export async function layerChoices(policySlug: string, db: Database = database()): Promise<LayerChoices[]> {
  const where = { policy: { slug: policySlug } };
  const columns = { momentumPerLayer: true, esmLayers: true, edgeOfGrid: true } as const;
  const benchmark = { select: { slug: true, title: true, recipe: true } } as const;
  const [closed, open] = await Promise.all([
    db.score.findMany({
      where: { ...where, OR: rankedRuns },
      orderBy: { createdAt: "desc" },
      take: maxRuns,
      select: { ...columns, trajectory: { select: { variant: true, benchmark } } },
    }),
    db.runScore.findMany({
      where: { ...where, run: { hiddenAt: null, issues: { equals: Prisma.DbNull }, benchmarkId: { not: null } } },
      orderBy: { run: { createdAt: "desc" } },
      take: maxRuns,
      select: { ...columns, run: { select: { variant: true, benchmark } } },
    }),
  ]);
  const scored = [
    ...closed.map(({ trajectory, ...score }) => ({ ...score, ...trajectory, division: "closed" as const })),
    ...open.flatMap(({ run, ...score }) =>
      run.benchmark ? [{ ...score, variant: run.variant, benchmark: run.benchmark, division: "open" as const }] : [],
    ),
  ];
  const groups = new Map<string, typeof scored>();
  for (const score of scored) {
    const key = `${score.division} ${score.benchmark.slug} ${score.variant}`;
    groups.set(key, [...(groups.get(key) ?? []), score]);
  }
  return [...groups.values()].map((runs): LayerChoices => {
    const { benchmark, variant, division } = runs[0]!;
    return {
      benchmark: { ...benchmark, recipe: benchmark.recipe as Recipe },
      variant: variant as Variant,
      division,
      layers: layersOver(runs),
    };
  });
}

/** Each layer over several stored scores of one network; empty if there is none. */
export function layersOver(
  runs: readonly { esmLayers: unknown; momentumPerLayer: unknown; edgeOfGrid: readonly string[] }[],
): LayerOverRuns[] {
  const [first] = runs;
  if (!first) return [];
  return (first.esmLayers as LayerShift[]).map(({ layer }, index) => ({
    name: layer,
    momenta: runs.map(({ momentumPerLayer }) => (momentumPerLayer as (number | string | null)[])[index] ?? null),
    edges: runs.filter(({ edgeOfGrid }) => edgeOfGrid.includes(layer)).length,
    shift: runs.reduce((sum, { esmLayers }) => sum + shiftOf((esmLayers as LayerShift[])[index]), 0) / runs.length,
  }));
}

const shiftOf = (layer: LayerShift | undefined): number => (layer ? layer.mean + layer.std : 0);
