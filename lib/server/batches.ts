/**
 * Performs calls in batches: one batch runs at a time, and calls that arrive in the meantime share the next one. A burst
 * takes few statements, and a single call is performed immediately.
 */
import "server-only";
import { Coalescer } from "./coalescer";

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/** `On` is what they share, such as a database: batches of different ones don't wait for each other. */
export class Batches<On extends object, Item, Result> {
  readonly #queues = new WeakMap<On, Waiting<Item, Result>[]>();
  readonly #running = new Coalescer<void>();

  /**
   * @param perform the result of each item, in their order. If it throws, each item is performed again alone, so that one
   *   that fails doesn't fail the others
   * @param most items of one batch
   */
  constructor(
    private readonly perform: (on: On, items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly most = 64,
  ) {}

  /** The result of an item, from a batch that begins after this call. */
  add(on: On, item: Item): Promise<Result> {
    const queue = this.#queues.get(on) ?? [];
    this.#queues.set(on, queue);
    const result = new Promise<Result>((resolve, reject) => queue.push({ item, resolve, reject }));
    void this.#running.run(on, async () => {
      while (queue.length > 0) await this.settle(on, queue.splice(0, this.most));
    });
    return result;
  }

  /** Never throws: every item's promise gets its own outcome. */
  private async settle(on: On, batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.perform(
        on,
        batch.map(({ item }) => item),
      );
      for (const [index, { resolve }] of batch.entries()) resolve(results[index]!);
    } catch (error) {
      if (batch.length === 1) batch[0]!.reject(error);
      else for (const waiting of batch) await this.settle(on, [waiting]);
    }
  }
}
