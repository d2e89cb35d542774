/** The page's IndexedDB: finished runs that are not published, and the checkpoint of an unfinished training. */
const DATABASE = "dmbench";
const VERSION = 2;

/** Object stores with their key. */
const stores = { "unpublished-runs": "idempotencyKey", "training-under-way": "name" } as const;

/** Null if storage is blocked or full: the page works without it, and only a reload loses something. */
export async function within<Result>(
  name: keyof typeof stores,
  mode: IDBTransactionMode,
  request: (store: IDBObjectStore) => IDBRequest,
): Promise<Result | null> {
  try {
    const opening = indexedDB.open(DATABASE, VERSION);
    opening.onupgradeneeded = () => {
      for (const [store, keyPath] of Object.entries(stores))
        if (!opening.result.objectStoreNames.contains(store)) opening.result.createObjectStore(store, { keyPath });
    };
    const database = await settled<IDBDatabase>(opening);
    try {
      return await settled<Result>(request(database.transaction(name, mode).objectStore(name)));
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
