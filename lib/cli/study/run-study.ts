/**
 * Runs a study: cells in parallel, in separate processes. Each finished cell is written at once, so that it survives
 * any interruption.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { arch, cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { policyHash } from "@/lib/dmbn/policy";
import type { Study, StudyCell, Variant } from "@/lib/records";
import { DMBENCH_VERSION, repairText, studyCellSchema } from "@/lib/records";
import { planRun } from "@/lib/training";
import type { BackendWish } from "../backend-names";
import { openDataset } from "../data-folders";
import { checkingSettings, Failure } from "../exit";
import { prepareFolder, writeWhole } from "../output";
import { inProcesses, threadsFor } from "../processes";
import type { Terminal } from "../terminal";
import { duration } from "../terminal";
import type { CellSettings, Progress } from "./cell";
import { writeStudy } from "./report";
import type { Regime } from "./suites";
import { summarizeStudy } from "./summary";
import type { Job } from "./worker";

export interface StudySettings {
  suite: string;
  command: string;
  regimes: readonly Regime[];
  variants: readonly Variant[];
  /** How many seeds of each regime, 0 … n − 1. */
  seedsOf: (regime: Regime) => number;
  backend: BackendWish;
  jobs: number;
  /** Of each job, for WASM. Default: its share of the cores. */
  threads?: number | undefined;
  /** Runs nothing: the files are of the cells that are finished. */
  summarize: boolean;
  out: string;
}

/** Runs the missing cells and writes the study's files. A failed cell fails the study after the others are done. */
export async function runStudy(
  { suite, command, regimes, variants, seedsOf, backend, jobs, threads, summarize, out }: StudySettings,
  terminal: Terminal,
): Promise<void> {
  const folder = join(out, "cells");
  await prepareFolder(folder);
  const settings = await planCells(regimes, variants, seedsOf, terminal);
  const finished = new Map<string, StudyCell>();
  for (const cell of settings) {
    const earlier = await readCell(join(folder, fileOf(cell)), cell.settingsHash);
    if (earlier) finished.set(nameOf(cell), earlier);
  }
  const missing = summarize ? [] : settings.filter((cell) => !finished.has(nameOf(cell)));
  const parallel = missing.length > 0 ? `, ${Math.min(jobs, missing.length)} at once` : "";
  terminal.out(`${settings.length} cells: ${finished.size} done before, ${missing.length} to run${parallel}.\n`);

  const failures: string[] = [];
  const from = terminal.now();
  let run = 0;
  const each = { backend, threads: threads ?? threadsFor(Math.min(jobs, missing.length)) };
  await inProcesses<CellSettings, Job, Progress, StudyCell>(
    missing,
    {
      program: new URL("./worker.ts", import.meta.url),
      processes: jobs,
      jobOf: (cell) => ({ ...cell, ...each }),
      signal: terminal.signal,
    },
    {
      async done(cell, result) {
        const text = `${JSON.stringify(result)}\n`;
        await writeWhole(join(folder, fileOf(cell)), gzipSync(text)).catch((error: unknown) => {
          terminal.out(text); // or the cell would be lost
          throw error;
        });
        finished.set(nameOf(cell), result);
        run++;
        const left = ((terminal.now() - from) / 1000 / run) * (missing.length - run - failures.length);
        terminal.out(`${lineOf(result)}\n`);
        terminal.progress(`${finished.size} of ${settings.length} cells done, about ${duration(left)} left`);
      },
      failed(cell, message) {
        failures.push(`${nameOf(cell)}: ${message}`);
        terminal.err(`failed: ${nameOf(cell)}: ${message}\n`);
      },
      progress(cell, { stage, fraction, secondsLeft }) {
        terminal.progress(
          `${finished.size} of ${settings.length} cells done; ${nameOf(cell)}: ` +
            `${stage} ${Math.round(100 * fraction)} %, ${duration(secondsLeft)} left of it`,
        );
      },
    },
  ).catch((error: unknown) => {
    if (terminal.signal.aborted)
      terminal.err(
        `${finished.size} of ${settings.length} cells are kept in ${folder}; the same command goes on from there.\n`,
      );
    throw error;
  });

  const cells = settings.flatMap((cell) => finished.get(nameOf(cell)) ?? []);
  if (cells.length === 0)
    throw new Failure(failures[0] ? `no cell could be run: ${failures[0]}` : `there is no finished cell in ${folder}.`);
  const { software, backend: usedBackend } = cells[0]!.manifest;
  const study: Study = {
    format: 2,
    command,
    suite,
    finishedAt: new Date().toISOString(),
    machine: thisMachine(),
    jobs,
    planned: settings.length,
    finished: cells.length,
    seconds: Math.round(cells.reduce((sum, { timings }) => sum + timings.trainingSeconds + timings.scoringSeconds, 0)),
    software,
    backend: usedBackend,
    recipes: recipesOf(cells),
    summary: summarizeStudy(cells),
  };
  for (const file of await writeStudy(out, study, cells)) terminal.err(`wrote ${file}\n`);
  if (failures.length > 0)
    throw new Failure(`${failures.length} of ${settings.length} cells failed; the same command tries them again.`);
}

