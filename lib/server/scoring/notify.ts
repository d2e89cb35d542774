/** Wakes whoever in this process waits for a change in the scoring of policies. */
import "server-only";

// On globalThis: a server keeps several copies of this module, one per bundle.
const shared = globalThis as typeof globalThis & { dmbenchScoringListeners?: Set<() => void> };
shared.dmbenchScoringListeners ??= new Set();
const listeners = shared.dmbenchScoringListeners;

export const scoringChanged = {
  /** Wakes everyone who waits for `next`. */
  notify(): void {
    const waiting = [...listeners];
    listeners.clear();
    for (const wake of waiting) wake();
  },

  /** Resolves at the next `notify`, or after `timeoutMs`: another process may be the one that scores. */
  next(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        listeners.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      listeners.add(wake);
    });
  },
};
