/** Long work that yields, on a process that must hear of other things meanwhile: Ctrl-C, or another process. */
import { setImmediate } from "node:timers/promises";

/** The values of `work`, with a turn of the event loop after each. */
export async function* inTurns<Value>(work: AsyncIterable<Value>): AsyncGenerator<Value, void, void> {
  for await (const value of work) {
    yield value;
    await setImmediate();
  }
}
