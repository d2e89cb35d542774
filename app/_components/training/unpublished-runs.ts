/**
 * Finished runs that are not published yet, saved in the browser so that a reload or a redirect to sign in loses none.
 */
import { within } from "./browser-store";
import type { Finished } from "./progress";

const STORE = "unpublished-runs";

/** Every unpublished run, in the order they finished; empty if storage is blocked. */
async function allRuns(): Promise<Finished[]> {
  const rows = (await within<(Finished & { at: number })[]>(STORE, "readonly", (store) => store.getAll())) ?? [];
  return rows.sort((a, b) => a.at - b.at).map(({ at: _at, ...run }) => run);
}

/** Those of a lent machine, which still wait to be sent. */
export const loadLentRuns = async (): Promise<Finished[]> => (await allRuns()).filter(({ lent }) => lent);

/** Those of the latest training on /train. */
export async function loadUnpublishedRuns(): Promise<Finished[]> {
  const runs = (await allRuns()).filter(({ lent }) => !lent);
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
