/** The worker process of a study: runs its cells. */
import type { Dataset } from "@/lib/datasets";
import type { StudyCell } from "@/lib/records";
import type { BackendChoice } from "@/lib/runtime";
import { startBackendInNode } from "../backend";
import type { BackendWish } from "../backend-names";
import { openDataset } from "../data-folders";
import { quietTerminal, serveJobs } from "../worker-process";
import type { CellSettings, Progress } from "./cell";
import { runCell } from "./cell";

export type Job = CellSettings & {
  backend: BackendWish;
  /** For WASM. */
  threads: number;
};

let backend: BackendChoice | undefined;
let dataset: Dataset | undefined;

serveJobs<Job, Progress, StudyCell>(async function* ({ backend: wanted, threads, ...settings }) {
  backend ??= await startBackendInNode(wanted, { now: () => performance.now(), threads });
  const { recipe } = settings.regime;
  if (dataset?.info.slug !== recipe.dataset) dataset = await openDataset(recipe.dataset, quietTerminal);
  return yield* runCell(settings, dataset, backend, () => performance.now());
});
