/** What a site does about dumps in the background: it writes its own each day, or follows another site's. */
import "server-only";
import { artifacts } from "../artifacts";
import { OperationError } from "../backup/operation-error";
import { Coalescer } from "../coalescer";
import { database, openedDatabase } from "../database/client";
import { env, writesDumps } from "../env";

const working = new Coalescer<void>();

/** How often a mirror asks the other site for a newer dump, in ms. */
const askEveryMs = 3_600_000;

let askedAt = -Infinity;

/** Does what is due; an error is logged, and what failed is tried again in an hour. May be called at any time. */
export const doDailyWork = (): Promise<void> =>
  working.run("", async () => {
    const { DMBENCH_MIRROR_OF } = env();
    try {
      if (DMBENCH_MIRROR_OF && performance.now() - askedAt >= askEveryMs) {
        askedAt = performance.now();
        const { follow } = await import("./follow"); // what most processes never need is loaded late
        const date = await follow(DMBENCH_MIRROR_OF, openedDatabase());
        if (date) console.log(`Mirror of ${DMBENCH_MIRROR_OF}: now as of ${date.toISOString()}`);
      }
      if (writesDumps()) {
        const today = new Date().toISOString().slice(0, 10);
        const { storeDump } = await import("./nightly");
        if (await storeDump(today, { db: database(), store: artifacts() })) console.log(`Dump of ${today}: stored`);
      }
    } catch (error) {
      const what = DMBENCH_MIRROR_OF ? "Mirror:" : "Dump:";
      console.error(what, error instanceof OperationError ? error.message : error);
    }
  });

/** From now on, a mirror asks for newer dumps: it has no worker that would. */
export function followInBackground(): void {
  if (!env().DMBENCH_MIRROR_OF) return;
  void doDailyWork();
  setInterval(() => void doDailyWork(), 60_000).unref();
}
