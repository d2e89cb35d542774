/** Long work that yields to the event loop, so that Ctrl-C and messages from other processes get through. */
import { setImmediate } from "node:timers/promises";

/** The values of `work`, with a turn of the event loop after each. */
export async function* yieldToEventLoop<Value>(work: AsyncIterable<Value>): AsyncGenerator<Value, void, void> {
  for await (const value of work) {
    yield value;
    await setImmediate();
  }
}
