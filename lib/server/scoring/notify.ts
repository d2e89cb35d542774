/**
 * Tells whoever waits in this process that something was scored. On globalThis: a server keeps several copies of this
 * module.
 */
import "server-only";

const shared = globalThis as typeof globalThis & { dmbenchNews?: Set<() => void> };
const listeners = (shared.dmbenchNews ??= new Set());

export function tellNews(): void {
  const waiting = [...listeners];
  listeners.clear();
  for (const resume of waiting) resume();
}

/** Resolves at the next news, or after `timeoutMs`: other processes score too. */
export function nextNews(timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const resume = () => {
      clearTimeout(timer);
      listeners.delete(resume);
      resolve();
    };
    const timer = setTimeout(resume, timeoutMs);
    listeners.add(resume);
  });
}
