/**
 * A worker process that runs cells of a study, one after another, as its parent sends them. A cell that crashes its
 * process leaves the others running.
 */
import type { Dataset } from "@/lib/datasets";
import type { StudyCell } from "@/lib/records";
import type { BackendChoice } from "@/lib/runtime";
import { startBackendInNode } from "../backend";
import type { BackendWish } from "../backend-names";
import { openDataset } from "../data-folders";
import { outliveReaders } from "../streams";
import type { CellSettings, Progress } from "./cell";
import { runCell } from "./cell";

export type Job = CellSettings & {
  backend: BackendWish;
  /** For WASM. */
  threads: number;
};
export type JobMessage =
  | { kind: "progress"; progress: Progress }
  | { kind: "done"; cell: StudyCell }
  | { kind: "failed"; message: string };

outliveReaders();

const post = (message: JobMessage) => process.send!(message);
const never = new AbortController().signal;
const quiet = { err: (text: string) => process.stderr.write(text), progress: () => {}, signal: never };

let backend: BackendChoice | undefined;
let dataset: Dataset | undefined;

async function work({ backend: wanted, threads, ...settings }: Job): Promise<void> {
  try {
    backend ??= await startBackendInNode(wanted, { now: () => performance.now(), threads });
    const { recipe } = settings.regime;
    if (dataset?.info.slug !== recipe.dataset) dataset = await openDataset(recipe.dataset, quiet);
    for await (const event of runCell(settings, dataset, backend, () => performance.now()))
      post("stage" in event ? { kind: "progress", progress: event } : { kind: "done", cell: event });
  } catch (error) {
    post({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

process.on("SIGINT", () => {}); // the parent decides
process.on("disconnect", () => process.exit());
process.on("message", (job) => void work(job as Job));
