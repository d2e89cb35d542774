/**
 * Finished runs that are not published yet, saved in the browser so that a reload or a redirect to sign in loses none.
 */
import { within } from "./browser-store";
import type { Finished } from "./progress";

const STORE = "unpublished-runs";

/** Unpublished runs of the latest training, in the order they finished; empty if storage is blocked. */
export async function loadUnpublishedRuns(): Promise<Finished[]> {
  const rows = (await within<(Finished & { at: number })[]>(STORE, "readonly", (store) => store.getAll())) ?? [];
  const runs = rows.sort((a, b) => a.at - b.at).map(({ at: _at, ...run }) => run);
  return runs.filter((run) => trainingOf(run) === trainingOf(runs.at(-1)!));
}

/** Identifies a training: its runs share benchmark, recipe and seed. */
const trainingOf = ({ record: { benchmark, manifest } }: Finished): string =>
  JSON.stringify([benchmark, manifest.recipe, manifest.seed]);

export async function saveUnpublishedRun(run: Finished): Promise<void> {
  await within(STORE, "readwrite", (store) => store.put({ ...run, at: Date.now() }));
}

/** Call it after publishing, or when the user discards the run. */
export async function deleteUnpublishedRun(idempotencyKey: string): Promise<void> {
  await within(STORE, "readwrite", (store) => store.delete(idempotencyKey));
}
