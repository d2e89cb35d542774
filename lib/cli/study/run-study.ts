/**
 * Runs a study: cells in parallel, in separate processes. Each finished cell is written at once, so that it survives
 * any interruption.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { arch, cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { policyHash, staticSweep } from "@/lib/dmbn/policy";
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
import { policiesOf } from "./cell";
import { writeStudy } from "./report";
import type { Regime } from "./suites";
import { summarizeStudy } from "./summary";
import type { Job } from "./worker";

export interface StudySettings {
  suite: string;
  command: string;
  regimes: readonly Regime[];
  variants: readonly Variant[];
  seeds: readonly number[];
  backend: BackendWish;
  jobs: number;
  /** Of each job, for WASM. Default: its share of the cores. */
  threads?: number | undefined;
  out: string;
}

/** Runs the missing cells and writes the study's files. A failed cell fails the study after the others are done. */
export async function runStudy(
  { suite, command, regimes, variants, seeds, backend, jobs, threads, out }: StudySettings,
  terminal: Terminal,
): Promise<void> {
  const folder = join(out, "cells");
  await prepareFolder(folder);
  const settings = await planCells(regimes, variants, seeds, terminal);
  const finished = new Map<string, StudyCell>();
  for (const cell of settings) {
    const earlier = await readCell(join(folder, fileOf(cell)), cell.settingsHash);
    if (earlier) finished.set(nameOf(cell), earlier);
  }
  const missing = settings.filter((cell) => !finished.has(nameOf(cell)));
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
        await writeWhole(join(folder, fileOf(cell)), text).catch((error: unknown) => {
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
  if (cells.length === 0) throw new Failure(`no cell could be run: ${failures[0]}`);
  const study: Study = {
    format: 1,
    command,
    suite,
    finishedAt: new Date().toISOString(),
    machine: thisMachine(),
    jobs,
    cells,
    summary: summarizeStudy(cells, staticSweep),
  };
  for (const file of await writeStudy(out, study)) terminal.err(`wrote ${file}\n`);
  if (failures.length > 0)
    throw new Failure(`${failures.length} of ${settings.length} cells failed; the same command tries them again.`);
}

/** Every cell of a study with its settings hash. Refuses a cell that can't be planned before anything is trained. */
async function planCells(
  regimes: readonly Regime[],
  variants: readonly Variant[],
  seeds: readonly number[],
  terminal: Terminal,
): Promise<CellSettings[]> {
  const cells: CellSettings[] = [];
  const slugs = [...new Set(regimes.map(({ recipe }) => recipe.dataset))];
  for (const slug of slugs) {
    const dataset = await openDataset(slug, terminal);
    for (const regime of regimes.filter(({ recipe }) => recipe.dataset === slug)) {
      const policies = policiesOf(regime).map(({ slug, document }) => [slug, policyHash(document)]);
      for (const variant of variants) {
        checkingSettings(() => planRun({ recipe: regime.recipe, variant, seed: 0, dataset }));
        for (const seed of seeds) {
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
  return cells;
}

const nameOf = ({ regime, variant, seed }: CellSettings) => `${regime.slug} ${variant} seed ${seed}`;
const fileOf = ({ regime, variant, seed }: CellSettings) => `${regime.slug}.${variant}.${seed}.json`;

/** A finished cell; null where there is none, or where its settings were different. */
async function readCell(path: string, settingsHash: string): Promise<StudyCell | null> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const cell = studyCellSchema.parse(JSON.parse(text));
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
    `best static ${accuracyOf(bestStatic.policy)} (${bestStatic.policy})`,
    `.9 ${accuracyOf("pytorch-default")}`,
    `.99 ${accuracyOf("keras-default")}`,
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
