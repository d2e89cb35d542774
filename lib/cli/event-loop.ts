/** Long work that yields to the event loop, so that Ctrl-C and messages from other processes get through. */
import { setImmediate } from "node:timers/promises";

/** The values of `work`, with a turn of the event loop after each; returns what it returns. */
export async function* yieldToEventLoop<Value, Result>(
  work: AsyncGenerator<Value, Result, void>,
): AsyncGenerator<Value, Result, void> {
  try {
    for (;;) {
      const step = await work.next();
      if (step.done) return step.value;
      yield step.value;
      await setImmediate();
    }
  } finally {
    await work.return(undefined as Result); // where the loop is left before the end
  }
}
