/** The files of a map: JSON with the summary, CSV with a line for each place and policy. */
import { join } from "node:path";
import { csvOf } from "@/lib/leaderboard";
import type { MomentumMap } from "@/lib/records";
import { writeWhole } from "../output";

/** Writes both files into `folder`; returns their paths. */
export async function writeMap(folder: string, map: MomentumMap): Promise<string[]> {
  const files: [name: string, content: string][] = [
    ["map.json", `${JSON.stringify(map)}\n`],
    ["map.csv", mapCsv(map)],
  ];
  for (const [name, content] of files) await writeWhole(join(folder, name), content);
  return files.map(([name]) => join(folder, name));
}

/** One line for each place, estimator and policy; one for a place whose runs all diverged. */
export function mapCsv({ places, recipes }: MomentumMap): string {
  const head = [
    "dataset",
    "model",
    "width",
    "batch_size",
    "learning_rate",
    "steps",
    "seeds",
    "diverged",
    "variance",
    "policy",
    "momentum",
    "accuracy",
    "regret",
    "regret_low",
    "regret_high",
  ];
  const rows = places.flatMap(({ dataset, model, batchSize, steps, seeds, diverged, estimators }) => {
    const recipe = recipes.find(
      (one) => one.dataset === dataset && one.model === model && one.batchSize === batchSize,
    )!;
    const place = [dataset, model, recipe.width, batchSize, recipe.learningRate, steps, seeds, diverged];
    if (estimators.length === 0) return [[...place, ...head.slice(place.length).map(() => null)]];
    return estimators.flatMap(({ variance, scores }) =>
      scores.map(({ policy, momentum, accuracy, regret: { mean, interval } }) => [
        ...place,
        variance,
        policy,
        momentum,
        accuracy,
        mean,
        interval?.low ?? null,
        interval?.high ?? null,
      ]),
    );
  });
  return csvOf([head, ...rows]);
}
