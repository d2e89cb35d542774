/** What the train page keeps in the browser. */
import type { Page } from "@playwright/test";

interface Stored {
  record?: Record<string, unknown>;
  /** Class ids by method. */
  predictions?: Record<string, number[]>;
  /** Of the last checkpoint; 0 before the first. */
  step: number;
}

/** The first entry of one of the browser's stores; null if there is none. */
export const stored = (page: Page, name: "unpublished-runs" | "training-under-way"): Promise<Stored | null> =>
  page.evaluate(async (store) => {
    const settled = <Result>(request: IDBRequest<Result>) =>
      new Promise<Result>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    if (!(await indexedDB.databases()).some((database) => database.name === "dmbench")) return null;
    const database = await settled(indexedDB.open("dmbench"));
    const [entry] = await settled(database.transaction(store).objectStore(store).getAll());
    database.close();
    if (!entry) return null;
    const { record, predictions = {}, checkpoint } = entry;
    return {
      record,
      predictions: Object.fromEntries(Object.entries(predictions).map(([key, ids]) => [key, [...(ids as Uint8Array)]])),
      step: checkpoint?.run.step ?? 0,
    };
  }, name);
