/** Notifies listeners in this process when the scoring of policies changes. */
import "server-only";

// On globalThis: a server has several copies of this module, one per bundle.
const shared = globalThis as typeof globalThis & { dmbenchScoringListeners?: Set<() => void> };
shared.dmbenchScoringListeners ??= new Set();
const listeners = shared.dmbenchScoringListeners;

export const scoringChanged = {
  /** Resolves every pending `next`. */
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
