import { parse } from "csv-parse/sync";
import { expect, it } from "vitest";
import { mapDatasets, mapNetworks, mapRegimes, mapSteps } from "@/lib/cli/map/design";
import { mapCsv } from "@/lib/cli/map/report";
import { summarizeMap } from "@/lib/cli/map/summary";
import type { MapCell, MomentumMap } from "@/lib/records";
import { mapSchema } from "@/lib/records";
import { aMapCell } from "../records/a-map-cell";

const mapOf = (cells: readonly MapCell[]): MomentumMap =>
  mapSchema.parse({
    format: 1,
    command: "map",
    finishedAt: "2026-01-01T00:00:00.000Z",
    machine: { processor: "p", cores: 1, memoryGiB: 1, system: "s", node: "20" },
    jobs: 1,
    planned: cells.length,
    finished: cells.length,
    seconds: 1,
    software: cells[0]!.manifest.software,
    backend: cells[0]!.manifest.backend,
    batchSizes: [8],
    steps: [100, 300],
    seeds: [0, 1],
    recipes: [cells[0]!.manifest.recipe],
    places: summarizeMap(cells),
  });

/** β = .9 is the better, by three points and by one. */
const cells = [
  aMapCell({ seed: 1, accuracies: { "pytorch-default": 0.9, "static-0.99": 0.89, "cumulative-average": 0.95 } }),
  aMapCell({ seed: 0, accuracies: { "pytorch-default": 0.8, "static-0.99": 0.77, "cumulative-average": 0.85 } }),
];

it("gives the mean accuracy of every momentum, and what it costs against the best constant of its estimator", () => {
  const [early, late] = summarizeMap(cells);
  expect(early).toMatchObject({ dataset: "digits", model: "mlp", batchSize: 8, steps: 100, seeds: 2, diverged: 0 });
  expect(late).toMatchObject({ steps: 300, seeds: 2 });
  expect(early!.estimators.map(({ variance }) => variance)).toEqual(["unbiased", "biased", "total"]);
  const { scores } = early!.estimators[0]!;
  const of = (policy: string) => scores.find((score) => score.policy === policy)!;
  expect(of("pytorch-default")).toMatchObject({ momentum: 0.9, accuracy: 0.85, regret: { mean: 0 } });
  expect(of("static-0.99")).toMatchObject({ momentum: 0.99, accuracy: 0.83, regret: { mean: 0.02 } });
  // Better than every constant, but none itself: it isn't what they are measured by.
  expect(of("cumulative-average")).toMatchObject({ momentum: null, accuracy: 0.9, regret: { mean: -0.05 } });
  expect(scores.map(({ momentum }) => momentum)).toEqual([
    ...[0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.997, 0.999, 0.9995],
    ...[null, null, null],
  ]);
});

it("doesn't depend on the order of cells", () => {
  expect(summarizeMap([...cells].reverse())).toEqual(summarizeMap(cells));
});

it("keeps a run that diverged: counted where it didn't arrive, scored where it did", () => {
  const diverged = aMapCell({ seed: 2, accuracies: { "pytorch-default": 0.7 }, divergedAt: 150 });
  const [early, late] = summarizeMap([...cells, diverged]);
  expect([early!.seeds, early!.diverged]).toEqual([3, 0]);
  expect([late!.seeds, late!.diverged]).toEqual([2, 1]);
});

it("keeps a place where every run diverged, in the summary and in the CSV", () => {
  const map = mapOf([0, 1].map((seed) => aMapCell({ seed, accuracies: {}, divergedAt: 150 })));
  expect(map.places[1]).toMatchObject({ steps: 300, seeds: 0, diverged: 2, estimators: [] });
  const lines = parse(mapCsv(map), { columns: true }) as Record<string, string>[];
  expect(lines.filter(({ steps }) => steps === "300")).toEqual([
    expect.objectContaining({ dataset: "digits", seeds: "0", diverged: "2", policy: "", accuracy: "", regret: "" }),
  ]);
});

it("writes a line of CSV for each place, estimator and policy", () => {
  const lines = parse(mapCsv(mapOf(cells)), { columns: true }) as Record<string, string>[];
  expect(lines).toHaveLength(2 * (14 + 14 + 13));
  expect(lines.find(({ policy, steps }) => policy === "static-0.99" && steps === "100")).toMatchObject({
    variance: "unbiased",
    batch_size: "8",
    learning_rate: "0.007071",
    momentum: "0.99",
    accuracy: "0.83",
    regret: "0.02",
    seeds: "2",
    diverged: "0",
  });
});

it("is designed over every batch, by a rule where a run would be too long, and batch 1 for convolutions alone", () => {
  expect(new Set(mapRegimes.map(({ slug }) => slug)).size).toBe(mapRegimes.length);
  for (const dataset of Object.keys(mapDatasets))
    for (const { model } of mapNetworks) {
      const of = mapRegimes.filter(({ recipe }) => recipe.dataset === dataset && recipe.model === model);
      expect(of.map(({ recipe }) => recipe.batchSize)).toEqual([
        ...(model === "cnn" ? [1] : []),
        2,
        4,
        8,
        16,
        32,
        64,
        128,
        256,
      ]);
      for (const { recipe, scoredAt } of of) {
        expect(scoredAt).toEqual(mapSteps.slice(0, scoredAt!.length));
        expect(scoredAt!.at(-1)).toBe(recipe.maxSteps);
      }
    }
});
