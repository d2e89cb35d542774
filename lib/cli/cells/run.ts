/**
 * Runs cells in parallel, in separate processes. Each finished cell is written at once, so that it survives any
 * interruption, and is not run again.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { z } from "zod";
import type { BackendWish } from "../backend-names";
import { Failure } from "../exit";
import { prepareFolder, writeWhole } from "../output";
import { inProcesses, threadsFor } from "../processes";
import type { Terminal } from "../terminal";
import { duration } from "../terminal";
import type { CellSettings } from "./plan";
import { fileOf, nameOf } from "./plan";
import type { Job, Progress } from "./worker";

/** How cells are run, as the command's options say. */
export interface HowToRun {
  backend: BackendWish;
  /** Cells at once. */
  jobs: number;
  /** Of each job, for WASM. Default: its share of the cores. */
  threads?: number | undefined;
  /** Runs nothing: takes the cells that are finished. */
  summarize: boolean;
  /** The cells are kept in its folder `cells`. */
  out: string;
}

interface Cells<Cell> {
  settings: readonly CellSettings[];
  schema: z.ZodType<Cell>;
  /** The module that runs them: it calls `serveCells`. */
  program: URL;
  /** A finished cell in one line. */
  lineOf(cell: Cell): string;
  /** Writes what is made of all finished cells, in the order of `settings`; returns the paths. */
  write(cells: readonly Cell[]): Promise<string[]>;
}

/** Runs the missing cells, then has the files written. A failed cell fails the command after the others are done. */
export async function runCells<Cell extends { settingsHash: string }>(
  { settings, schema, program, lineOf, write }: Cells<Cell>,
  { backend, jobs, threads, summarize, out }: HowToRun,
  terminal: Terminal,
): Promise<void> {
  const folder = join(out, "cells");
  await prepareFolder(folder);
  const finished = new Map<string, Cell>();
  for (const cell of settings) {
    const earlier = await readCell(join(folder, fileOf(cell)), schema, cell.settingsHash);
    if (earlier) finished.set(nameOf(cell), earlier);
  }
  const missing = summarize ? [] : settings.filter((cell) => !finished.has(nameOf(cell)));
  const parallel = missing.length > 0 ? `, ${Math.min(jobs, missing.length)} at once` : "";
  terminal.out(`${settings.length} cells: ${finished.size} done before, ${missing.length} to run${parallel}.\n`);

  const failures: string[] = [];
  const from = terminal.now();
  let run = 0;
  const each = { backend, threads: threads ?? threadsFor(Math.min(jobs, missing.length)) };
  await inProcesses<CellSettings, Job, Progress, Cell>(
    missing,
    { program, processes: jobs, jobOf: (cell) => ({ ...cell, ...each }), signal: terminal.signal },
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
  for (const file of await write(cells)) terminal.err(`wrote ${file}\n`);
  if (failures.length > 0)
    throw new Failure(`${failures.length} of ${settings.length} cells failed; the same command tries them again.`);
}

/** A finished cell; null where there is none, or where its settings were different. */
async function readCell<Cell extends { settingsHash: string }>(
  path: string,
  schema: z.ZodType<Cell>,
  settingsHash: string,
): Promise<Cell | null> {
  const file = await readFile(path).catch(() => null);
  if (file === null) return null;
  try {
    const cell = schema.parse(JSON.parse(gunzipSync(file).toString()));
    return cell.settingsHash === settingsHash ? cell : null;
  } catch {
    return null; // damaged: run again
  }
}
