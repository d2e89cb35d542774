/**
 * A process that runs cells of a study, one after the other, as its parent
 * sends them: cells run side by side, and one that takes the process down
 * takes nothing else with it.
 */
import type { Dataset } from "@/lib/datasets";
import type { StudyCell } from "@/lib/records";
import type { BackendChoice } from "@/lib/runtime";
import { startBackendInNode } from "../backend";
import type { BackendWish } from "../backend-names";
import { openDataset } from "../data-folders";
import type { CellSettings, Progress } from "./cell";
import { runCell } from "./cell";

export type Job = CellSettings & { backend: BackendWish /** Of WASM. */; threads: number };
export type JobReport =
  | { kind: "progress"; progress: Progress }
  | { kind: "done"; cell: StudyCell }
  | { kind: "failed"; message: string };

const tell = (report: JobReport) => process.send!(report);
const never = new AbortController().signal;
const quiet = { err: (text: string) => process.stderr.write(text), progress: () => {}, signal: never };

let backend: BackendChoice | undefined;
let dataset: Dataset | undefined;

async function work({ backend: wanted, threads, ...settings }: Job): Promise<void> {
  try {
    backend ??= await startBackendInNode(wanted, { now: () => performance.now(), threads });
    const { recipe } = settings.regime;
    if (dataset?.info.slug !== recipe.dataset) dataset = await openDataset(recipe.dataset, quiet);
    for await (const report of runCell(settings, dataset, backend, () => performance.now()))
      tell("stage" in report ? { kind: "progress", progress: report } : { kind: "done", cell: report });
  } catch (error) {
    tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

process.on("SIGINT", () => {}); // the parent decides
process.on("disconnect", () => process.exit());
process.on("message", (job) => void work(job as Job));
