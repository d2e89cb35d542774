/** Finished runs that are not published yet, saved in the browser so that no reload or sign-in elsewhere loses one. */
import { within } from "./browser-store";
import type { Finished } from "./progress";

const STORE = "unpublished-runs";

/**
 * Those of the latest training that was not published, in the order they finished; none where the browser keeps
 * nothing.
 */
export async function loadUnpublishedRuns(): Promise<Finished[]> {
  const rows = (await within<(Finished & { at: number })[]>(STORE, "readonly", (store) => store.getAll())) ?? [];
  const runs = rows.sort((a, b) => a.at - b.at).map(({ at: _at, ...run }) => run);
  return runs.filter((run) => trainingOf(run) === trainingOf(runs.at(-1)!));
}

/** Runs of one press share recipe and seed. */
const trainingOf = ({ record: { benchmark, manifest } }: Finished): string =>
  JSON.stringify([benchmark, manifest.recipe, manifest.seed]);

export async function saveUnpublishedRun(run: Finished): Promise<void> {
  await within(STORE, "readwrite", (store) => store.put({ ...run, at: Date.now() }));
}

/** After publishing, or where the user gives it up. */
export async function deleteUnpublishedRun(idempotencyKey: string): Promise<void> {
  await within(STORE, "readwrite", (store) => store.delete(idempotencyKey));
}
