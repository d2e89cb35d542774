/** Runs a map and writes its files. */
import type { MapCell } from "@/lib/records";
import { mapCellSchema } from "@/lib/records";
import { howMade } from "../cells/made";
import type { Regime } from "../cells/plan";
import { planCells } from "../cells/plan";
import type { HowToRun } from "../cells/run";
import { runCells } from "../cells/run";
import type { Terminal } from "../terminal";
import { duration } from "../terminal";
import { writeMap } from "./report";
import { summarizeMap } from "./summary";

export interface MapSettings extends HowToRun {
  command: string;
  regimes: readonly Regime[];
  /** Of each regime, 0 … n − 1. */
  seeds: number;
}

/** Runs the missing cells and writes the map's files. A failed cell fails the map after the others are done. */
export async function runMap({ command, regimes, seeds, ...how }: MapSettings, terminal: Terminal): Promise<void> {
  const settings = await planCells(regimes, ["bn"], () => ({ first: 0, count: seeds }), terminal);
  const program = new URL("./worker.ts", import.meta.url);
  const write = (cells: readonly MapCell[]) => {
    const recipes = [...new Map(cells.map(({ regime, manifest }) => [regime, manifest.recipe])).values()];
    return writeMap(how.out, {
      format: 1,
      ...howMade({
        command,
        jobs: how.jobs,
        planned: settings.length,
        cells,
        seconds: cells.reduce((sum, { seconds }) => sum + seconds, 0),
      }),
      batchSizes: rising(recipes.map(({ batchSize }) => batchSize)),
      steps: rising(cells.flatMap(({ scoredAt }) => scoredAt)),
      seeds: rising(cells.map(({ manifest }) => manifest.seed)),
      recipes,
      places: summarizeMap(cells),
    });
  };
  await runCells({ settings, schema: mapCellSchema, program, lineOf, write }, how, terminal);
}

const rising = (numbers: readonly number[]) => [...new Set(numbers)].sort((a, b) => a - b);

function lineOf({ regime, manifest, scores, divergedAt, seconds }: MapCell): string {
  const best = scores.map(({ steps, accuracies }) => {
    const [slug, accuracy] = Object.entries(accuracies).reduce((best, next) => (next[1] > best[1] ? next : best));
    return `${steps}: ${accuracy.toFixed(4)} (${slug})`;
  });
  return [
    regime,
    `seed ${manifest.seed}`,
    ...best,
    ...(divergedAt ? [`diverged at step ${divergedAt.step}`] : []),
    duration(seconds),
  ].join("  ");
}
