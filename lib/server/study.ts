/** Reads the studies that are published with the site: made by `dmbench study`, stored in `public/studies/`. */
import "server-only";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cache } from "react";
import type { Benchmark } from "@/lib/leaderboard";
import { benchmarks } from "@/lib/leaderboard";
import type { Recipe, RegimeSummary, Study } from "@/lib/records";
import { differingFields, studySchema } from "@/lib/records";

export type PublishedSuite = "dissertation" | "our-policy" | "protocols";

/** The address of a study's files, for downloads. */
export const studyAddress = (suite: PublishedSuite = "dissertation"): string => `/studies/${suite}`;

const studies = new Map<PublishedSuite, Promise<Study>>();

/**
 * A published study, read once.
 * @throws if the file is missing or isn't a study
 */
export const publishedStudy = cache((suite: PublishedSuite = "dissertation"): Promise<Study> => {
  const file = join(process.cwd(), "public", "studies", suite, "study.json");
  const study = studies.get(suite) ?? readFile(file, "utf8").then((text) => studySchema.parse(JSON.parse(text)));
  studies.set(suite, study);
  return study;
});

/** One regime of the study; null for an unknown name. */
export async function studyRegime(name: string): Promise<RegimeSummary | null> {
  const { summary } = await publishedStudy();
  return summary.regimes.find(({ regime }) => regime === name) ?? null;
}

/** Name of the regime that was trained with exactly this recipe, on the whole data set; null if there is none. */
export async function regimeOfRecipe(recipe: Recipe): Promise<string | null> {
  const { recipes } = await publishedStudy();
  return recipes.find((regime) => trained(regime, recipe))?.regime ?? null;
}

/** The newest benchmark with exactly the recipe of a regime; null if there is none. */
export async function benchmarkOfRegime(name: string): Promise<Benchmark | null> {
  const regime = (await publishedStudy()).recipes.find(({ regime }) => regime === name);
  const found = benchmarks.filter(({ recipe }) => regime && trained(regime, recipe));
  return found.sort((a, b) => b.version - a.version)[0] ?? null;
}

const trained = (regime: Study["recipes"][number], recipe: Recipe): boolean =>
  regime.dataset.subset === null && differingFields(regime.recipe, recipe).length === 0;