/**
 * Every cell of a study with its settings hash, seed after seed, so that a study that is stopped has some seeds of every
 * regime. Refuses a cell that can't be planned before anything is trained.
 */
async function planCells(
  regimes: readonly Regime[],
  variants: readonly Variant[],
  seedsOf: StudySettings["seedsOf"],
  terminal: Terminal,
): Promise<CellSettings[]> {
  const cells: CellSettings[] = [];
  const slugs = [...new Set(regimes.map(({ recipe }) => recipe.dataset))];
  for (const slug of slugs) {
    const dataset = await openDataset(slug, terminal);
    for (const regime of regimes.filter(({ recipe }) => recipe.dataset === slug)) {
      const policies = regime.policies.map(({ slug, document }) => [slug, policyHash(document)]);
      for (const variant of variants) {
        checkingSettings(() => planRun({ recipe: regime.recipe, variant, seed: 0, dataset }));
        for (let seed = 0; seed < seedsOf(regime); seed++) {
          const settings = [DMBENCH_VERSION, regime.slug, regime.recipe, variant, seed, dataset.hash, policies];
          cells.push({
            regime,
            variant,
            seed,
            settingsHash: createHash("sha256").update(JSON.stringify(settings)).digest("hex"),
          });
        }
      }
    }
  }
  return cells.sort((a, b) => a.seed - b.seed);
}

/** The recipe of each regime, once. */
const recipesOf = (cells: readonly StudyCell[]): Study["recipes"] => [
  ...new Map(
    cells.map(({ regime, manifest: { recipe, dataset } }) => [regime, { regime, recipe, dataset }] as const),
  ).values(),
];

const nameOf = ({ regime, variant, seed }: CellSettings) => `${regime.slug} ${variant} seed ${seed}`;
const fileOf = ({ regime, variant, seed }: CellSettings) => `${regime.slug}.${variant}.${seed}.json.gz`;

/** A finished cell; null where there is none, or where its settings were different. */
async function readCell(path: string, settingsHash: string): Promise<StudyCell | null> {
  const file = await readFile(path).catch(() => null);
  if (file === null) return null;
  try {
    const cell = studyCellSchema.parse(JSON.parse(gunzipSync(file).toString()));
    return cell.settingsHash === settingsHash ? cell : null;
  } catch {
    return null; // damaged: run again
  }
}

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

function thisMachine(): Study["machine"] {
  const processors = cpus();
  return {
    processor: repairText(processors[0]?.model ?? "", 256) || arch(),
    cores: Math.max(1, processors.length),
    memoryGiB: Math.round((10 * totalmem()) / 2 ** 30) / 10,
    system: `${type()} ${release()} ${arch()}`,
    node: process.versions.node,
  };
}
