/** Finished runs that are not published yet, kept by the browser so that a reload or a sign-in elsewhere loses none. */
import type { Finished } from "./progress";

const DATABASE = "dmbench";
const STORE = "unpublished-runs";

/** Those of the latest training that was not published, in the order they finished; none where the browser keeps nothing. */
export async function keptRuns(): Promise<Finished[]> {
  const rows = (await within<(Finished & { at: number })[]>("readonly", (store) => store.getAll())) ?? [];
  const runs = rows.sort((a, b) => a.at - b.at).map(({ at: _at, ...run }) => run);
  return runs.filter((run) => trainingOf(run) === trainingOf(runs.at(-1)!));
}

/** Runs of one press share recipe and seed. */
const trainingOf = ({ record: { benchmark, manifest } }: Finished): string => JSON.stringify([benchmark, manifest.recipe, manifest.seed]);

export async function keepRun(run: Finished): Promise<void> {
  await within("readwrite", (store) => store.put({ ...run, at: Date.now() }));
}

/** After publishing, or where the user gives it up. */
export async function forgetRun(idempotencyKey: string): Promise<void> {
  await within("readwrite", (store) => store.delete(idempotencyKey));
}

/** Null where storage is blocked or full: the page works without, and only a reload loses the run. */
async function within<Result>(mode: IDBTransactionMode, request: (store: IDBObjectStore) => IDBRequest): Promise<Result | null> {
  try {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "idempotencyKey" });
    const database = await settled<IDBDatabase>(opening);
    try {
      return await settled<Result>(request(database.transaction(STORE, mode).objectStore(STORE)));
    } finally {
      database.close();
    }
  } catch {
    return null;
  }
}

function settled<Result>(request: IDBRequest): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as Result);
    request.onerror = () => reject(request.error);
  });
}
