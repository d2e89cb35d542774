import { expect, it } from "vitest";
import { benchmarks } from "@/lib/leaderboard";
import { benchmarkOfRegime, publishedStudy, regimeOfRecipe } from "@/lib/server/study";

it("links a board and the study's regime of the same recipe both ways", async () => {
  const { summary } = await publishedStudy();
  const linked = await Promise.all(
    benchmarks.map(async ({ slug, recipe }) => [slug, await regimeOfRecipe(recipe)] as const),
  );
  const pairs = linked.filter(([, regime]) => regime !== null);
  expect(pairs.map(([slug]) => slug)).toContain("mnist-mlp");
  expect(pairs.length).toBeGreaterThanOrEqual(4);
  for (const [slug, regime] of pairs) {
    expect(summary.regimes.map((one) => one.regime)).toContain(regime);
    expect((await benchmarkOfRegime(regime!))!.slug).toBe(slug);
  }
});

it("doesn't link recipes that differ in anything, nor a regime of a part of the data", async () => {
  const { recipe } = benchmarks.find(({ slug }) => slug === "mnist-mlp")!;
  expect(await regimeOfRecipe({ ...recipe, learningRate: recipe.learningRate * 1.01 })).toBeNull();
  const { recipes, summary } = await publishedStudy();
  const part = summary.regimes.find(({ subset }) => subset !== null)!.regime;
  expect(await regimeOfRecipe(recipes.find(({ regime }) => regime === part)!.recipe)).toBeNull();
  expect(await benchmarkOfRegime(part)).toBeNull();
  expect(await benchmarkOfRegime("no such regime")).toBeNull();
});
