import { expect, it } from "vitest";
import { chiSquares } from "@/lib/random/chi-squares";
import { generatorOfSeed } from "@/lib/random/generator";
import { normals } from "@/lib/random/normals";

/** Quantiles of χ² at .05, .5 and .95, of the usual tables. */
const quantiles: Record<number, [number, number, number]> = {
  1: [0.00393, 0.4549, 3.8415],
  2: [0.1026, 1.3863, 5.9915],
  5: [1.1455, 4.3515, 11.0705],
  49: [33.9303, 48.3348, 66.3386],
};

it.each(Object.entries(quantiles))("%s degrees of freedom have their quantiles", (degrees, expected) => {
  const draw = chiSquares(Number(degrees), normals(11), generatorOfSeed(12));
  const draws = 40_000;
  const values = Array.from({ length: draws }, draw);
  for (const [index, share] of [0.05, 0.5, 0.95].entries()) {
    const below = values.filter((value) => value <= expected[index]!).length / draws;
    expect(Math.abs(below - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / draws));
  }
});
