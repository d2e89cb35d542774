/** One tab trains at a time: two would share the processor and distort each other's timings. */
const LOCK = "dmbench-training";

/** Settled once this tab no longer holds the lock. */
let released: Promise<unknown> = Promise.resolve();

/**
 * Takes the lock for as long as `until` is pending.
 * @returns false if another tab holds it; true if no tab does, or the browser has no locks
 */
export async function onlyTab(until: Promise<unknown>): Promise<boolean> {
  if (!navigator.locks) return true;
  return new Promise((resolve) => {
    released = navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
      resolve(lock !== null);
      if (lock) await until;
    });
  });
}

/** Whether another tab is training. Call it while this one is not; false if the browser has no locks. */
export async function anotherTabTrains(): Promise<boolean> {
  await released;
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some(({ name }) => name === LOCK);
}
