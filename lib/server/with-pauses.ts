/** Long computations of the site's own process, in parts. */
import "server-only";
import { setImmediate } from "node:timers/promises";

/** Runs a generator to its end, yielding to the event loop every 4 ms. */
export async function withPauses<Result>(parts: Generator<void, Result>): Promise<Result> {
  for (let start = performance.now(); ; ) {
    const part = parts.next();
    if (part.done) return part.value;
    if (performance.now() - start < 4) continue;
    await setImmediate();
    start = performance.now();
  }
}
