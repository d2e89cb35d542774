/** Reads the study that is published with the site: made by `dmbench study`, stored in `public/studies/`. */
import "server-only";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { cache } from "react";
import type { Benchmark } from "@/lib/leaderboard";
import { benchmarks } from "@/lib/leaderboard";
import type { Recipe, RegimeSummary, Study } from "@/lib/records";
import { studySchema } from "@/lib/records";

/** The address of the study's files, for downloads. */
export const studyAddress = "/studies/laptop";

const file = join(process.cwd(), "public", "studies", "laptop", "study.json");

let cachedStudy: Promise<Study> | null = null;

/**
 * The published study, read once.
 * @throws if the file is missing or isn't a study
 */
export const publishedStudy = cache(
  (): Promise<Study> => (cachedStudy ??= readFile(file, "utf8").then((text) => studySchema.parse(JSON.parse(text)))),
);

/** One regime of the study; null for an unknown name. */
export async function studyRegime(name: string): Promise<RegimeSummary | null> {
  const { summary } = await publishedStudy();
  return summary.regimes.find(({ regime }) => regime === name) ?? null;
}

/** Name of the regime that was trained with exactly this recipe, on the whole data set; null if there is none. */
export async function regimeOfRecipe(recipe: Recipe): Promise<string | null> {
  const { cells } = await publishedStudy();
  return cells.find(({ manifest }) => trained(manifest, recipe))?.regime ?? null;
}

/** The newest benchmark with exactly the recipe of a regime; null if there is none. */
export async function benchmarkOfRegime(name: string): Promise<Benchmark | null> {
  const cell = (await publishedStudy()).cells.find(({ regime }) => regime === name);
  const found = benchmarks.filter(({ recipe }) => cell && trained(cell.manifest, recipe));
  return found.sort((a, b) => b.version - a.version)[0] ?? null;
}

type Manifest = Study["cells"][number]["manifest"];

const trained = (manifest: Manifest, recipe: Recipe): boolean =>
  manifest.dataset.subset === null && isDeepStrictEqual({ ...manifest.recipe }, { ...recipe });
