/**
 * Runs a study: cells in parallel, in separate processes. Each finished cell is written at once, so that it survives
 * any interruption.
 */
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { arch, availableParallelism, cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { policyHash, staticSweep } from "@/lib/dmbn/policy";
import type { Study, StudyCell, Variant } from "@/lib/records";
import { DMBENCH_VERSION, repairText, studyCellSchema } from "@/lib/records";
import { planRun } from "@/lib/training";
import type { BackendWish } from "../backend-names";
import { openDataset } from "../data-folders";
import { checkingSettings, Failure } from "../exit";
import { prepareFolder, writeWhole } from "../output";
import type { Terminal } from "../terminal";
import { duration } from "../terminal";
import type { CellSettings, Progress } from "./cell";
import { policiesOf } from "./cell";
import { writeStudy } from "./report";
import type { Regime } from "./suites";
import { summarizeStudy } from "./summary";
import type { Job, JobMessage } from "./worker";

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
  await inProcesses(
    missing,
    { jobs, backend, terminal, threads: threads ?? threadsFor(Math.min(jobs, missing.length)) },
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

interface Listeners {
  done(cell: CellSettings, result: StudyCell): Promise<void>;
  failed(cell: CellSettings, message: string): void;
  progress(cell: CellSettings, progress: Progress): void;
}

/** An equal share of the cores for each of `jobs`. */
const threadsFor = (jobs: number) => Math.max(1, Math.floor(availableParallelism() / Math.max(1, jobs)));

/** Distributes cells over worker processes. When the signal aborts, ends them and throws its reason. */
async function inProcesses(
  cells: readonly CellSettings[],
  { jobs, threads, backend, terminal }: { jobs: number; threads: number; backend: BackendWish; terminal: Terminal },
  listeners: Listeners,
): Promise<void> {
  const queue = [...cells];
  const children = new Set<ChildProcess>();
  const end = () => {
    for (const child of children) child.kill("SIGKILL");
  };
  terminal.signal.addEventListener("abort", end);
  const lane = async () => {
    let child: ChildProcess | null = null;
    for (let cell = queue.shift(); cell && !terminal.signal.aborted; cell = queue.shift()) {
      if (!child?.connected) {
        child = fork(fileURLToPath(new URL("./worker.ts", import.meta.url)), {
          execArgv: ["--import", "tsx"],
          stdio: ["ignore", "ignore", "inherit", "ipc"],
        });
        children.add(child);
      }
      const result = await outcome(child, { ...cell, backend, threads }, (progress) =>
        listeners.progress(cell!, progress),
      );
      if (terminal.signal.aborted) break;
      if (result.kind === "done") await listeners.done(cell, result.cell);
      else listeners.failed(cell, result.message);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(jobs, cells.length) }, lane));
    terminal.signal.throwIfAborted();
  } finally {
    terminal.signal.removeEventListener("abort", end);
    end();
  }
}

/** The outcome of one job. A process that exits before it reports has failed. */
function outcome(
  child: ChildProcess,
  job: Job,
  onProgress: (progress: Progress) => void,
): Promise<Exclude<JobMessage, { kind: "progress" }>> {
  return new Promise((resolve) => {
    const settle = (result: Exclude<JobMessage, { kind: "progress" }>) => {
      child.off("message", receive).off("exit", exited);
      resolve(result);
    };
    const receive = (sent: unknown) => {
      const message = sent as JobMessage;
      if (message.kind === "progress") onProgress(message.progress);
      else settle(message);
    };
    const exited = (code: number | null, signal: string | null) =>
      settle({
        kind: "failed",
        message: `its process ended (${signal ?? `exit code ${code}`}); it may have run out of memory`,
      });
    child.on("message", receive).on("exit", exited);
    child.send(job);
  });
}
