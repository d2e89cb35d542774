/**
 * What was made from a board, cached in this process for as long as the board doesn't change: nearly every visitor
 * asks for one of a few views. Callers who ask for the same thing at once share one computation.
 */
import "server-only";
import { LRUCache } from "lru-cache";

const boardCache = new LRUCache<string, object, () => Promise<object>>({
  max: 400, // a page of a hundred rows takes about 200 kB
  fetchMethod: (_key, _stale, { context: compute }) => compute(),
  ignoreFetchAbort: true, // a computation that is evicted before its end still answers those who wait for it
});

/**
 * What `compute` gives, computed once for each revision of a board.
 * @param revision from `findBoard`: names the board and its state, so an outdated value is never returned
 * @param key everything else that the value depends on
 * @returns the same object for every caller: don't change it
 */
export const cached = <Value extends object>(
  revision: string,
  key: string,
  compute: () => Promise<Value>,
): Promise<Value> => boardCache.forceFetch(`${revision} ${key}`, { context: compute }) as Promise<Value>;
