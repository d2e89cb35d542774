/** Runs a study and writes its files. */
import type { Study, StudyCell, Variant } from "@/lib/records";
import { studyCellSchema } from "@/lib/records";
import { howMade } from "../cells/made";
import type { Regime, Seeds } from "../cells/plan";
import { planCells } from "../cells/plan";
import type { HowToRun } from "../cells/run";
import { runCells } from "../cells/run";
import type { Terminal } from "../terminal";
import { duration } from "../terminal";
import { outcomesOf, registeredFor } from "./registered";
import { writeStudy } from "./report";
import { rounded } from "./rounded";
import type { SuiteName } from "./suites";
import { summarizeStudy } from "./summary";

export interface StudySettings extends HowToRun {
  suite: SuiteName;
  command: string;
  regimes: readonly Regime[];
  variants: readonly Variant[];
  seedsOf: (regime: Regime) => Seeds;
}

/** Runs the missing cells and writes the study's files. A failed cell fails the study after the others are done. */
export async function runStudy(
  { suite, command, regimes, variants, seedsOf, ...how }: StudySettings,
  terminal: Terminal,
): Promise<void> {
  const settings = await planCells(regimes, variants, seedsOf, terminal);
  const { jobs, out } = how;
  const registered = registeredFor[suite];
  const write = (cells: readonly StudyCell[]) => {
    const seconds = cells.reduce((sum, { timings }) => sum + timings.trainingSeconds + timings.scoringSeconds, 0);
    const study: Study = {
      format: 2,
      ...howMade({ command, jobs, planned: settings.length, cells, seconds }),
      suite,
      recipes: recipesOf(cells),
      summary: summarizeStudy(cells),
      ...(registered && { registered: rounded(outcomesOf(registered, cells), 9) }),
    };
    return writeStudy(out, study, cells);
  };
  const program = new URL("./worker.ts", import.meta.url);
  await runCells({ settings, schema: studyCellSchema, program, lineOf, write }, how, terminal);
}

/** The recipe of each regime, once. */
const recipesOf = (cells: readonly StudyCell[]): Study["recipes"] => [
  ...new Map(
    cells.map(({ regime, manifest: { recipe, dataset } }) => [regime, { regime, recipe, dataset }] as const),
  ).values(),
];

function lineOf({ regime, manifest, scores, bestStatic, timings }: StudyCell): string {
  const accuracyOf = (slug: string) => scores.find(({ policy }) => policy.slug === slug)?.accuracy.toFixed(4) ?? "–";
  const seconds = timings.trainingSeconds + timings.scoringSeconds;
  return [
    regime,
    manifest.variant,
    `seed ${manifest.seed}`,
    `dmbn ${accuracyOf("dmbn")}`,
    `precise-bn ${accuracyOf("precise-bn")}`,
    ...bestStatic.map(({ variance, policy }) => `best ${variance} ${accuracyOf(policy)} (${policy})`),
    `.9 ${accuracyOf("pytorch-default")}`,
    `.99 ${accuracyOf("static-0.99")}`,
    duration(seconds),
  ].join("  ");
}
