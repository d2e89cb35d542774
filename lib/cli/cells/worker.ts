/** A worker process that runs cells: keeps its backend and the last data set from one to the next. */
import type { Dataset } from "@/lib/datasets";
import type { BackendChoice } from "@/lib/runtime";
import { startBackendInNode } from "../backend";
import type { BackendWish } from "../backend-names";
import { openDataset } from "../data-folders";
import { quietTerminal, serveJobs } from "../worker-process";
import type { CellSettings } from "./plan";

export type Job = CellSettings & {
  backend: BackendWish;
  /** For WASM. */
  threads: number;
};

/** Progress of a cell. */
export interface Progress {
  stage: "training" | "scoring";
  /** Fraction of the stage, from 0 to 1. */
  fraction: number;
  /** Estimated time until the stage ends. */
  secondsLeft: number;
}

/** What runs a cell, yielding its progress. @param now a clock in milliseconds */
export type RunCell<Cell> = (
  settings: CellSettings,
  dataset: Dataset,
  backend: BackendChoice,
  now: () => number,
) => AsyncGenerator<Progress, Cell, void>;

/** Serves the cells that the parent sends, one after another. */
export function serveCells<Cell>(runCell: RunCell<Cell>): void {
  let backend: BackendChoice | undefined;
  let dataset: Dataset | undefined;
  serveJobs<Job, Progress, Cell>(async function* ({ backend: wanted, threads, ...settings }) {
    backend ??= await startBackendInNode(wanted, { now: () => performance.now(), threads });
    const { recipe } = settings.regime;
    if (dataset?.info.slug !== recipe.dataset) dataset = await openDataset(recipe.dataset, quietTerminal);
    return yield* runCell(settings, dataset, backend, () => performance.now());
  });
}
