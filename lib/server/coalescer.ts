/**
 * Coalesces concurrent calls: runs happen one at a time, and all calls made before a run starts share it. A call never
 * gets the result of a run that started before it.
 */
import "server-only";
import { setImmediate } from "node:timers/promises";

interface Run<Result> {
  begun: boolean;
  result: Promise<Result>;
  ended: Promise<void>;
  next: Promise<Result> | null;
}

export class Coalescer<Result> {
  readonly #runs = new Map<unknown, Run<Result>>();

  /** Whether no run of this key is active or waiting. */
  isIdle(key: unknown): boolean {
    return !this.#runs.has(key);
  }

  /**
   * The result of `work`, run in the next turn of the event loop or once the current run has ended.
   * @param key calls with the same key share runs; different keys don't wait for each other. Compared like Map keys
   */
  run(key: unknown, work: () => Promise<Result>): Promise<Result> {
    const current = this.#runs.get(key);
    if (current && !current.begun) return current.result;
    if (current) {
      current.next ??= current.ended.then(() => this.run(key, work));
      return current.next;
    }
    const begin = async () => {
      await setImmediate(); // callers woken in the same turn share a run
      run.begun = true;
      return work();
    };
    const end = () => void this.#runs.delete(key);
    const run: Run<Result> = { begun: false, result: begin(), ended: Promise.resolve(), next: null };
    run.ended = run.result.then(end, end);
    this.#runs.set(key, run);
    return run.result;
  }
}
