/** `dmbench map`: which momentum costs how much, over batch, steps, networks and data sets; resumable. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import type { BackendWish } from "../backend-names";
import type { Regime } from "../cells/plan";
import { commandOf } from "../command-line";
import { UsageError } from "../exit";
import { mapBatchSizes, mapDatasets, mapNetworks, mapRegimes, mapSeeds } from "../map/design";
import { backendOption, cellJobsOption, choices, number, threadsOption } from "../options";
import type { Terminal } from "../terminal";

interface Part {
  datasets?: string[] | undefined;
  models?: string[] | undefined;
  batchSizes?: string[] | undefined;
}

interface MapOptions extends Part {
  seeds: number;
  backend: BackendWish;
  jobs: number;
  threads?: number | undefined;
  summarize?: boolean;
  out: string;
}

export function mapCommand(program: Command, terminal: Terminal, argv: readonly string[]): void {
  program
    .command("map")
    .description("Measure which momentum costs how much, over batch, steps, networks and data sets.")
    .addOption(choices("--datasets <list>", "only these data sets", "data set", Object.keys(mapDatasets)))
    .addOption(
      choices(
        "--models <list>",
        "only these networks",
        "model",
        mapNetworks.map(({ model }) => model),
      ),
    )
    .addOption(choices("--batch-sizes <list>", "only these batches", "batch size", mapBatchSizes.map(String)))
    .addOption(number("--seeds <n>", "seeds 0 … n − 1", z.int().min(1).max(1000)).default(mapSeeds))
    .addOption(backendOption())
    .addOption(cellJobsOption())
    .addOption(threadsOption())
    .option("--summarize", "run nothing: write the files of the cells that are finished")
    .option("--out <dir>", "where the map is kept", "public/map")
    .addHelpText(
      "after",
      `
A cell is a data set, network, batch and seed: one run, scored after 100, 300, 1,000, 3,000 and 10,000 steps under every
static β and variance. Every finished cell is kept: after Ctrl-C the same command goes on where it stopped.
Written at the end: map.json, which the site shows at /choose, and map.csv.

Examples:
  npm run -s dmbench -- map
  npm run -s dmbench -- map --datasets digits --models mlp --seeds 3 --out results/map`,
    )
    .action(async ({ datasets, models, batchSizes, seeds, out, summarize = false, ...how }: MapOptions) => {
      const regimes = regimesOf({ datasets, models, batchSizes });
      const { runMap } = await import("../map/run-map");
      await runMap({ command: commandOf(argv), regimes, seeds, summarize, ...how, out: resolve(out) }, terminal);
    });
}

function regimesOf({ datasets, models, batchSizes }: Part): Regime[] {
  const wanted = mapRegimes.filter(
    ({ recipe }) =>
      (datasets?.includes(recipe.dataset) ?? true) &&
      (models?.includes(recipe.model) ?? true) &&
      (batchSizes?.includes(String(recipe.batchSize)) ?? true),
  );
  if (wanted.length > 0) return wanted;
  throw new UsageError(
    "the map has nothing of the data sets, models and batches asked for. Batch 1 is of the CNN alone.",
  );
}
