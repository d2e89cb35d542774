/**
 * Caches values computed from a board, in this process, until the board changes: most visitors ask for one of a few
 * views. Concurrent requests for the same value share one computation.
 */
import "server-only";
import { LRUCache } from "lru-cache";

const boardCache = new LRUCache<string, object, () => Promise<object>>({
  max: 400, // a page of a hundred rows takes about 200 kB
  fetchMethod: (_key, _stale, { context: compute }) => compute(),
  ignoreFetchAbort: true, // a computation evicted before it finishes still answers its waiters
});

/**
 * The value of `compute`, computed once per revision of a board.
 * @param revision from `findBoard`: identifies the board and its state, so a stale value is never returned;
 *   `bumpRevisions` invalidates by changing it
 * @param key everything else that the value depends on
 * @returns the same object for every caller: don't mutate it
 */
export const cached = <Value extends object>(
  revision: string,
  key: string,
  compute: () => Promise<Value>,
): Promise<Value> => boardCache.forceFetch(`${revision} ${key}`, { context: compute }) as Promise<Value>;
