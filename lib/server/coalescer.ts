/**
 * Coalesces calls: work that many ask for at once runs one at a time, and everyone who asks while it runs shares the
 * next run. Nobody gets the result of a run that began before they asked.
 */
import "server-only";
import { setTimeout } from "node:timers/promises";

export class Coalescer<Result> {
  readonly #running = new Map<unknown, { ended: Promise<void>; next: Promise<Result> | null }>();

  /** @param pauseAfter milliseconds to pause after a run that took `workMs`, before the next one */
  constructor(private readonly pauseAfter: (workMs: number) => number = () => 0) {}

  /** Whether work under this key would begin at once. */
  isIdle(key: unknown): boolean {
    return !this.#running.has(key);
  }

  /**
   * The result of `work`, run now or as soon as the current run has ended.
   * @param key runs of one key share; others don't wait for each other. Compared as a Map compares its keys
   */
  run(key: unknown, work: () => Promise<Result>): Promise<Result> {
    const current = this.#running.get(key);
    if (current) {
      current.next ??= current.ended.then(() => this.run(key, work));
      return current.next;
    }
    const start = performance.now();
    const result = work();
    const end = async () => {
      const pause = this.pauseAfter(performance.now() - start);
      if (pause > 0) await setTimeout(pause);
      this.#running.delete(key);
    };
    this.#running.set(key, { ended: result.then(end, end), next: null });
    return result;
  }
}
